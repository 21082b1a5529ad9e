//! The ledger: one row for each attempt, the record's slice of request and answer, kept 90 days. It is the sync log, too.

use crate::app::App;
use crate::model::{Fields, Outcome, RecordKey, System};
use crate::store::{Places, keys};
use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long attempts are kept: 90 days, in seconds.
const KEPT: i64 = 90 * 24 * 3600;

/// One attempt to bring a system up to a record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// The system.
    pub system: System,
    /// `create`, `update`, `adopt`, `note`.
    pub what: String,
    /// When it ended.
    pub at: Timestamp,
    /// The record's version that was sent.
    pub version: u64,
    /// What was sent, under Concord's names.
    pub sent: Fields,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The system's id of the object, if known.
    pub remote_id: Option<String>,
    /// Words for people, where the outcome has none.
    pub note: Option<String>,
}

/// Writes down an attempt under its id.
///
/// # Errors
/// When the table does not answer.
pub async fn write(app: &App, key: &RecordKey, id: &str, attempt: &Attempt) -> Result<()> {
    let day = attempt.at.strftime("%Y-%m-%d").to_string();
    let activity = (format!("{day}#{}", attempt.system), format!("{}#{id}", attempt.at));
    let places = Places {
        due: None,
        activity: Some(activity),
        ttl: Some(attempt.at.as_second() + KEPT),
    };
    // The same id twice is the same attempt: whichever was written first stands.
    app.store.put(&keys::attempt(key, id), attempt, None, &places).await?;
    Ok(())
}

/// Writes down something that people should find in a record's history.
///
/// # Errors
/// When the table does not answer.
pub async fn note(app: &App, key: &RecordKey, system: &System, note: &str) -> Result<()> {
    let attempt = Attempt {
        system: system.clone(),
        what: "note".into(),
        at: app.clock.now(),
        version: 0,
        sent: Fields::new(),
        outcome: None,
        remote_id: None,
        note: Some(note.to_owned()),
    };
    write(app, key, &app.random.ulid(&app.clock), &attempt).await
}
