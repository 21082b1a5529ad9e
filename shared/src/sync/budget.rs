//! The budget of a system: its mode, its breaker and its limits, on one item that is written by compare-and-set.
//!
//! Limits are exact: no window ever holds more than it allows. Sends are counted in buckets of 1/300 of a window; a
//! bucket counts as long as any part of it can lie inside the window, and our window is half a second longer than
//! the vendor's, for a slot is used up to 200 ms after it was taken.

mod forecast;
mod last;
mod slot;
mod window;

pub use forecast::{Forecast, forecast};
pub use last::Last;
pub use slot::{NoSlot, Slot, ended_well, give_back, slot, slot_to_read};

use super::token::instant;
use crate::app::App;
use crate::model::System;
use crate::planted::{Bug, planted};
use crate::store::{Item, Places, Put, keys};
use crate::systems::CallError;
use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;

/// Whether a system is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Written to.
    #[default]
    On,
    /// Stored and shown as pending, sent when on again.
    Paused,
    /// What would be sent is logged; ends as skipped and is not sent later either.
    Mock,
}

/// One limit of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name in the item.
    pub name: &'static str,
    /// The vendor's window.
    pub window: Duration,
    /// Units allowed in any such window.
    pub allowed: u64,
}

/// All limits of a system.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Units in sliding windows.
    pub windows: Vec<Limit>,
    /// Calls at once.
    pub concurrency: u32,
}

/// The budget's item.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Budget {
    /// The mode that a person chose.
    #[serde(default)]
    pub mode: Mode,
    /// No call before this.
    #[serde(default)]
    pub open_until_ms: i64,
    /// Why.
    #[serde(default)]
    pub open_why: String,
    /// How often in a row the system asked for a pause without saying how long.
    #[serde(default)]
    pub refusals: u32,
    /// Units sent, by limit and bucket.
    #[serde(default)]
    pub sent: BTreeMap<String, BTreeMap<i64, u64>>,
    /// Calls in flight, by name, and until when they can last.
    #[serde(default)]
    pub flying: BTreeMap<String, i64>,
}

const CONTENTION: Duration = Duration::from_secs(2);

/// Reads a system's budget; this process remembers it for its next write.
///
/// # Errors
/// When the table does not answer.
pub async fn read(app: &App, system: &System) -> Result<Option<Item<Budget>>> {
    let found: Option<Item<Budget>> = app.store.get(&keys::budget(system)).await?;
    if let Some(item) = found.clone() {
        let is_alone = item.body.flying.is_empty();
        app.budgets.keep(system, item, is_alone, app.clock.now());
    }
    Ok(found)
}

/// When calls to a system could be made in the time to come, as far as its limits let; `reserve`: leaving what a backfill
/// leaves while live work is open.
///
/// # Errors
/// When the table does not answer.
pub async fn free(
    app: &App,
    system: &System,
    limits: &Limits,
    reserve: bool,
    ahead: Duration,
) -> Result<Vec<Timestamp>> {
    let budget = read(app, system).await?.map(|it| it.body).unwrap_or_default();
    let now = app.clock.now_ms();
    let until = now + i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX / 4);
    let times = budget.free(limits, 1, reserve, now, until);
    Ok(times.into_iter().map(instant).collect())
}

/// The mode in force: a system that is not configured counts as paused.
///
/// # Errors
/// When the table does not answer.
pub async fn mode(app: &App, system: &System) -> Result<Mode> {
    if !app.is_configured(system) {
        return Ok(Mode::Paused);
    }
    if planted(Bug::ModeIgnored) {
        return Ok(Mode::On);
    }
    // Who turned it off since is heeded by the slot; a mock mode that has ended is not, so only `On` is believed.
    if app.budgets.was_on(system, app.clock.now()) {
        return Ok(Mode::On);
    }
    Ok(read(app, system).await?.map(|it| it.body.mode).unwrap_or_default())
}

/// Changes the item until nobody else was first, for as long as contention may last.
async fn change<T>(app: &App, system: &System, mut edit: impl FnMut(&mut Budget) -> T) -> Result<T> {
    let done = try_change(app, system, |it| Ok::<T, Infallible>(edit(it)));
    Ok(done.await?.unwrap_or_else(|never| match never {}))
}

/// Like `change`, for an edit that may refuse: what is refused is not written.
///
/// What this process last saw is tried first, without reading: a write against an older state is refused by the table.
/// A refusal of ours counts only on what was just read.
async fn try_change<T, E>(
    app: &App,
    system: &System,
    mut edit: impl FnMut(&mut Budget) -> Result<T, E>,
) -> Result<Result<T, E>> {
    if let Some(last) = app.budgets.claim(system, app.clock.now())
        && let Ok(Some(told)) = edited(app, system, Some(last), &mut edit).await?
    {
        return Ok(Ok(told));
    }
    let give_up = app.clock.now() + CONTENTION;
    loop {
        let before = app.store.get(&keys::budget(system)).await?;
        match edited(app, system, before, &mut edit).await? {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(Some(told)) => return Ok(Ok(told)),
            Ok(None) => anyhow::ensure!(app.clock.now() < give_up, "the budget of {system} is contended"),
        }
        app.clock.sleep(app.random.up_to(Duration::from_millis(40))).await;
    }
}

/// Edits `before` and writes it, with what the edit told; `None`: somebody else has written since.
async fn edited<T, E>(
    app: &App,
    system: &System,
    before: Option<Item<Budget>>,
    edit: &mut impl FnMut(&mut Budget) -> Result<T, E>,
) -> Result<Result<Option<T>, E>> {
    let (mut body, rev) = before.map_or_else(Default::default, |it| (it.body, Some(it.rev)));
    let flew: BTreeSet<String> = body.flying.keys().cloned().collect();
    let told = match edit(&mut body) {
        Ok(told) => told,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let at = keys::budget(system);
    let put = app.store.put(&at, &body, rev.as_deref(), &Places::default()).await?;
    let Put::Done(rev) = put else {
        return Ok(Ok(None));
    };
    // A slot that was there before and after is somebody else's.
    let is_alone = body.flying.keys().all(|it| !flew.contains(it));
    app.budgets.keep(system, Item { body, rev }, is_alone, app.clock.now());
    Ok(Ok(Some(told)))
}

/// The system asked for a pause: no call before its end.
///
/// # Errors
/// When the table does not answer.
pub async fn open_breaker(app: &App, system: &System, wait: Option<Duration>, why: &str) -> Result<Timestamp> {
    let now = app.clock.now_ms();
    let until = change(app, system, |it| {
        it.pause(wait, why, now);
        it.open_until_ms
    });
    Ok(instant(until.await?))
}

/// Opens the breaker if that is what a call's error asks for.
///
/// # Errors
/// When the table does not answer.
pub async fn heed(app: &App, system: &System, error: &CallError) -> Result<()> {
    if let CallError::Wait { wait, why } = error {
        open_breaker(app, system, *wait, why).await?;
    }
    Ok(())
}

/// Sets the mode, at run time, without a deploy.
///
/// # Errors
/// When the table does not answer.
pub async fn set_mode(app: &App, system: &System, mode: Mode) -> Result<()> {
    change(app, system, |it| it.mode = mode).await
}
