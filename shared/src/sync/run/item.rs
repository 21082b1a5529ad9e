//! What is kept of a run, and of a job between its runs.

use crate::model::{Class, System};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// New records.
    pub created: u64,
    /// Records with a new version.
    pub updated: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    /// Arrivals that wait for a person.
    pub held: u64,
    /// Rows that could not be read or applied: kept in quarantine.
    pub failed: u64,
    /// Rows to be read again later.
    pub later: u64,
    /// Calls that a dry run expects to be needed.
    #[serde(default)]
    pub calls: u64,
}

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// `<job>.<ulid>`.
    pub id: String,
    /// The job: `billing_pull`, `portal_pull`, `zoho_crm_pull`.
    pub job: String,
    /// Live, or backfill.
    pub class: Class,
    /// `running`, `done`, `failed`.
    pub status: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The job's cursor before it.
    pub cursor_before: Option<Timestamp>,
    /// The job's cursor after it.
    pub cursor_after: Option<Timestamp>,
    /// What it did.
    pub counts: Counts,
    /// What went wrong last.
    pub error: Option<String>,
    /// Where it goes on: the source's own position.
    #[serde(with = "as_text")]
    pub position: serde_json::Value,
    /// When its first page was asked for: everything changed before then is in it.
    #[serde(default)]
    pub worked_from: Option<Timestamp>,
    /// Until when a worker has it.
    pub lease_until: Option<Timestamp>,
}

impl Run {
    /// Whether it only counts.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.position.get("dry").is_some_and(|it| *it == true)
    }

    /// Whether its source refused what was asked of it.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.status == FAILED
    }
}

/// The system that a pull reads.
#[must_use]
pub fn source(job: &str) -> System {
    match job {
        "billing_pull" => System::APP,
        "portal_pull" => System::PORTAL,
        _ => System::ZOHO_CRM,
    }
}

/// How a run stands whose source refuses what is asked of it.
pub(super) const FAILED: &str = "failed";

/// JSON kept as its text: its numbers have more digits than the table's own types keep.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A job's cursor: everything up to `at` is in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything changed up to then is in.
    pub at: Option<Timestamp>,
    /// The run under way.
    pub current: Option<String>,
    /// When a run of the job last ended well.
    pub finished_at: Option<Timestamp>,
    /// When that run asked for its first page.
    #[serde(default)]
    pub worked_from: Option<Timestamp>,
    /// Where the run under way begins: should whoever began it die before its row was written, another writes it.
    #[serde(default, with = "as_text", skip_serializing_if = "serde_json::Value::is_null")]
    pub position: serde_json::Value,
    /// When the last run failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
}

impl Cursor {
    /// The cursor when its run has ended: one that failed moves nothing.
    #[must_use]
    pub fn after(self, run: &Run) -> Self {
        let ended = Self {
            current: None,
            position: serde_json::Value::Null,
            ..self
        };
        if run.has_failed() {
            return Self {
                failed_at: run.finished_at,
                ..ended
            };
        }
        Self {
            at: ended.at.max(run.cursor_after),
            finished_at: run.finished_at,
            worked_from: run.worked_from,
            failed_at: None,
            ..ended
        }
    }
}
