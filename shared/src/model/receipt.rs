//! What a system confirmed and last showed of a record, and what nobody knows of it.

use super::{Field, Fields, Value};
use crate::planted::{Bug, planted};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a system confirmed and last showed, in the system's own words, under Concord's field names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What we last sent, stored only after the success answer.
    #[serde(default)]
    pub sent: Fields,
    /// What the system last showed.
    #[serde(default)]
    pub seen: Fields,
    /// The system's modified time of that.
    pub modified: Option<Timestamp>,
    /// When we learned of that time, by our clock.
    #[serde(default)]
    pub learned: Option<Timestamp>,
    /// When it last changed the record by telling us itself (the API), which says no time of its own: by our clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// Whether it has shown what stood when the second of that time was over.
    #[serde(default)]
    pub is_whole: bool,
    /// Fields of calls whose outcome nobody knows: they agree with nothing until an answer, or the system, tells.
    #[serde(default)]
    pub unsure: BTreeMap<Field, Unsure>,
}

/// What a field may hold since a call that nobody knows the outcome of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsure {
    /// The values that such calls were to bring.
    pub values: Vec<Value>,
    /// When the last of them was about to be made.
    pub since: Timestamp,
}

/// How long after we learned of it a system's second is surely over: the second itself, and by how much our functions'
/// clocks may differ.
const OVER_AFTER: SignedDuration = SignedDuration::from_secs(3);
/// How far a system's clock may be ahead of ours, or behind it.
pub const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Receipt {
    /// The system last changed the object at `modified`, as we know since `now`.
    pub fn learn(&mut self, modified: Option<Timestamp>, now: Timestamp) {
        if modified.is_some() && modified != self.modified {
            self.modified = modified;
            self.learned = Some(now);
            self.is_whole = false;
        }
    }

    /// Whether a row carries the very time that is known.
    #[must_use]
    pub fn is_of(&self, modified: Option<Timestamp>) -> bool {
        modified.is_some() && modified == self.modified
    }

    /// A row of `modified`, asked for at `asked`, has been taken in.
    pub fn was_shown(&mut self, modified: Option<Timestamp>, asked: Option<Timestamp>) {
        let is_last = asked.zip(self.over_at()).is_some_and(|(asked, over)| asked >= over);
        self.is_whole |= self.is_of(modified) && is_last;
    }

    /// Whether a row of `modified` that was asked for at `asked` may be older than what is known. Times are whole
    /// seconds (docs/vendors.md §1.9), and answers overtake each other: of the second that is known, only a row that was
    /// asked for after it tells for certain what stands.
    #[must_use]
    pub fn may_be_older(&self, modified: Option<Timestamp>, asked: Option<Timestamp>) -> bool {
        self.is_of(modified) && asked.zip(self.over_at()).is_some_and(|(asked, over)| asked < over)
    }

    /// From when on a row must be asked for to be surely newer than what the source told us itself, if this one, asked for
    /// at `asked`, is not.
    #[must_use]
    pub fn overtaken(&self, asked: Option<Timestamp>) -> Option<Timestamp> {
        let over = self.told? + OVER_AFTER;
        asked.filter(|it| *it < over).map(|_| over)
    }

    /// When the second of the known time is over, by our clock: soon after we learned of it, or long after it. `None` where
    /// no time is known, or was learned before we took that down.
    #[must_use]
    pub fn over_at(&self) -> Option<Timestamp> {
        let (learned, modified) = self.learned.zip(self.modified)?;
        Some((learned + OVER_AFTER).min(modified + MOST_SKEW))
    }

    /// Whether the system is known to hold `value` in `field`: what we sent, or what it showed.
    #[must_use]
    pub fn agrees(&self, field: &str, value: &Value) -> bool {
        let seen = self.seen.get(field).filter(|_| !planted(Bug::EchoNotRecognised));
        let known = [self.sent.get(field), seen];
        let nothing_known = known.iter().all(Option::is_none);
        (nothing_known && value.is_empty()) || known.contains(&Some(value))
    }

    /// What the system last showed of `field`, or was last sent.
    #[must_use]
    pub fn base(&self, field: &str) -> Option<&Value> {
        self.seen.get(field).or_else(|| self.sent.get(field))
    }

    /// Whether `value` may stand in `field` because of a call of ours that nobody knows the outcome of.
    #[must_use]
    pub fn may_be_ours(&self, field: &str, value: &Value) -> bool {
        self.unsure.get(field).is_some_and(|it| it.values.contains(value))
    }

    /// A call of `at` was to bring these values, and nobody knows whether it did.
    pub(super) fn doubt(&mut self, sends: Fields, at: Timestamp) {
        for (field, value) in sends {
            let unsure = self.unsure.entry(field).or_insert_with(|| Unsure {
                values: Vec::new(),
                since: at,
            });
            unsure.since = unsure.since.max(at);
            if !unsure.values.contains(&value) {
                unsure.values.push(value);
            }
        }
    }

    /// The system shows `value` in `field`, in an object that it last changed at `modified`: what that tells of a call
    /// without an answer. An object as old as the call may have been read before it, and tells nothing.
    pub fn shown(&mut self, field: &str, value: &Value, modified: Option<Timestamp>) {
        let Some(unsure) = self.unsure.get(field) else { return };
        let arrived = unsure.values.contains(value);
        let newer = modified.is_none_or(|it| it > unsure.since);
        if arrived {
            self.sent.insert(field.to_owned(), value.clone());
        }
        if arrived || newer {
            self.unsure.remove(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::text(value)
    }

    /// The second of the row, when it was asked for (in milliseconds; we learned of second 100 at 100.200), and whether it
    /// may be older than what is known.
    #[test]
    fn an_answer_that_was_asked_for_before_the_second_was_over_may_be_older() {
        let ms = |it| Timestamp::from_millisecond(it).unwrap();
        let mut receipt = Receipt::default();
        assert!(
            !receipt.may_be_older(Some(ms(100_000)), Some(ms(0))),
            "nothing is known"
        );
        receipt.learn(Some(ms(100_000)), ms(100_200));
        receipt.learn(None, ms(101_000));
        receipt.learn(Some(ms(100_000)), ms(102_000));
        let mut late = receipt.clone();
        late.learn(Some(ms(101_000)), ms(500_000));
        assert!(!late.may_be_older(Some(ms(101_000)), Some(ms(401_000))), "long after");
        for (modified, asked, may_be) in [
            (Some(100_000), Some(99_500), true),
            (Some(100_000), Some(101_000), true),
            (Some(100_000), Some(103_199), true),
            (Some(100_000), Some(103_200), false),
            (Some(100_000), None, false),
            (Some(101_000), Some(99_500), false),
            (None, Some(99_500), false),
        ] {
            let is = receipt.may_be_older(modified.map(ms), asked.map(ms));
            assert_eq!(is, may_be, "{modified:?} {asked:?}");
            let mut shown = receipt.clone();
            shown.was_shown(modified.map(ms), asked.map(ms));
            let is_whole = (modified, asked) == (Some(100_000), Some(103_200));
            assert_eq!(shown.is_whole, is_whole, "{modified:?} {asked:?}");
        }
    }

    #[test]
    fn a_row_that_was_asked_for_before_the_source_told_us_itself_may_be_older() {
        let ms = |it| Timestamp::from_millisecond(it).unwrap();
        let told = Receipt {
            told: Some(ms(100_000)),
            ..Receipt::default()
        };
        for (asked, until) in [
            (Some(99_000), Some(103_000)),
            (Some(102_999), Some(103_000)),
            (Some(103_000), None),
            (None, None),
        ] {
            let is = told.overtaken(asked.map(ms));
            assert_eq!(is, until.map(ms), "{asked:?}");
        }
    }

    #[test]
    fn a_value_that_was_sent_or_shown_agrees() {
        let receipt = Receipt {
            sent: Fields::from([("a".into(), text("6.655"))]),
            seen: Fields::from([("a".into(), text("6.66"))]),
            ..Receipt::default()
        };
        assert!(receipt.agrees("a", &text("6.655")));
        assert!(receipt.agrees("a", &text("6.66")));
        assert!(!receipt.agrees("a", &text("7")));
        assert!(receipt.agrees("never shown", &Value::Empty));
        assert!(!receipt.agrees("a", &Value::Empty));
    }
}
