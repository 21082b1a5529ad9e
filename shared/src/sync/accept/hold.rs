//! An arrival that a person must place: kept under its source's row id; a later version replaces it.
//!
//! What a person chose stays there, too, so that the row's later versions don't ask the same question again.

use crate::app::App;
use crate::model::{Arrival, Class};
use crate::store::{DueIndex, Item, Key, Places, Put, keys};
use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An arrival that waits for a person, or what a person chose for its row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldArrival {
    /// What the source said; nothing once the choice has been carried out.
    pub arrival: Option<Arrival>,
    /// What there is to choose.
    pub why: String,
    /// The records that it could mean.
    pub candidates: Vec<String>,
    /// Since when it waits.
    pub since: Timestamp,
    /// What a person chose.
    pub choice: Option<Choice>,
}

/// A person's choice for a row of a source. It holds as long as the row asks the same question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It is this record.
    Into(String),
    /// It is left out.
    Drop,
}

impl HeldArrival {
    /// The record that a person chose, if the row's keys still mean no others than those that were shown.
    pub(super) fn place(&self, found: &[String]) -> Option<String> {
        let Some(Choice::Into(id)) = &self.choice else {
            return None;
        };
        found
            .iter()
            .all(|it| it == id || self.candidates.contains(it))
            .then(|| id.clone())
    }

    /// Whether a person left this row out when it could mean the same records.
    pub(super) fn is_dropped(&self, candidates: &[String]) -> bool {
        self.choice == Some(Choice::Drop) && candidates.iter().all(|it| self.candidates.contains(it))
    }

    fn is_newer_than(&self, arrival: &Arrival) -> bool {
        let times = self.arrival.as_ref().and_then(|it| it.modified).zip(arrival.modified);
        times.is_some_and(|(held, theirs)| theirs < held)
    }
}

/// The key under which an arrival waits.
#[must_use]
pub fn held_key(source: &str, row: &str) -> Key {
    keys::intake(source, &format!("row#{row}"))
}

pub(super) fn key_of(arrival: &Arrival) -> Option<Key> {
    let row = arrival.row().or_else(|| arrival.new_id.clone())?;
    Some(held_key(arrival.source.as_str(), &row))
}

/// Where what is held stands in the indexes: among what waits for a person until its choice is carried out.
fn places(held: &HeldArrival) -> Places {
    let due = held.arrival.as_ref().map(|_| DueIndex {
        system: "intake".into(),
        bucket: "attention",
        class: Class::LIVE,
        at: held.since,
    });
    Places {
        due,
        ..Places::default()
    }
}

/// Keeps an arrival for a person.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn hold(app: &App, arrival: &Arrival, why: &str, candidates: Vec<String>) -> Result<()> {
    let Some(key) = key_of(arrival) else { return Ok(()) };
    // Whenever it was asked for, it is the same arrival.
    let kept = Arrival {
        asked: None,
        ..arrival.clone()
    };
    let held = HeldArrival {
        arrival: Some(kept),
        why: why.to_owned(),
        candidates,
        since: app.clock.now(),
        choice: None,
    };
    loop {
        let before = app.store.get::<HeldArrival>(&key).await?;
        let same =
            |it: &HeldArrival| (&it.arrival, &it.candidates, &it.why) == (&held.arrival, &held.candidates, &held.why);
        if before
            .as_ref()
            .is_some_and(|it| same(&it.body) || it.body.is_newer_than(arrival))
        {
            return Ok(());
        }
        let rev = before.as_ref().map(|it| it.rev.as_str());
        if matches!(app.store.put(&key, &held, rev, &places(&held)).await?, Put::Done(_)) {
            // A reason may name sums: those stay in the table.
            let why = why.split(':').next();
            tracing::warn!(source = %arrival.source, why, "arrival held: a person must choose");
            return Ok(());
        }
    }
}

/// What was accepted waits no longer; a person's choice is kept for its later versions.
pub(super) async fn release(app: &App, arrival: &Arrival, held: Option<&Item<HeldArrival>>) -> Result<()> {
    let waits = |it: &&Item<HeldArrival>| it.body.arrival.is_some() && !it.body.is_newer_than(arrival);
    let Some((key, held)) = key_of(arrival).zip(held.filter(waits)) else {
        return Ok(());
    };
    if held.body.choice.is_none() {
        return app.store.remove(&key, &held.rev).await;
    }
    let carried_out = HeldArrival {
        arrival: None,
        ..held.body.clone()
    };
    // A lost race is a newer version of the row, which waits in its own right.
    app.store
        .put(&key, &carried_out, Some(&held.rev), &places(&carried_out))
        .await?;
    Ok(())
}

/// Writes a person's choice down. `false`: what is held has changed meanwhile, or is new.
///
/// # Errors
/// When the table does not answer.
pub async fn choose(app: &App, key: &Key, held: &Item<HeldArrival>, choice: Choice) -> Result<bool> {
    let arrival = held.body.arrival.clone().filter(|_| choice != Choice::Drop);
    let chosen = HeldArrival {
        arrival,
        choice: Some(choice),
        ..held.body.clone()
    };
    let put = app.store.put(key, &chosen, Some(&held.rev), &places(&chosen)).await?;
    Ok(matches!(put, Put::Done(_)))
}

/// A remote object whose place another one has taken by a person's choice: what it says no longer counts.
///
/// # Errors
/// When the table does not answer.
pub async fn leave_out(app: &App, source: &str, row: &str, record: &str) -> Result<()> {
    let key = held_key(source, row);
    let left_out = HeldArrival {
        arrival: None,
        why: format!("a person chose another object than {row}"),
        candidates: vec![record.to_owned()],
        since: app.clock.now(),
        choice: Some(Choice::Drop),
    };
    loop {
        let before = app.store.get::<HeldArrival>(&key).await?;
        let rev = before.as_ref().map(|it| it.rev.as_str());
        if matches!(
            app.store.put(&key, &left_out, rev, &Places::default()).await?,
            Put::Done(_)
        ) {
            return Ok(());
        }
    }
}
