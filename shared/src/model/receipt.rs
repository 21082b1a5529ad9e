//! What a system confirmed and last showed of a record, and what nobody knows of it.

use super::{Field, Fields, Value};
use crate::planted::{Bug, planted};
use jiff::Timestamp;
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

impl Receipt {
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
