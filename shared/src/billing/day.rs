//! Days: of a payment, of an invoice's period, of a subscription's start. A day belongs to the organisation's own zone.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// The day that an instant is where the organisation is.
#[must_use]
pub fn day_of(at: Timestamp, offset: Offset) -> Date {
    offset.to_datetime(at).date()
}

/// Reads `+02:00`, `-03:30` or `Z`.
///
/// # Errors
/// Says what is wrong.
pub fn offset(text: &str) -> Result<Offset, String> {
    if text == "Z" {
        return Ok(Offset::UTC);
    }
    let wrong = || "is no offset such as +02:00".to_owned();
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(wrong()),
    };
    let (hours, minutes) = text[1..].split_once(':').ok_or_else(wrong)?;
    let part = |it: &str, most: i32| {
        let digits = it.len() == 2 && it.bytes().all(|byte| byte.is_ascii_digit());
        it.parse::<i32>().ok().filter(|it| digits && *it <= most)
    };
    let (hours, minutes) = part(hours, 14).zip(part(minutes, 59)).ok_or_else(wrong)?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).map_err(|_| wrong())
}

/// When a service began, as the app says it, and when Concord first heard of it.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    /// Its first day.
    pub start: Option<Date>,
    /// The day of its next bill.
    pub next_bill: Option<Date>,
    /// The day on which Concord was first told of it.
    pub known_since: Date,
}

/// On which day a subscription begins: never in the past, where Zoho would bill backwards. One that was active before
/// Concord knew of it has been billed by somebody until its next billing day; a day that only we let pass is no reason to
/// skip a term.
#[must_use]
pub fn starts_at(began: Began, today: Date) -> Date {
    let start = began.start.unwrap_or(began.known_since);
    if start >= today {
        return start;
    }
    if start >= began.known_since {
        return today;
    }
    let stated = began.next_bill.filter(|it| *it >= today);
    stated.unwrap_or_else(|| next_monthly(start, today))
}

/// The first monthly return of `start` that is not before `today`; a month that lacks the day has it on its last.
fn next_monthly(start: Date, today: Date) -> Date {
    let months = 1..=12 * 400;
    let mut returns = months.filter_map(|it| start.checked_add(Span::new().months(it)).ok());
    returns.find(|it| *it >= today).unwrap_or(today)
}

/// The days that a recurring invoice is for: as stated, else the calendar month of its own day.
#[must_use]
pub fn period(start: Option<Date>, end: Option<Date>, day: Option<Date>) -> Option<(Date, Date)> {
    let first = start.or_else(|| day.map(Date::first_of_month))?;
    Some((first, end.unwrap_or_else(|| first.last_of_month())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn offsets() {
        for (text, seconds) in [("+02:00", 7200), ("-03:30", -12600), ("Z", 0), ("+14:00", 50400)] {
            assert_eq!(offset(text).map(Offset::seconds), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "2",
            "+2:00",
            "02:00",
            "+15:00",
            "+02:60",
            "+02",
            "Africa/Johannesburg",
            "+0é:00",
        ] {
            assert!(offset(text).is_err(), "{text}");
        }
        let late: Timestamp = "2026-11-30T22:30:00Z".parse().unwrap();
        assert_eq!(day_of(late, offset("+02:00").unwrap()), date(2026, 12, 1));
    }

    /// First day, next bill, since when it is known; the subscription's first day on 21 November 2026.
    #[test]
    fn a_subscription_is_never_backdated() {
        let today = date(2026, 11, 21);
        for (start, next_bill, known_since, starts) in [
            (None, None, date(2026, 11, 21), date(2026, 11, 21)),
            (None, None, date(2026, 11, 20), date(2026, 11, 21)),
            (Some(date(2026, 12, 1)), None, date(2026, 11, 1), date(2026, 12, 1)),
            (Some(date(2026, 11, 21)), None, date(2026, 11, 21), date(2026, 11, 21)),
            (Some(date(2026, 11, 20)), None, date(2026, 11, 20), date(2026, 11, 21)),
            (Some(date(2026, 3, 5)), None, date(2026, 11, 20), date(2026, 12, 5)),
            (Some(date(2026, 3, 25)), None, date(2026, 11, 20), date(2026, 11, 25)),
            (Some(date(2026, 1, 31)), None, date(2026, 11, 20), date(2026, 11, 30)),
            (
                Some(date(2026, 3, 5)),
                Some(date(2026, 12, 15)),
                date(2026, 11, 20),
                date(2026, 12, 15),
            ),
            (
                Some(date(2026, 3, 5)),
                Some(date(2026, 11, 5)),
                date(2026, 11, 20),
                date(2026, 12, 5),
            ),
        ] {
            let began = Began {
                start,
                next_bill,
                known_since,
            };
            assert_eq!(starts_at(began, today), starts, "{began:?}");
        }
    }

    #[test]
    fn a_period_is_stated_or_the_calendar_month() {
        let day = Some(date(2026, 2, 14));
        assert_eq!(period(None, None, day), Some((date(2026, 2, 1), date(2026, 2, 28))));
        assert_eq!(
            period(Some(date(2026, 2, 5)), Some(date(2026, 3, 4)), day),
            Some((date(2026, 2, 5), date(2026, 3, 4)))
        );
        assert_eq!(period(None, None, None), None);
    }
}
