//! When a schedule fires next: `rate(…)` and `cron(…)` in a time zone, by EventBridge Scheduler's rules.
//!
//! "Schedule types in EventBridge Scheduler": a cron time that does not exist on the day on which clocks go forward is
//! skipped; one that comes twice on the day on which they go back fires once, the first time. Rates do not know of zones.

mod cron;

use cron::Cron;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// A schedule's expression, read.
#[derive(Clone, Debug)]
pub struct Schedule(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Rate(SignedDuration),
    Cron(Box<Cron>, TimeZone),
}

/// Why a schedule's expression or zone can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScheduleError(String);

impl Schedule {
    /// Reads `rate(5 minutes)` or `cron(0 2 * * ? *)`; `zone` is an IANA name such as `Europe/Malta` or `UTC`.
    ///
    /// # Errors
    /// What is not understood, in words.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, ScheduleError> {
        let inside = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inside("rate") {
            return Ok(Self(Kind::Rate(period(rate)?)));
        }
        let fields = inside("cron").ok_or_else(|| error(format!("{expression:?} is neither rate(…) nor cron(…)")))?;
        let zone = TimeZone::get(zone).map_err(|_| error(format!("{zone:?} is no time zone")))?;
        Ok(Self(Kind::Cron(Box::new(Cron::parse(fields)?), zone)))
    }

    /// The first time after `after` (never `after` itself), or none if the years of a cron are over.
    ///
    /// A rate runs from the schedule's creation, which is not known here: it is counted from the Unix epoch.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::Rate(period) => next_multiple(*period, after),
            Kind::Cron(cron, zone) => next_match(cron, zone, after),
        }
    }
}

fn next_multiple(period: SignedDuration, after: Timestamp) -> Option<Timestamp> {
    let seconds = period.as_secs();
    // Whole seconds are rounded down also before 1970; adding one period always passes `after`.
    let passed = after.as_millisecond().div_euclid(1000).div_euclid(seconds);
    Timestamp::from_second((passed + 1) * seconds).ok()
}

fn next_match(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    // From the day before: at its end the zone's offset may have changed.
    let mut day = zone.to_datetime(after).date().yesterday().ok()?;
    while day.year() <= cron::LAST_YEAR {
        if cron.on(day) {
            let times = cron.times().filter_map(|time| once(zone, day.to_datetime(time)));
            if let Some(found) = times.into_iter().find(|at| *at > after) {
                return Some(found);
            }
        }
        day = day.tomorrow().ok()?;
    }
    None
}

/// The instant of a local time: none in a gap, the first of two in a fold.
fn once(zone: &TimeZone, local: jiff::civil::DateTime) -> Option<Timestamp> {
    let offset = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { .. } => return None,
        AmbiguousOffset::Fold { before, .. } => before,
    };
    offset.to_timestamp(local).ok()
}

fn period(rate: &str) -> Result<SignedDuration, ScheduleError> {
    let (count, unit) = rate
        .trim()
        .split_once(' ')
        .ok_or_else(|| error(format!("rate({rate}) has no unit")))?;
    let count: i64 = count
        .parse()
        .map_err(|_| error(format!("rate({rate}) has no whole number")))?;
    let seconds = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return Err(error(format!("rate({rate}): the unit is minutes, hours or days"))),
    };
    match count.checked_mul(seconds) {
        Some(total) if count > 0 => Ok(SignedDuration::from_secs(total)),
        _ => Err(error(format!("rate({rate}) is not positive"))),
    }
}

fn error(text: String) -> ScheduleError {
    ScheduleError(text)
}

#[cfg(test)]
mod tests;
