//! A made-up second flow: an office tells of customers, tickets and notes, and a help desk is to hold them.
//!
//! Leads have no parents, no new object that can't be looked up, no limit for each ten seconds; the desk has them all.
//! [`Desk`] is its twin, [`kinds`] are its rows of the table of fields, [`DeskTarget`] is how the engine writes to it.

mod gate;
mod kinds;
mod rules;
mod target;
#[cfg(test)]
mod tests;
mod twin;
mod way;
mod work;

pub use kinds::{CUSTOMER, DESK, NOTE, OFFICE, TICKET, arrival, kinds};
pub use target::DeskTarget;
pub use twin::{Desk, HOST};
pub use way::Way;
pub use work::{BATCH, work};
