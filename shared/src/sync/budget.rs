//! The budget of a system: its mode, its breaker and its limits, on one item that is written by compare-and-set.
//!
//! Limits are exact: no window ever holds more than it allows. Sends are counted in buckets of 1/300 of a window; a
//! bucket counts as long as any part of it can lie inside the window, and our window is half a second longer than
//! the vendor's, for a slot is used up to 200 ms after it was taken.

mod window;

use super::token::instant;
use crate::app::App;
use crate::model::{Class, System};
use crate::planted::{Bug, planted};
use crate::store::{Item, Places, Put, keys};
use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

/// A granted slot: one call, to be begun within 200 ms. It is ended with its call; without an answer it ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    name: String,
    /// When it was taken.
    pub at: Timestamp,
}

/// Why there is no slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// Free again at this time.
    Until(Timestamp, String),
    /// The system is paused or not configured.
    Paused,
}

/// A slot that frees within this is waited for in the call.
const PATIENCE: Duration = Duration::from_secs(10);
/// What waking up and taking it may cost beyond that.
const SPARE: Duration = Duration::from_millis(500);
const CONTENTION: Duration = Duration::from_secs(2);

/// Reads a system's budget.
///
/// # Errors
/// When the table does not answer.
pub async fn read(app: &App, system: &System) -> Result<Option<Item<Budget>>> {
    app.store.get(&keys::budget(system)).await
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
    Ok(read(app, system).await?.map(|it| it.body.mode).unwrap_or_default())
}

/// Changes the item until nobody else was first, for as long as contention may last.
async fn change<T>(app: &App, system: &System, mut edit: impl FnMut(&mut Budget) -> T) -> Result<T> {
    let give_up = app.clock.now() + CONTENTION;
    loop {
        let before = read(app, system).await?;
        let mut budget = before.as_ref().map(|it| it.body.clone()).unwrap_or_default();
        let told = edit(&mut budget);
        let rev = before.as_ref().map(|it| it.rev.as_str());
        let put = app
            .store
            .put(&keys::budget(system), &budget, rev, &Places::default())
            .await?;
        if matches!(put, Put::Done(_)) {
            return Ok(told);
        }
        anyhow::ensure!(app.clock.now() < give_up, "the budget of {system} is contended");
        app.clock.sleep(app.random.up_to(Duration::from_millis(40))).await;
    }
}

/// Takes a slot for one call of `units` in a push, if the system is on; waits for one that frees soon, as long as this
/// invocation then still has the time that the call and what follows `needs`.
///
/// # Errors
/// When the table does not answer.
pub async fn slot(
    app: &App,
    system: &System,
    limits: &Limits,
    units: u64,
    class: Class,
    needs: Duration,
) -> Result<Result<Slot, NoSlot>> {
    if mode(app, system).await? != Mode::On {
        return Ok(Err(NoSlot::Paused));
    }
    let patience = PATIENCE.min(app.time_left().saturating_sub(needs + SPARE));
    take(app, system, limits, units, class, patience).await
}

/// Takes a slot for one call that only reads: a paused system is still listened to.
///
/// # Errors
/// When the table does not answer.
pub async fn slot_to_read(
    app: &App,
    system: &System,
    limits: &Limits,
    units: u64,
    class: Class,
) -> Result<Result<Slot, NoSlot>> {
    take(app, system, limits, units, class, PATIENCE).await
}

async fn take(
    app: &App,
    system: &System,
    limits: &Limits,
    units: u64,
    class: Class,
    patience: Duration,
) -> Result<Result<Slot, NoSlot>> {
    let reserve = must_leave_the_reserve(app, system, class).await?;
    let give_up = app.clock.now() + patience;
    let name = app.random.ulid(&app.clock);
    loop {
        let now = app.clock.now();
        let ms = now.as_millisecond();
        let taken = change(app, system, |it| {
            it.take(limits, &name, units, reserve, ms)
                .map_err(|at| (at, it.open_why.clone()))
        });
        let Err((at, why)) = taken.await? else {
            return Ok(Ok(Slot { name, at: now }));
        };
        let free = instant(at);
        if free > give_up {
            return Ok(Err(NoSlot::Until(free, why)));
        }
        let wait = Duration::try_from(free.duration_since(now)).unwrap_or(Duration::ZERO);
        app.clock
            .sleep(wait + app.random.up_to(Duration::from_millis(50)))
            .await;
    }
}

/// A lower class leaves the reserve only while a higher one has open work.
async fn must_leave_the_reserve(app: &App, system: &System, class: Class) -> Result<bool> {
    if class == Class::LIVE {
        return Ok(false);
    }
    let open = app
        .store
        .due(system.as_str(), "open", Class::LIVE, Timestamp::MAX, 1)
        .await?;
    Ok(!open.is_empty())
}

/// Ends a slot whose call has ended well, and with it the doubling of unstated waits.
pub async fn ended_well(app: &App, system: &System, slot: &Slot) {
    end(app, system, slot, true).await;
}

/// Gives a slot back under which no call was made.
pub async fn give_back(app: &App, system: &System, slot: &Slot) {
    end(app, system, slot, false).await;
}

/// A failure to do so is forgotten after a lease.
async fn end(app: &App, system: &System, slot: &Slot, well: bool) {
    let done = change(app, system, |it| {
        it.flying.remove(&slot.name);
        if well {
            it.refusals = 0;
        }
    });
    if let Err(error) = done.await {
        tracing::warn!(%system, error = format!("{error:#}"), "slot not given back; it ends by itself");
    }
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

/// Sets the mode, at run time, without a deploy.
///
/// # Errors
/// When the table does not answer.
pub async fn set_mode(app: &App, system: &System, mode: Mode) -> Result<()> {
    change(app, system, |it| it.mode = mode).await
}
