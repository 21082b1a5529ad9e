//! Stripe's webhooks: the signature over the raw bytes, the event, and what an event says of money. Pure.
//!
//! Source of every wire fact: `docs/vendors.md`, part 7, named below by its numbers. Stripe delivers at least once and in
//! no order (§7.2): the event's id is the key, and a payment's id, amount and reference decide, not which event came first.

mod currency;
mod event;
mod payment;
mod signature;

pub use event::Event;
pub use payment::{Meaning, Payment, meaning};
pub use signature::{SignatureError, check};

#[cfg(test)]
mod tests;
