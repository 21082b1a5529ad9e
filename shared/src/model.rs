//! What Concord keeps: records, links, receipts, and the words for how they stand. Pure: no vendor's words, no I/O.

mod link;
mod name;
mod outcome;
mod receipt;
mod record;
mod status;
mod value;

pub use link::{Chosen, Difference, Held, Intent, LastError, Link, SETTLE};
pub use name::{Class, Kind, RecordKey, System};
pub use outcome::Outcome;
pub use receipt::{MOST_SKEW, Receipt, Unsure};
pub use record::{Arrival, Record};
pub use status::{Event, Status, next};
pub use value::{Field, Fields, Patch, Patches, Value, decimal};
