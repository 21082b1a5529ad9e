//! Rows that can't be read: kept under their source and id, in *attention*, until a pull reads them well.

use crate::app::App;
use crate::intake::{Intake, stands};
use crate::model::{Arrival, Class};
use crate::store::{Key, Put, keys};
use anyhow::Result;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// More than so many need a person, not a list.
const MOST: usize = 10_000;

/// What waited of one source when a run began its work.
pub(super) struct Aside(BTreeSet<Key>);

impl Aside {
    pub(super) async fn of(app: &App, source: &str) -> Result<Self> {
        let all = app
            .store
            .due("intake", "attention", Class::LIVE, Timestamp::MAX, MOST)
            .await?;
        let ours = |key: &Key| key.as_intake().is_some_and(|it| it.0 == source);
        Ok(Self(all.into_iter().map(|it| it.key).filter(ours).collect()))
    }

    /// The row could be read and has its place now.
    pub(super) async fn take_back(&self, app: &App, arrival: &Arrival) -> Result<()> {
        let Some(row) = arrival.row() else { return Ok(()) };
        let key = unreadable(arrival.source.as_str(), &row);
        if !self.0.contains(&key) {
            return Ok(());
        }
        match app.store.get::<Intake>(&key).await? {
            Some(stored) => app.store.remove(&key, &stored.rev).await,
            None => Ok(()),
        }
    }
}

fn unreadable(source: &str, id: &str) -> Key {
    keys::intake(source, &format!("quarantine#{id}"))
}

/// Keeps a row that can't be read, under its id; the rest go on.
pub(super) async fn set_aside(app: &App, source: &str, id: &str, why: &str) -> Result<()> {
    tracing::warn!(source, row = id, why, "row set aside");
    let (key, now) = (unreadable(source, id), app.clock.now());
    loop {
        let before = app.store.get::<Intake>(&key).await?;
        if before.as_ref().is_some_and(|it| it.body.error.as_deref() == Some(why)) {
            return Ok(());
        }
        let intake = Intake {
            source: source.to_owned(),
            id: format!("quarantine#{id}"),
            body: String::new(),
            received_at: now,
            processed_at: None,
            error: Some(why.to_owned()),
            attempts: before.as_ref().map_or(0, |it| it.body.attempts) + 1,
        };
        let rev = before.as_ref().map(|it| it.rev.as_str());
        if matches!(
            app.store.put(&key, &intake, rev, &stands("attention", now)).await?,
            Put::Done(_)
        ) {
            return Ok(());
        }
    }
}
