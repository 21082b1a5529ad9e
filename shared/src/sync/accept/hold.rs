//! An arrival that a person must place: kept under its source's row id; a later version replaces it.

use crate::app::App;
use crate::model::{Arrival, Class};
use crate::store::{DueIndex, Key, Places, Put, keys};
use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An arrival that waits for a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldArrival {
    /// What the source said.
    pub arrival: Arrival,
    /// What there is to choose.
    pub why: String,
    /// The records that it could mean.
    pub candidates: Vec<String>,
    /// Since when it waits.
    pub since: Timestamp,
}

/// The key under which an arrival waits.
#[must_use]
pub fn held_key(source: &str, row: &str) -> Key {
    keys::intake(source, &format!("row#{row}"))
}

fn key_of(arrival: &Arrival) -> Option<Key> {
    let row = arrival.source_id.clone().or_else(|| arrival.new_id.clone())?;
    Some(held_key(arrival.source.as_str(), &row))
}

pub(super) async fn hold(app: &App, arrival: &Arrival, why: &str, candidates: Vec<String>) -> Result<()> {
    let Some(key) = key_of(arrival) else { return Ok(()) };
    let now = app.clock.now();
    let held = HeldArrival {
        arrival: arrival.clone(),
        why: why.to_owned(),
        candidates,
        since: now,
    };
    let due = DueIndex {
        system: "intake".into(),
        bucket: "attention",
        class: Class::LIVE,
        at: now,
    };
    let places = Places {
        due: Some(due),
        ..Places::default()
    };
    loop {
        let before = app.store.get::<HeldArrival>(&key).await?;
        if before
            .as_ref()
            .is_some_and(|it| it.body.arrival == *arrival && it.body.candidates == held.candidates)
        {
            return Ok(());
        }
        let rev = before.as_ref().map(|it| it.rev.as_str());
        if matches!(app.store.put(&key, &held, rev, &places).await?, Put::Done(_)) {
            tracing::warn!(source = %arrival.source, why, "arrival held: a person must choose");
            return Ok(());
        }
    }
}

/// What was accepted waits no longer.
pub(super) async fn release(app: &App, arrival: &Arrival) -> Result<()> {
    let Some(key) = key_of(arrival).filter(|_| arrival.new_id.is_some()) else {
        return Ok(());
    };
    dismiss(app, &key).await
}

/// Removes a held arrival, if it is there.
///
/// # Errors
/// When the table does not answer.
pub async fn dismiss(app: &App, key: &Key) -> Result<()> {
    match app.store.get::<HeldArrival>(key).await? {
        Some(held) => app.store.remove(key, &held.rev).await,
        None => Ok(()),
    }
}
