//! Values of fields, and what an arrival says of a field: keep, clear or set.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A field's name inside Concord (`first_name`), the same in code, in the API and on screen.
pub type Field = String;

/// The fields of a record; one that is not there is empty.
pub type Fields = BTreeMap<Field, Value>;

/// What an arrival says of each field that it mentions.
pub type Patches = BTreeMap<Field, Patch>;

/// The value of a field. Money is decimal, never a float.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing.
    Empty,
    /// Text, trimmed, never empty.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// An instant (UTC).
    Instant(Timestamp),
}

impl Value {
    /// Text without its surrounding white space; `Empty` where none is left.
    #[must_use]
    pub fn text(raw: &str) -> Self {
        match raw.trim() {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this can be what a system has made of `sent` by itself: trimmed, cut off at its limit, in other letters,
    /// or rounded. Anything else was written by somebody, though it carries the very second of our own write.
    #[must_use]
    pub fn is_form_of(&self, sent: &Self) -> bool {
        match (self, sent) {
            (Self::Text(shown), Self::Text(sent)) => {
                let (is, was) = (folded(shown), folded(sent));
                is == was || (shown.chars().count() >= SHORTEST_CUT && was.starts_with(&is))
            }
            (Self::Decimal(shown), Self::Decimal(sent)) => (*shown - *sent).abs() <= last_place(*shown),
            (Self::Integer(shown), Self::Decimal(sent)) => (Decimal::from(*shown) - *sent).abs() <= Decimal::ONE,
            // Of another type, or left out: not what anybody typed over it.
            (Self::Text(_) | Self::Decimal(_) | Self::Integer(_), Self::Text(_) | Self::Integer(_)) => self == sent,
            _ => true,
        }
    }

    /// The value as JSON, as systems and callers write it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Empty => Json::Null,
            Self::Text(text) => Json::String(text.clone()),
            Self::Integer(number) => Json::from(*number),
            Self::Decimal(number) => decimal_json(*number),
            Self::Boolean(yes) => Json::Bool(*yes),
            Self::Instant(at) => Json::String(at.to_string()),
        }
    }
}

/// No system's limit for a text is lower, in characters. Whoever makes "12 Main Street" of "12 Main Street, flat 3" is a
/// person.
const SHORTEST_CUT: usize = 30;

/// Letters and digits only, all small: white space and punctuation are what systems change first.
fn folded(text: &str) -> String {
    let kept = text.chars().filter(|it| it.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// An exact decimal of JSON: a number, or a text that holds one.
#[must_use]
pub fn decimal(value: &Json) -> Option<Decimal> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// One unit in the last place that a number shows.
fn last_place(number: Decimal) -> Decimal {
    Decimal::new(1, number.normalize().scale())
}

/// A JSON number with the decimal's own digits (never through a float).
fn decimal_json(number: Decimal) -> Json {
    serde_json::from_str(&number.normalize().to_string()).unwrap_or(Json::Null)
}

/// What an arrival says of one field. One that it doesn't mention is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Patch {
    /// Leave it.
    Keep,
    /// Make it empty.
    Clear,
    /// Give it this value.
    Set(Value),
}

impl Patch {
    /// The value that the patch leaves, where it changes one.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(Value::Empty),
            Self::Set(value) => Some(value.clone()),
        }
    }
}

impl From<Value> for Patch {
    fn from(value: Value) -> Self {
        if value.is_empty() {
            Self::Clear
        } else {
            Self::Set(value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        let value = Value::Decimal("8450.10".parse().unwrap());
        assert_eq!(value.to_json().to_string(), "8450.1");
        assert_eq!(value, Value::Decimal("8450.1000".parse().unwrap()));
    }

    #[test]
    fn a_system_trims_cuts_and_rounds_and_a_person_writes() {
        let decimal = |it: &str| Value::Decimal(it.parse().unwrap());
        for (sent, shown, is_form) in [
            (Value::text("12, Triq il-Kbira"), Value::text("12 triq il-kbira"), true),
            (
                Value::text("a story that is too long for its field"),
                Value::text("a story that is too long for its"),
                true,
            ),
            (Value::text("a long story"), Value::text("a long"), false),
            (Value::text("street 1"), Value::text("street 7"), false),
            (Value::text("street 1"), Value::text("street 10"), false),
            (decimal("6.655"), decimal("6.66"), true),
            (decimal("6.655"), decimal("7"), true),
            (decimal("1002.5"), decimal("1007.5"), false),
            (decimal("6.655"), Value::Integer(7), true),
            (Value::text("loan"), Value::Empty, true),
            (Value::Boolean(true), Value::Boolean(false), true),
        ] {
            assert_eq!(shown.is_form_of(&sent), is_form, "{sent:?} {shown:?}");
        }
    }

    #[test]
    fn blank_text_is_empty() {
        assert_eq!(Value::text(" \u{a0}\t"), Value::Empty);
        assert_eq!(Value::text(" Ġorġ "), Value::Text("Ġorġ".into()));
    }
}
