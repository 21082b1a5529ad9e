//! A made-up second flow: an office tells of callers, tickets and notes, and a help desk is to hold them.
//!
//! Leads have no parents, no new object that can't be looked up, no limit for each ten seconds; the desk has them all.
//! [`DeskFlow`] is the flow in the world, [`Desk`] its twin, [`kinds`] are its rows of the table of fields, [`DeskTarget`] is how the engine writes to it.

mod deeds;
mod flow;
mod gate;
mod judge;
mod kinds;
mod office;
mod outside;
mod rules;
mod target;
#[cfg(test)]
mod tests;
mod troubles;
mod twin;
mod way;
mod work;

pub use flow::DeskFlow;
pub use kinds::{CALLER, DESK, NOTE, OFFICE, TICKET, arrival, kinds};
pub use target::DeskTarget;
pub use twin::{Desk, HOST, Violation};
pub use way::Way;
pub use work::{BATCH, work};
