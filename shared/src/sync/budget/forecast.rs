//! How long so many calls take at least, and which limit makes them take so long. Pure.

use super::Limits;
use super::window::RESERVE_PERCENT;
use serde::Serialize;
use std::time::Duration;

/// What so many calls come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The calls.
    pub calls: u64,
    /// The limit that binds; none where all fit into the first window of each.
    pub binds: Option<&'static str>,
    /// From the first call to the last, in seconds.
    pub seconds: u64,
}

/// What `calls` of a backfill take at least, when live traffic uses all of its reserve.
#[must_use]
pub fn forecast(calls: u64, limits: &Limits) -> Forecast {
    let lasts = limits.windows.iter().map(|limit| {
        let allowed = (limit.allowed - limit.allowed * RESERVE_PERCENT / 100).max(1);
        let windows = calls.saturating_sub(1) / allowed;
        let whole = limit.window.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX));
        (whole, limit.name)
    });
    let longest = lasts.max().filter(|it| it.0 > Duration::ZERO);
    Forecast {
        calls,
        binds: longest.map(|it| it.1),
        seconds: longest.map_or(0, |it| it.0.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::budget::Limit;

    #[test]
    fn the_limit_that_binds_is_the_one_that_takes_longest() {
        let limit = |name, secs, allowed| Limit {
            name,
            window: Duration::from_secs(secs),
            allowed,
        };
        let limits = Limits {
            windows: vec![limit("minute", 60, 100), limit("day", 86_400, 5_000)],
            concurrency: 10,
        };
        for (calls, binds, seconds) in [
            (0, None, 0),
            (80, None, 0),
            (81, Some("minute"), 60),
            (4_000, Some("minute"), 49 * 60),
            (4_001, Some("day"), 86_400),
            (10_000, Some("day"), 2 * 86_400),
        ] {
            let expected = Forecast { calls, binds, seconds };
            assert_eq!(forecast(calls, &limits), expected);
        }
    }
}
