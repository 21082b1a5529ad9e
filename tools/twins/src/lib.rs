//! Stand-ins ("twins") for the outside systems that Concord talks to.
//!
//! A twin speaks the vendor's real protocol and keeps its documented rules, limits and faults, so that
//! the product's clients and the vendors' own SDKs can be run against it. It imports nothing of the
//! product. Every twin has the same three doors:
//!
//! * [`Twin::call`], in process, and [`serve`], the same over HTTP;
//! * a *person's* doors (`insert_lead`, `update_row`, …) for what happens in the system without us;
//! * [`Faults`], to make it misbehave, and [`CallLog`], to see what it was asked.
//!
//! Nothing here reads a clock or a random source: time is given ([`Now`]), ids come from counters, maps
//! are ordered, so that one history gives one result.

pub mod accounts;
mod answer;
pub mod billing;
mod calls;
mod faults;
mod front;
mod journal;
pub mod netcash;
mod number;
mod params;
mod pattern;
mod serve;
mod stripe;
pub mod supabase;
mod times;
pub mod zoho;

pub use accounts::Accounts;
pub use billing::ZohoBilling;
pub use calls::{Call, CallLog};
pub use faults::{Effect, Faults, RuleId, When};
pub use front::{Lost, Now, Twin};
pub use netcash::Netcash;
pub use serve::serve;
pub use stripe::stripe_signature;
pub use supabase::Supabase;
pub use zoho::ZohoCrm;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic elsewhere: a test that failed must not hide what the twin saw.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
