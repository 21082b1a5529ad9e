//! The six fields of a cron expression: minutes, hours, day of month, month, day of week, year.

use super::{ScheduleError, error};
use jiff::civil::{Date, Time};
use std::collections::BTreeSet;

/// The last year that EventBridge takes.
pub(super) const LAST_YEAR: i16 = 2199;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Option<BTreeSet<i16>>,
    months: BTreeSet<i16>,
    /// 1 is Sunday.
    weekdays: Option<BTreeSet<i16>>,
    years: BTreeSet<i16>,
}

/// A field: its name for messages, its range, and the words for its numbers from the range's start.
struct Field {
    name: &'static str,
    first: i16,
    last: i16,
    words: &'static [&'static str],
}

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, ScheduleError> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = parts[..] else {
            return Err(error(format!("cron({text}) has {} fields, not six", parts.len())));
        };
        if (days == "?") == (weekdays == "?") {
            return Err(error(format!(
                "cron({text}): exactly one of day of month and day of week is ?"
            )));
        }
        Ok(Self {
            minutes: field("minutes", 0, 59, &[]).read(minutes)?,
            hours: field("hours", 0, 23, &[]).read(hours)?,
            days: field("day of month", 1, 31, &[]).read_unless_any(days)?,
            months: field("month", 1, 12, &MONTHS).read(months)?,
            weekdays: field("day of week", 1, 7, &WEEKDAYS).read_unless_any(weekdays)?,
            years: field("year", 1970, LAST_YEAR, &[]).read(years)?,
        })
    }

    /// Whether it fires at all on this day.
    pub(super) fn on(&self, day: Date) -> bool {
        let weekday = i16::from(day.weekday().to_sunday_one_offset());
        let allows = |set: &Option<BTreeSet<i16>>, value| set.as_ref().is_none_or(|set| set.contains(&value));
        self.years.contains(&day.year())
            && self.months.contains(&i16::from(day.month()))
            && allows(&self.days, i16::from(day.day()))
            && allows(&self.weekdays, weekday)
    }

    /// The times of such a day, in order.
    pub(super) fn times(&self) -> impl Iterator<Item = Time> {
        let time = |hour: i16, minute: i16| Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok();
        let hours = self.hours.iter();
        hours.flat_map(move |hour| self.minutes.iter().filter_map(move |minute| time(*hour, *minute)))
    }
}

fn field(name: &'static str, first: i16, last: i16, words: &'static [&'static str]) -> Field {
    Field {
        name,
        first,
        last,
        words,
    }
}

impl Field {
    fn read_unless_any(&self, text: &str) -> Result<Option<BTreeSet<i16>>, ScheduleError> {
        if text == "?" {
            return Ok(None);
        }
        self.read(text).map(Some)
    }

    fn read(&self, text: &str) -> Result<BTreeSet<i16>, ScheduleError> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            values.extend(self.part(part)?);
        }
        Ok(values)
    }

    /// `*`, `7`, `2-5`, and each with `/step`; a single number with a step runs to the end.
    fn part(&self, text: &str) -> Result<Vec<i16>, ScheduleError> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (text, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((from, to)) => (self.value(from)?, self.value(to)?),
            None if step.is_some() => (self.value(range)?, self.last),
            None => (self.value(range)?, self.value(range)?),
        };
        if from > to {
            return Err(error(format!("{}: {text} runs backwards", self.name)));
        }
        Ok((from..=to).step_by(step.unwrap_or(1)).collect())
    }

    fn step(&self, text: &str) -> Result<usize, ScheduleError> {
        let step = text.parse().ok().filter(|step| *step > 0);
        step.ok_or_else(|| error(format!("{}: the step {text:?} is no positive number", self.name)))
    }

    fn value(&self, text: &str) -> Result<i16, ScheduleError> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let value = match word {
            Some(index) => i16::try_from(index).ok().map(|index| index + self.first),
            None => text.parse().ok(),
        };
        let value = value.filter(|value| (self.first..=self.last).contains(value));
        // `L`, `W` and `#` of EventBridge end here, too: no schedule of ours needs them.
        value.ok_or_else(|| error(format!("{}: {text:?} is not understood", self.name)))
    }
}
