//! Calls by minute, by day and at once, and the block of an hour, judged at the moment of sending (docs/vendors.md
//! §2.3). A refused call counts for the block only.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::error::{AT_ONCE, BLOCK, BLOCKED, PER_DAY, PER_MINUTE};
use super::settings::Settings;
use crate::calls::Load;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The calls of the last day, those of the last minute with the refused ones, and the block.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    day: VecDeque<i64>,
    burst: VecDeque<i64>,
    blocked_until: i64,
}

/// Which limit a call breaks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A code, and what was counted.
    Limit(i64, String),
    /// So much of the block is left.
    Block(Duration),
}

impl Broken {
    /// What the log says of it.
    pub(crate) fn words(&self) -> String {
        match self {
            Broken::Limit(_, words) => words.clone(),
            Broken::Block(left) => format!("blocked ({BLOCKED}): {} s are left", left.as_secs()),
        }
    }
}

impl Calls {
    /// Counts a call, or says which limit it breaks.
    pub(crate) fn admit(&mut self, settings: &Settings, at: Timestamp, load: Load) -> Result<(), Broken> {
        let now = at.as_millisecond();
        forget(&mut self.day, now - DAY_MS);
        forget(&mut self.burst, now - MINUTE_MS);
        self.burst.push_back(now);
        if settings.block_after.is_some_and(|most| self.burst.len() > most) && now >= self.blocked_until {
            self.block(at);
        }
        if now < self.blocked_until {
            let left = u64::try_from(self.blocked_until - now).unwrap_or_default();
            return Err(Broken::Block(Duration::from_millis(left.next_multiple_of(1000))));
        }
        let minute = self
            .day
            .iter()
            .rev()
            .take_while(|sent| **sent > now - MINUTE_MS)
            .count();
        let counted = [
            (AT_ONCE, "at once", load.all - 1, settings.concurrency),
            (PER_MINUTE, "in a minute", minute, settings.calls_per_minute),
            (PER_DAY, "in a day", self.day.len(), settings.calls_per_day),
        ];
        if let Some((code, window, count, most)) = counted.into_iter().find(|(_, _, count, most)| count >= most) {
            return Err(Broken::Limit(
                code,
                format!("{} calls {window}, {most} allowed", count + 1),
            ));
        }
        self.day.push_back(now);
        Ok(())
    }

    /// Blocks the organisation for an hour.
    pub(crate) fn block(&mut self, at: Timestamp) {
        self.blocked_until = at.as_millisecond() + i64::try_from(BLOCK.as_millis()).unwrap_or_default();
    }
}

fn forget(sent: &mut VecDeque<i64>, until: i64) {
    while sent.front().is_some_and(|at| *at <= until) {
        sent.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Load = Load { all: 1, heavy: 0 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn code(result: Result<(), Broken>) -> i64 {
        match result {
            Ok(()) => 0,
            Err(Broken::Limit(code, _)) => code,
            Err(Broken::Block(_)) => BLOCKED,
        }
    }

    #[test]
    fn minute_and_day_slide() {
        let settings = Settings {
            calls_per_minute: 2,
            calls_per_day: 3,
            ..Settings::default()
        };
        let mut calls = Calls::default();
        for (second, expected) in [
            (0, 0),
            (30, 0),
            (59, PER_MINUTE),
            (60, 0),
            (120, PER_DAY),
            (86_399, PER_DAY),
            (86_400, 0),
            (86_401, PER_DAY),
        ] {
            assert_eq!(code(calls.admit(&settings, at(second), ONE)), expected, "{second}");
        }
    }

    #[test]
    fn the_sixth_call_in_flight_is_refused() {
        let mut calls = Calls::default();
        let five = Load { all: 5, heavy: 0 };
        let six = Load { all: 6, heavy: 0 };
        assert_eq!(code(calls.admit(&Settings::default(), at(0), five)), 0);
        assert_eq!(code(calls.admit(&Settings::default(), at(0), six)), AT_ONCE);
    }

    #[test]
    fn a_burst_blocks_for_an_hour_whatever_else_is_allowed() {
        let settings = Settings {
            calls_per_minute: 1_000,
            block_after: Some(3),
            ..Settings::default()
        };
        let mut calls = Calls::default();
        for _ in 0..3 {
            assert_eq!(code(calls.admit(&settings, at(0), ONE)), 0);
        }
        let hour = Broken::Block(Duration::from_secs(3600));
        assert_eq!(calls.admit(&settings, at(0), ONE), Err(hour));
        assert_eq!(
            calls.admit(&settings, at(3599), ONE),
            Err(Broken::Block(Duration::from_secs(1)))
        );
        assert_eq!(code(calls.admit(&settings, at(3600), ONE)), 0);
    }
}
