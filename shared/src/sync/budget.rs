//! The budget of a system: its mode, its breaker and its limits, on one item that is written by compare-and-set.
//!
//! Limits are exact: no window ever holds more than it allows. Sends are counted in buckets of 1/300 of a window; a
//! bucket counts as long as any part of it can lie inside the window, and our window is half a second longer than
//! the vendor's, for a slot is used up to 200 ms after it was taken.

use super::token::instant;
use crate::app::App;
use crate::model::{Class, System};
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

/// A granted slot: one call, to be begun within 200 ms and given back when it has ended.
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

const BUCKETS: i64 = 300;
const MARGIN_MS: i64 = 500;
/// A call in flight that was never given back is forgotten after a lease.
const FLIGHT_MS: i64 = 35_000;
/// A slot that frees within this is waited for in the call.
const PATIENCE: Duration = Duration::from_secs(10);
const CONTENTION: Duration = Duration::from_secs(2);
/// The share of each window that backfills leave to live traffic.
const RESERVE_PERCENT: u64 = 20;
const FIRST_PAUSE_MS: i64 = 5_000;
const LONGEST_PAUSE_MS: i64 = 3_600_000;

impl Limit {
    fn bucket_ms(&self) -> i64 {
        (self.window_ms() / BUCKETS).max(1)
    }

    fn window_ms(&self) -> i64 {
        i64::try_from(self.window.as_millis()).unwrap_or(i64::MAX / 4)
    }
}

impl Budget {
    /// Takes `units` for one call, or says when there will be room. Pure.
    fn take(&mut self, limits: &Limits, name: &str, units: u64, class: Class, now: i64) -> Result<(), i64> {
        self.flying.retain(|_, until| *until > now);
        if self.open_until_ms > now {
            return Err(self.open_until_ms);
        }
        if limits.concurrency > 0 && self.flying.len() >= limits.concurrency as usize {
            return Err(now + 250);
        }
        for limit in &limits.windows {
            if let Some(at) = self.room_at(limit, units, class, now) {
                return Err(at);
            }
        }
        for limit in &limits.windows {
            let bucket = now.div_euclid(limit.bucket_ms());
            *self
                .sent
                .entry(limit.name.to_owned())
                .or_default()
                .entry(bucket)
                .or_default() += units;
        }
        self.flying.insert(name.to_owned(), now + FLIGHT_MS);
        Ok(())
    }

    /// When a limit has room for `units`; `None`: now.
    fn room_at(&mut self, limit: &Limit, units: u64, class: Class, now: i64) -> Option<i64> {
        let length = limit.window_ms() + MARGIN_MS;
        let width = limit.bucket_ms();
        let sent = self.sent.entry(limit.name.to_owned()).or_default();
        sent.retain(|bucket, _| (bucket + 1) * width > now - length);
        let reserve = if class == Class::LIVE {
            0
        } else {
            limit.allowed * RESERVE_PERCENT / 100
        };
        let allowed = limit.allowed - reserve;
        let mut over = (sent.values().sum::<u64>() + units).saturating_sub(allowed);
        if over == 0 {
            return None;
        }
        for (bucket, count) in sent.iter() {
            over = over.saturating_sub(*count);
            if over == 0 {
                return Some((bucket + 1) * width + length);
            }
        }
        // More than the limit ever allows in one call: wait for an empty window.
        Some(now + length)
    }

    /// Opens the breaker: for the stated time, else longer with each refusal in a row.
    pub(crate) fn pause(&mut self, wait: Option<Duration>, why: &str, now: i64) {
        let doubled = FIRST_PAUSE_MS << self.refusals.min(10);
        let wait = wait.map_or(doubled.min(LONGEST_PAUSE_MS), |it| {
            i64::try_from(it.as_millis()).unwrap_or(doubled)
        });
        self.refusals += 1;
        self.open_until_ms = self.open_until_ms.max(now + wait);
        why.clone_into(&mut self.open_why);
    }
}

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

