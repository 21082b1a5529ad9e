//! How an attempt ended. Each outcome has one behaviour, one counter and one log line.

use super::RecordKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How one attempt to bring a system up to a record ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The system confirmed the write.
    Synced,
    /// The system already agreed; no call was made.
    Unchanged,
    /// A rule keeps this record out of the system.
    Skipped {
        /// The rule.
        rule: String,
    },
    /// Will be tried again.
    Retry {
        /// Not before this.
        at: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// Waits for its parent.
    Parked {
        /// The parent.
        on: RecordKey,
        /// What keeps the parent, if something does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Waits for a person.
    Held {
        /// What there is to decide.
        why: String,
    },
    /// Permanent until someone acts.
    Failed {
        /// The real error of this record.
        why: String,
    },
    /// The call may or may not have been acted upon.
    Unknown {
        /// What is known.
        why: String,
    },
}

impl Outcome {
    /// Why something failed that made us panic.
    pub const PANIC: &str = "panic";

    /// Whether a call that ended so may have been acted upon.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        match self {
            Self::Unknown { .. } => true,
            Self::Failed { why } => why.ends_with(Self::PANIC),
            _ => false,
        }
    }

    /// The outcome's name in logs, counters and on screen.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Unchanged => "unchanged",
            Self::Skipped { .. } => "skipped",
            Self::Retry { .. } => "retry",
            Self::Parked { .. } => "parked",
            Self::Held { .. } => "held",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The reason, where there is one.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Synced | Self::Unchanged => None,
            Self::Parked { why, .. } => why.as_deref(),
            Self::Skipped { rule } => Some(rule),
            Self::Retry { why, .. } | Self::Held { why } | Self::Failed { why } | Self::Unknown { why } => Some(why),
        }
    }
}
