//! What is held is settled by a person: a link, an arrival, a field.

mod arrival;
mod field;
mod link;

pub use arrival::{Placed, place};
pub use field::{Settled, Value as FieldChoice, settle};
pub use link::{decide, waiting};

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is this one: for a link the system's id, for an arrival the record's.
    As(String),
    /// It is none of those: a new one.
    New,
    /// It is left out.
    Drop,
}
