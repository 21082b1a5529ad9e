//! The outside systems: one folder each, with its client (HTTP), wire types and what its answers mean.
//!
//! A client is a struct with a base URL and one method per call that we make. It knows its vendor's field
//! names, limits and error codes, and nothing of records, links or the database. [`http`] is the only HTTP client.

pub mod http;
pub mod netcash;
mod said;
pub mod supabase;
pub mod zoho_accounts;
pub mod zoho_billing;
pub mod zoho_crm;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::time::Duration;

/// One remote object as its system shows it, under the vendor's own field names.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The system's id of the object, always a string.
    pub id: String,
    /// When the system last changed it.
    pub modified: Option<Timestamp>,
    /// When the system made it.
    pub created: Option<Timestamp>,
    /// When it was asked for, by our clock, as far as its reader says so.
    pub asked: Option<Timestamp>,
    /// Its fields as the system wrote them.
    pub fields: Map<String, Json>,
    /// Set when the system says that the object is no longer an ordinary one.
    pub gone: Option<Gone>,
}

impl Seen {
    /// The same, asked for at this time.
    #[must_use]
    pub fn asked_at(self, at: Timestamp) -> Self {
        Self {
            asked: Some(at),
            ..self
        }
    }
}

/// Why a remote object is no longer an ordinary one. It is marked, never propagated, never made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// Turned into something else (a Zoho lead into a contact).
    Converted,
    /// Deleted or in the recycle bin.
    Deleted,
}

/// A row of an answer that could not be read: it goes to quarantine, the rest go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The system's id of the object, if the row shows one.
    pub id: Option<String>,
    /// What is wrong with it; names fields, never their values.
    pub why: String,
}

/// One object to be written, under the vendor's own field names.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The system's id, when it is known; `None` makes a new object.
    pub id: Option<String>,
    /// The fields to set; `null` clears.
    pub fields: Map<String, Json>,
}

/// What a system confirmed of one write.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The system's id of the object.
    pub id: String,
    /// The modified time that the system gave it.
    pub modified: Option<Timestamp>,
    /// Whether the write made a new object or changed one that was there.
    pub action: Action,
    /// The object as it now is, where the system returns it.
    pub seen: Option<Map<String, Json>>,
    /// What a person must still decide of it, though it was written.
    pub held: Option<String>,
}

impl Written {
    /// The object as it now is, where the system returned it.
    #[must_use]
    pub fn shown(&self) -> Option<Seen> {
        Some(Seen {
            id: self.id.clone(),
            modified: self.modified,
            created: None,
            asked: None,
            fields: self.seen.clone()?,
            gone: None,
        })
    }

    /// The same, for a person to decide, unless it is that already.
    #[must_use]
    pub fn or_held(self, why: Option<String>) -> Self {
        Self {
            held: self.held.or(why),
            ..self
        }
    }
}

/// Whether a write made a new object or changed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new object.
    Inserted,
    /// One that was there.
    Updated,
}

/// Why a call, or one record of it, was not confirmed: each variant says what the caller does next.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The system as a whole asks for a pause (a limit): open the breaker. `wait` is the stated time, if one was stated.
    #[error("asked to wait: {why}")]
    Wait {
        /// The stated time; never cut short.
        wait: Option<Duration>,
        /// The vendor's own words.
        why: String,
    },
    /// Surely not acted upon; the same call may be made again later.
    #[error("{0}")]
    Later(String),
    /// No call was made: no slot is free now, or no time is left.
    #[error("not asked: {0}")]
    Unmade(&'static str),
    /// Acted upon, and one step nearer: what is still to be done is another call.
    #[error("one step done: {0}")]
    Stepped(&'static str),
    /// A read without an answer: surely nothing was changed, but the system may still be at work on it.
    #[error("no answer: {0}")]
    Silent(String),
    /// May or may not have been acted upon: look before anything is made again.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// The access token is not accepted: refresh it, once per token version.
    #[error("access refused: {0}")]
    Unauthorised(String),
    /// The remote object is not there any more.
    #[error("gone: {0}")]
    Gone(String),
    /// The object is already there under this id (when the system tells it).
    #[error("already there: {why}")]
    Exists {
        /// The system's id of the object that is already there.
        id: Option<String>,
        /// The vendor's own words.
        why: String,
    },
    /// Somebody changed the object since we last read it: read, merge, try again.
    #[error("changed since it was read: {0}")]
    Modified(String),
    /// A matter for a person (a locked or converted record).
    #[error("{0}")]
    Held(String),
    /// Will never be accepted as it is.
    #[error("refused: {0}")]
    Rejected(String),
    /// Our credentials or rights don't suffice: the system is switched off until a person acts.
    #[error("not permitted: {0}")]
    Forbidden(String),
    /// The position of a paged read is no longer good: begin the read again from the saved cursor.
    #[error("paging position lost: {0}")]
    Restart(String),
}

impl CallError {
    /// Whether there was no answer, so that the system may still be at work on the call.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Silent(_) | Self::Unknown(_))
    }
}
