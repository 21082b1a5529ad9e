//! What waits at the door: arrivals to be placed, rows set aside, webhooks and messages that can't be read.

use super::{BATCH, CAP, Count};
use crate::app::App;
use crate::model::Class;
use crate::store::{Candidate, decode};
use crate::sync::accept::{HeldArrival, held_key};
use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

/// Shown one by one up to this many.
const SHOWN: usize = 50;

/// What waits at the door.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Waiting {
    /// Arrivals that a person must place.
    pub held_arrivals: usize,
    /// The first of them.
    pub held: Vec<HeldRow>,
    /// Rows that could not be read: in quarantine.
    pub quarantined: usize,
    /// Webhooks that could not be read.
    pub unreadable: usize,
    /// Messages that nobody could read.
    pub dead_letters: Count,
    /// Webhooks that are not applied yet.
    pub open: Count,
}

/// A held arrival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// Who said it.
    pub source: String,
    /// The source's row id.
    pub row: String,
    /// What there is to choose.
    pub why: String,
    /// The records that it could mean.
    pub candidates: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

pub(super) async fn read(app: &App) -> Result<Waiting> {
    let due = app
        .store
        .due("intake", "attention", Class::LIVE, Timestamp::MAX, CAP)
        .await?;
    let mut waiting = Waiting {
        dead_letters: count(app, "dead_letter", "attention").await?,
        open: count(app, "intake", "open").await?,
        ..Waiting::default()
    };
    let mut rows = Vec::new();
    for (source, id) in due.iter().filter_map(|it: &Candidate| it.key.as_intake()) {
        match id.strip_prefix("row#") {
            Some(row) => rows.push((source, row.to_owned())),
            None if id.starts_with("quarantine#") => waiting.quarantined += 1,
            None => waiting.unreadable += 1,
        }
    }
    waiting.held_arrivals = rows.len();
    rows.truncate(SHOWN);
    waiting.held = held(app, &rows).await?;
    Ok(waiting)
}

async fn held(app: &App, rows: &[(String, String)]) -> Result<Vec<HeldRow>> {
    let mut found = Vec::new();
    for chunk in rows.chunks(BATCH) {
        let at = |it: &(String, String)| held_key(&it.0, &it.1);
        let items = app.store.get_many(&chunk.iter().map(at).collect::<Vec<_>>()).await?;
        for (source, row) in chunk {
            let at = at(&(source.clone(), row.clone()));
            let Some(raw) = items.get(&at) else { continue };
            let held = decode::<HeldArrival>(&at, raw.clone())?.body;
            found.push(HeldRow {
                source: source.clone(),
                row: row.clone(),
                why: held.why,
                candidates: held.candidates,
                since: held.since,
            });
        }
    }
    Ok(found)
}

async fn count(app: &App, what: &str, bucket: &str) -> Result<Count> {
    let number = app.store.count_due(what, bucket, CAP).await?;
    Ok(Count {
        number,
        more: number >= CAP,
    })
}
