//! The arithmetic of sliding windows, calls in flight and the breaker. Pure.

use super::{Budget, Limit, Limits};
use crate::planted::{Bug, planted};
use std::time::Duration;

const BUCKETS: i64 = 300;
const MARGIN_MS: i64 = 500;
/// A call in flight that was never given back is forgotten after a lease.
const FLIGHT_MS: i64 = 35_000;
/// The share of each window that backfills leave to live traffic.
pub(super) const RESERVE_PERCENT: u64 = 20;
/// No more free times are told at once: what feeds a queue has enough for its turn.
const MOST_FREE: usize = 1_000;
const FIRST_PAUSE_MS: i64 = 5_000;
const LONGEST_PAUSE_MS: i64 = 3_600_000;

impl Limit {
    fn bucket_ms(&self) -> i64 {
        (self.window_ms() / BUCKETS).max(1)
    }

    fn window_ms(&self) -> i64 {
        i64::try_from(self.window.as_millis()).unwrap_or(i64::MAX / 4)
    }

    /// How far back sends count.
    fn counted_ms(&self, now: i64) -> i64 {
        if planted(Bug::FixedWindow) {
            return now.rem_euclid(self.window_ms());
        }
        self.window_ms() + MARGIN_MS
    }
}

impl Budget {
    /// Takes `units` for one call, leaving the higher classes' reserve or not, or says when there will be room. Pure.
    pub(super) fn take(&mut self, limits: &Limits, name: &str, units: u64, reserve: bool, now: i64) -> Result<(), i64> {
        self.flying.retain(|_, until| *until > now);
        if self.open_until_ms > now && !planted(Bug::BreakerIgnored) {
            return Err(self.open_until_ms);
        }
        if limits.concurrency > 0 && self.flying.len() >= limits.concurrency as usize {
            return Err(now + 250);
        }
        for limit in &limits.windows {
            if let Some(at) = self.room_at(limit, units, reserve, now) {
                return Err(at);
            }
        }
        self.book(limits, units, now);
        if !planted(Bug::FlightNotCounted) {
            self.flying.insert(name.to_owned(), now + FLIGHT_MS);
        }
        Ok(())
    }

    /// When calls of `units` each could be made between `now` and `until`, one after the other: as many as the limits let.
    pub(super) fn free(&self, limits: &Limits, units: u64, reserve: bool, now: i64, until: i64) -> Vec<i64> {
        let (mut budget, mut times) = (self.clone(), Vec::new());
        let mut at = now.max(self.open_until_ms);
        while at <= until && times.len() < MOST_FREE {
            let room = |it: &mut Self| {
                limits
                    .windows
                    .iter()
                    .filter_map(|limit| it.room_at(limit, units, reserve, at))
                    .max()
            };
            match room(&mut budget) {
                Some(later) => at = later.max(at + 1),
                None => {
                    budget.book(limits, units, at);
                    times.push(at);
                }
            }
        }
        times
    }

    fn book(&mut self, limits: &Limits, units: u64, at: i64) {
        for limit in &limits.windows {
            let bucket = at.div_euclid(limit.bucket_ms());
            let sent = self.sent.entry(limit.name.to_owned()).or_default();
            *sent.entry(bucket).or_default() += units;
        }
    }

    /// When a limit has room for `units`; `None`: now.
    fn room_at(&mut self, limit: &Limit, units: u64, reserve: bool, now: i64) -> Option<i64> {
        let length = limit.counted_ms(now);
        let width = limit.bucket_ms();
        let sent = self.sent.entry(limit.name.to_owned()).or_default();
        sent.retain(|bucket, _| (bucket + 1) * width > now - length);
        let share = if reserve { RESERVE_PERCENT } else { 0 };
        let allowed = limit.allowed - limit.allowed * share / 100;
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
    pub(super) fn pause(&mut self, wait: Option<Duration>, why: &str, now: i64) {
        let doubled = FIRST_PAUSE_MS << self.refusals.min(10);
        let wait = wait.map_or(doubled.min(LONGEST_PAUSE_MS), |it| {
            i64::try_from(it.as_millis()).unwrap_or(doubled)
        });
        self.refusals += 1;
        self.open_until_ms = self.open_until_ms.max(now + wait);
        why.clone_into(&mut self.open_why);
    }
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
                if budget.take(&limits, &index.to_string(), units, false, now).is_ok() {
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
        assert_eq!(budget.take(&limits, "a", 2, false, 0), Ok(()));
        let at = budget.take(&limits, "b", 1, false, 30_000).unwrap_err();
        assert_eq!(at, 60_700);
        assert_eq!(budget.take(&limits, "b", 1, false, at), Ok(()));
    }

    #[test]
    fn free_times_are_those_at_which_calls_are_then_let_through() {
        let (limits, mut budget) = (limits(3), Budget::default());
        assert_eq!(budget.take(&limits, "a", 2, false, 0), Ok(()));
        let times = budget.free(&limits, 1, false, 10_000, 130_000);
        assert_eq!(times, [10_000, 60_700, 60_700, 70_700, 121_300, 121_300]);
        for at in times {
            assert_eq!(budget.take(&limits, &at.to_string(), 1, false, at), Ok(()), "{at}");
        }
        budget.pause(Some(Duration::from_secs(600)), "block", 130_000);
        assert!(budget.free(&limits, 1, false, 130_000, 190_000).is_empty());
    }

    #[test]
    fn a_backfill_leaves_the_reserve() {
        let (limits, mut budget) = (limits(10), Budget::default());
        assert!(budget.take(&limits, "a", 8, true, 0).is_ok());
        assert!(budget.take(&limits, "b", 1, true, 0).is_err());
        assert!(budget.take(&limits, "c", 2, false, 0).is_ok());
    }

    #[test]
    fn a_stated_wait_is_never_cut_short_and_an_unstated_one_doubles() {
        let mut budget = Budget::default();
        budget.pause(Some(Duration::from_secs(3600)), "block", 0);
        budget.pause(None, "again", 0);
        assert_eq!(budget.open_until_ms, 3_600_000);
        assert!(budget.take(&limits(9), "a", 1, false, 3_599_999).is_err());
        assert!(budget.take(&limits(9), "a", 1, false, 3_600_000).is_ok());
    }

    #[test]
    fn calls_at_once_are_bounded_and_forgotten_after_a_lease() {
        let limits = Limits {
            windows: Vec::new(),
            concurrency: 1,
        };
        let mut budget = Budget::default();
        assert!(budget.take(&limits, "a", 1, false, 0).is_ok());
        assert!(budget.take(&limits, "b", 1, false, 1_000).is_err());
        assert!(budget.take(&limits, "b", 1, false, FLIGHT_MS).is_ok());
    }
}
