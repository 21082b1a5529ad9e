//! Values of a column: read as Postgres reads them, printed as PostgREST prints them.

use jiff::tz::{Offset, TimeZone};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit, civil};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::error::Failure;
use super::schema::Kind;

/// A value. Nulls come last, as in an ascending order of Postgres; texts sort by bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Cell {
    Bool(bool),
    Int(i32),
    Numeric(Decimal),
    Time(Timestamp),
    Uuid(Uuid),
    Text(String),
    Null,
}

impl Cell {
    /// Reads a text as a value of this type.
    pub(crate) fn parse(kind: Kind, text: &str) -> Result<Self, Failure> {
        let cell = match kind {
            Kind::Text => Some(Cell::Text(text.to_owned())),
            Kind::Uuid => Uuid::try_parse(text.trim()).ok().map(Cell::Uuid),
            Kind::Numeric => numeric(text.trim()).map(Cell::Numeric),
            Kind::Integer => return integer(text.trim()),
            Kind::Boolean => boolean(text.trim()).map(Cell::Bool),
            Kind::Timestamp => time(text.trim()).map(Cell::Time),
        };
        cell.ok_or_else(|| bad(kind, text))
    }

    /// Reads a JSON value, as `json_populate_record` casts it: by its text.
    pub(crate) fn from_json(kind: Kind, value: &Value) -> Result<Self, Failure> {
        match value {
            Value::Null => Ok(Cell::Null),
            Value::String(text) => Self::parse(kind, text),
            other => Self::parse(kind, &other.to_string()),
        }
    }

    /// The value as Postgres shows it in a message or a cast to text.
    pub(crate) fn text(&self) -> String {
        match self {
            Cell::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
            Cell::Int(value) => value.to_string(),
            Cell::Numeric(value) => value.to_string(),
            Cell::Time(value) => printed(*value),
            Cell::Uuid(value) => value.to_string(),
            Cell::Text(value) => value.clone(),
            Cell::Null => "null".to_owned(),
        }
    }

    /// The value as JSON. A numeric keeps all its digits.
    pub(crate) fn json(&self) -> Value {
        match self {
            Cell::Bool(value) => Value::Bool(*value),
            Cell::Int(value) => Value::Number((*value).into()),
            Cell::Numeric(value) => serde_json::from_str(&value.to_string()).unwrap_or(Value::Null),
            Cell::Time(_) | Cell::Uuid(_) | Cell::Text(_) => Value::String(self.text()),
            Cell::Null => Value::Null,
        }
    }
}

fn bad(kind: Kind, text: &str) -> Failure {
    let code = if kind == Kind::Timestamp { "22007" } else { "22P02" };
    Failure::new(
        400,
        code,
        &format!("invalid input syntax for type {}: \"{text}\"", kind.name()),
    )
}

fn numeric(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix('+').unwrap_or(text);
    Decimal::from_str_exact(plain)
        .or_else(|_| Decimal::from_scientific(plain))
        .ok()
}

fn integer(text: &str) -> Result<Cell, Failure> {
    let whole: i128 = text.parse().map_err(|_| bad(Kind::Integer, text))?;
    let out = || {
        Failure::new(
            400,
            "22003",
            &format!("value \"{text}\" is out of range for type integer"),
        )
    };
    i32::try_from(whole).map(Cell::Int).map_err(|_| out())
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "t" | "tr" | "tru" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "fa" | "fal" | "fals" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// An instant; without an offset it is UTC, the session's zone.
fn time(text: &str) -> Option<Timestamp> {
    let utc = |at: civil::DateTime| at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let instant = text.parse::<Timestamp>().ok();
    let instant = instant.or_else(|| text.parse::<civil::DateTime>().ok().and_then(utc))?;
    let micros = TimestampRound::new()
        .smallest(Unit::Microsecond)
        .mode(RoundMode::HalfExpand);
    instant.round(micros).ok()
}

/// `2026-01-02T03:04:05.123456+00:00`; the fraction without closing zeros, as Postgres prints JSON.
fn printed(at: Timestamp) -> String {
    at.display_with_offset(Offset::UTC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, text: &str) -> String {
        Cell::parse(kind, text).map_or_else(|f| f.body()["code"].to_string(), |cell| cell.json().to_string())
    }

    #[test]
    fn values_are_read_and_printed_as_postgres_does() {
        assert_eq!(read(Kind::Numeric, "5.50"), "5.50");
        assert_eq!(read(Kind::Numeric, "1e3"), "1000");
        assert_eq!(read(Kind::Numeric, "x"), "\"22P02\"");
        assert_eq!(read(Kind::Integer, "12.5"), "\"22P02\"");
        assert_eq!(read(Kind::Integer, "3000000000"), "\"22003\"");
        assert_eq!(read(Kind::Boolean, "yes"), "true");
        assert_eq!(read(Kind::Uuid, "abc"), "\"22P02\"");
        let utc = "\"2026-01-02T03:04:05.12+00:00\"";
        assert_eq!(read(Kind::Timestamp, "2026-01-02T04:04:05.120000+01:00"), utc);
        assert_eq!(read(Kind::Timestamp, "2026-01-02 03:04:05.12+00"), utc);
        assert_eq!(read(Kind::Timestamp, "2026-01-02"), "\"2026-01-02T00:00:00+00:00\"");
        // A plus sign that was not escaped in a URL arrives as a space.
        assert_eq!(read(Kind::Timestamp, "2026-01-02T03:04:05 00:00"), "\"22007\"");
    }
}