/// Takes a slot for one call of `units`; waits for one that frees soon.
///
/// # Errors
/// When the table does not answer.
pub async fn slot(
    app: &App,
    system: &System,
    limits: &Limits,
    units: u64,
    class: Class,
) -> Result<Result<Slot, NoSlot>> {
    if mode(app, system).await? != Mode::On {
        return Ok(Err(NoSlot::Paused));
    }
    let give_up = app.clock.now() + PATIENCE;
    let name = app.random.ulid(&app.clock);
    loop {
        let now = app.clock.now();
        let ms = now.as_millisecond();
        let taken = change(app, system, |it| {
            it.take(limits, &name, units, class, ms)
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

/// Gives a slot back when its call has ended well; a failure to do so is forgotten after a lease.
pub async fn give_back(app: &App, system: &System, slot: &Slot) {
    let done = change(app, system, |it| {
        it.flying.remove(&slot.name);
        it.refusals = 0;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limits(allowed: u64) -> Limits {
        Limits {
            windows: vec![Limit {
                name: "minute",
                window: Duration::from_secs(60),
                allowed,
            }],
            concurrency: 0,
        }
    }

    proptest! {
        /// However the calls fall, no minute holds more than it allows, counted at the moment of sending.
        #[test]
        fn no_window_ever_holds_more_than_it_allows(gaps in prop::collection::vec((0_i64..3_000, 1_u64..5, 0_i64..200), 1..400)) {
            let (limits, mut budget, mut now) = (limits(20), Budget::default(), 1_000_000_i64);
            let mut sends: Vec<(i64, u64)> = Vec::new();
            for (index, (gap, units, late)) in gaps.into_iter().enumerate() {
                now += gap;
                if budget.take(&limits, &index.to_string(), units, Class::LIVE, now).is_ok() {
                    sends.push((now + late, units));
                }
            }
            for (at, _) in &sends {
                let inside: u64 = sends.iter().filter(|it| it.0 > at - 60_000 && it.0 <= *at).map(|it| it.1).sum();
                prop_assert!(inside <= 20, "{inside} units in the minute that ends at {at}");
            }
        }
    }

    #[test]
    fn the_told_time_has_room() {
        let (limits, mut budget) = (limits(2), Budget::default());
        assert_eq!(budget.take(&limits, "a", 2, Class::LIVE, 0), Ok(()));
        let at = budget.take(&limits, "b", 1, Class::LIVE, 30_000).unwrap_err();
        assert_eq!(at, 60_700);
        assert_eq!(budget.take(&limits, "b", 1, Class::LIVE, at), Ok(()));
    }

    #[test]
    fn a_backfill_leaves_the_reserve() {
        let (limits, mut budget) = (limits(10), Budget::default());
        assert!(budget.take(&limits, "a", 8, Class::BACKFILL, 0).is_ok());
        assert!(budget.take(&limits, "b", 1, Class::BACKFILL, 0).is_err());
        assert!(budget.take(&limits, "c", 2, Class::LIVE, 0).is_ok());
    }

    #[test]
    fn a_stated_wait_is_never_cut_short_and_an_unstated_one_doubles() {
        let mut budget = Budget::default();
        budget.pause(Some(Duration::from_secs(3600)), "block", 0);
        budget.pause(None, "again", 0);
        assert_eq!(budget.open_until_ms, 3_600_000);
        assert!(budget.take(&limits(9), "a", 1, Class::LIVE, 3_599_999).is_err());
        assert!(budget.take(&limits(9), "a", 1, Class::LIVE, 3_600_000).is_ok());
    }

    #[test]
    fn calls_at_once_are_bounded_and_forgotten_after_a_lease() {
        let limits = Limits {
            windows: Vec::new(),
            concurrency: 1,
        };
        let mut budget = Budget::default();
        assert!(budget.take(&limits, "a", 1, Class::LIVE, 0).is_ok());
        assert!(budget.take(&limits, "b", 1, Class::LIVE, 1_000).is_err());
        assert!(budget.take(&limits, "b", 1, Class::LIVE, FLIGHT_MS).is_ok());
    }
}
