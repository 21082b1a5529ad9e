//! Credits and concurrency, judged at the moment of sending (docs/vendors.md §1.7).

use std::collections::VecDeque;

use jiff::Timestamp;

use super::settings::Settings;
use crate::calls::Load;

const DAY_MILLISECONDS: i64 = 24 * 3600 * 1000;

/// The credits used in the last 24 hours.
#[derive(Debug, Default)]
pub(crate) struct Credits {
    window: VecDeque<(Timestamp, u64)>,
    used: u64,
}

impl Credits {
    fn forget(&mut self, now: Timestamp) {
        while let Some(&(at, cost)) = self.window.front() {
            if now.as_millisecond() - at.as_millisecond() < DAY_MILLISECONDS {
                return;
            }
            self.used -= cost;
            self.window.pop_front();
        }
    }

    /// Charges a call, or says which limit it breaks; a refused call costs nothing.
    pub(crate) fn charge(
        &mut self,
        settings: &Settings,
        now: Timestamp,
        cost: u64,
        load: Load,
        heavy: bool,
    ) -> Result<(), String> {
        self.forget(now);
        if load.all > settings.concurrency {
            return Err(format!(
                "concurrency: {} calls in flight, {} allowed",
                load.all, settings.concurrency
            ));
        }
        if heavy && load.heavy > settings.sub_concurrency {
            let allowed = settings.sub_concurrency;
            return Err(format!(
                "sub-concurrency: {} heavy calls in flight, {allowed} allowed",
                load.heavy
            ));
        }
        if self.used + cost > settings.credits {
            return Err(format!(
                "credits: {} used, {cost} asked, {} allowed",
                self.used, settings.credits
            ));
        }
        self.used += cost;
        self.window.push_back((now, cost));
        Ok(())
    }

    /// What is left, said only once half of the day's credits are used.
    pub(crate) fn remaining(&self, settings: &Settings) -> Option<u64> {
        (self.used * 2 >= settings.credits).then(|| settings.credits - self.used)
    }

    pub(crate) fn used(&self) -> u64 {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Load = Load { all: 1, heavy: 1 };

    fn settings() -> Settings {
        Settings {
            credits: 10,
            ..Settings::default()
        }
    }

    #[test]
    fn credits_come_back_after_a_day_and_show_from_the_half() {
        let (settings, mut credits) = (settings(), Credits::default());
        let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
        assert!(credits.charge(&settings, at(0), 4, ONE, false).is_ok());
        assert_eq!(credits.remaining(&settings), None);
        assert!(credits.charge(&settings, at(1), 1, ONE, false).is_ok());
        assert_eq!(credits.remaining(&settings), Some(5));
        assert!(credits.charge(&settings, at(23), 6, ONE, false).is_err());
        assert!(credits.charge(&settings, at(24), 6, ONE, false).is_ok());
        assert_eq!(credits.used(), 7);
    }

    #[test]
    fn the_eleventh_call_in_flight_is_refused() {
        let (settings, mut credits) = (settings(), Credits::default());
        let load = Load { all: 11, heavy: 1 };
        assert!(
            credits
                .charge(&settings, Timestamp::UNIX_EPOCH, 1, load, false)
                .is_err()
        );
        let heavy = Load { all: 10, heavy: 11 };
        assert!(
            credits
                .charge(&settings, Timestamp::UNIX_EPOCH, 1, heavy, true)
                .is_err()
        );
        assert!(
            credits
                .charge(&settings, Timestamp::UNIX_EPOCH, 1, heavy, false)
                .is_ok()
        );
    }
}
