//! Between a system's words and Concord's: rows read, values projected. Pure.

use super::{FieldSpec, KindSpec, Origin, Shape, ToldOf};
use crate::billing::lines;
use crate::lead::contact;
use crate::lead::status::StatusMap;
use crate::model::{Fields, Patch, Patches, Record, System, Value};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

/// A word that the status table does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped;

/// What a system's row says of each field, in the system's own words. Columns that we don't know are not ours.
///
/// # Errors
/// Names the column that can't be read: the row then goes to quarantine whole.
pub fn read_row(spec: &KindSpec, system: &System, row: &Map<String, Json>) -> Result<Patches, String> {
    let mut patches = Patches::new();
    for field in spec.fields.iter().filter(|it| it.origin == Origin::Field) {
        let Some(column) = field.column(system) else { continue };
        let Some(json) = row.get(column) else { continue };
        let value = read(field.shape, json).map_err(|why| format!("{column}: {why}"))?;
        patches.insert(field.name.to_owned(), Patch::from(value));
    }
    Ok(patches)
}

/// Reads one value. Numbers may come as text, booleans as words: databases and people differ.
pub(crate) fn read(shape: Shape, json: &Json) -> Result<Value, String> {
    if shape == Shape::Lines {
        return list_of_lines(json);
    }
    let text = match json {
        Json::Null => return Ok(Value::Empty),
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Bool(yes) => yes.to_string(),
        _ => return Err("is a list or an object".to_owned()),
    };
    if text.is_empty() {
        return Ok(Value::Empty);
    }
    match shape {
        Shape::Text | Shape::Email | Shape::Status | Shape::Uuid => Ok(Value::Text(text)),
        Shape::Decimal | Shape::Money => decimal(&text).map(Value::Decimal),
        Shape::Date => date(&text),
        Shape::Lines => list_of_lines(json),
        Shape::Integer => integer(&text).map(Value::Integer),
        Shape::Boolean => boolean(&text),
    }
}

/// A list of lines, or the text that was made of one before.
fn list_of_lines(json: &Json) -> Result<Value, String> {
    let lines = match json {
        Json::Null => return Ok(Value::Empty),
        Json::String(text) if text.trim().is_empty() => return Ok(Value::Empty),
        Json::String(text) => lines::parse(text)?,
        list => lines::read(list)?,
    };
    Ok(match lines.is_empty() {
        true => Value::Empty,
        false => Value::Text(lines::write(&lines)),
    })
}

fn date(text: &str) -> Result<Value, String> {
    let day: jiff::civil::Date = text.parse().map_err(|_| "is no day such as 2026-11-21".to_owned())?;
    Ok(Value::Text(day.to_string()))
}

fn decimal(text: &str) -> Result<Decimal, String> {
    text.parse()
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| "is not a number".to_owned())
}

fn integer(text: &str) -> Result<i64, String> {
    let number = decimal(text)?;
    if !number.is_integer() {
        return Err("is not a whole number".to_owned());
    }
    i64::try_from(number).map_err(|_| "is too large".to_owned())
}

fn boolean(text: &str) -> Result<Value, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(Value::Boolean(true)),
        "false" | "no" | "0" => Ok(Value::Boolean(false)),
        _ => Err("is neither true nor false".to_owned()),
    }
}

/// A system's value in Concord's words.
///
/// # Errors
/// [`Unmapped`] for a status word that the table does not have: that field alone is held.
pub fn to_hub(field: &FieldSpec, system: &System, value: &Value, words: &StatusMap) -> Result<Value, Unmapped> {
    match (field.shape, value) {
        (Shape::Status, Value::Text(word)) => words
            .read(system.as_str(), word)
            .map(|it| Value::Text(it.to_owned()))
            .ok_or(Unmapped),
        // An address that is none is kept as it was written; it is no key.
        (Shape::Email, Value::Text(raw)) => Ok(Value::Text(contact::email(raw).unwrap_or_else(|| raw.clone()))),
        _ => Ok(value.clone()),
    }
}

/// What a system is to hold of a record, in its own words, under Concord's field names; and the fields whose
/// word the system does not have.
#[must_use]
pub fn project(
    spec: &KindSpec,
    system: &System,
    record: &Record,
    told: &ToldOf,
    words: &StatusMap,
) -> (Fields, Vec<String>) {
    let (mut wanted, mut unmapped) = (Fields::new(), Vec::new());
    for field in spec.fields.iter().filter(|it| it.column(system).is_some()) {
        let value = own_value(field, record, told);
        match to_system(field, system, &value, words) {
            Ok(value) => _ = wanted.insert(field.name.to_owned(), value),
            Err(Unmapped) => unmapped.push(field.name.to_owned()),
        }
    }
    (wanted, unmapped)
}

fn own_value(field: &FieldSpec, record: &Record, told: &ToldOf) -> Value {
    let text = |it: &String| Value::Text(it.clone());
    let found = match field.origin {
        Origin::Field => record.fields.get(field.name).cloned(),
        Origin::Key => record.keys.get(field.name).map(text),
        Origin::RemoteId(system) => told
            .get(&System::of(system))
            .and_then(|it| it.remote_id.as_ref().map(text)),
        Origin::Standing(system, says) => Some(says.of(told.get(&System::of(system)))),
    };
    found.unwrap_or(Value::Empty)
}

fn to_system(field: &FieldSpec, system: &System, value: &Value, words: &StatusMap) -> Result<Value, Unmapped> {
    match (field.shape, value) {
        (Shape::Status, Value::Text(status)) => words
            .write(system.as_str(), status)
            .map(|it| Value::Text(it.to_owned()))
            .ok_or(Unmapped),
        _ => Ok(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_every_shape() {
        let cases = [
            (
                Shape::Decimal,
                json!("6.60"),
                Ok(Value::Decimal("6.6".parse().unwrap())),
            ),
            (
                Shape::Decimal,
                json!(8450.1),
                Ok(Value::Decimal("8450.1".parse().unwrap())),
            ),
            (Shape::Decimal, json!(1e2), Ok(Value::Decimal("100".parse().unwrap()))),
            (Shape::Decimal, json!("six"), Err("is not a number".to_owned())),
            (Shape::Integer, json!("120.0"), Ok(Value::Integer(120))),
            (Shape::Integer, json!(1.5), Err("is not a whole number".to_owned())),
            (Shape::Boolean, json!("Yes"), Ok(Value::Boolean(true))),
            (Shape::Boolean, json!(false), Ok(Value::Boolean(false))),
            (Shape::Text, json!("  "), Ok(Value::Empty)),
            (Shape::Text, json!(null), Ok(Value::Empty)),
            (Shape::Text, json!([1]), Err("is a list or an object".to_owned())),
            (Shape::Text, json!(5), Ok(Value::Text("5".into()))),
        ];
        for (shape, raw, wanted) in cases {
            assert_eq!(read(shape, &raw), wanted, "{raw}");
        }
    }
}
