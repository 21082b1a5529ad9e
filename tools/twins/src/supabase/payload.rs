//! The body of a write: rows as JSON objects, and the columns that they set (docs/vendors.md §4.2).

use http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::error::Failure;
use super::schema::Table;

/// Rows to write, and the places of the columns that are set.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) objects: Vec<Map<String, Value>>,
    pub(crate) places: Vec<usize>,
}

impl Payload {
    /// Reads a body. Without `columns` all objects must have the same keys, and these are the columns;
    /// with it, other keys are passed over and absent ones count as missing.
    pub(crate) fn read(
        table: &Table,
        headers: &HeaderMap,
        body: &[u8],
        columns: Option<&[String]>,
    ) -> Result<Self, Failure> {
        check_type(headers)?;
        let value: Value = serde_json::from_slice(body).map_err(|_| invalid("Empty or invalid json"))?;
        let objects = objects(value)?;
        let names: Vec<String> = match columns {
            Some(columns) => columns.to_vec(),
            None => same_keys(&objects)?,
        };
        let place = |name: &String| table.place(name).ok_or_else(|| Failure::stale_column(table, name));
        Ok(Self {
            places: names.iter().map(place).collect::<Result<_, _>>()?,
            objects,
        })
    }
}

fn invalid(message: &str) -> Failure {
    Failure::new(400, "PGRST102", message)
}

fn check_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(given) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return Ok(());
    };
    let kind = given.split(';').next().unwrap_or_default().trim();
    match kind {
        "application/json" | "application/vnd.pgrst.array+json" => Ok(()),
        other => Err(invalid(&format!("Content-Type not acceptable: {other}"))),
    }
}

fn objects(value: Value) -> Result<Vec<Map<String, Value>>, Failure> {
    match value {
        Value::Object(object) => Ok(vec![object]),
        Value::Array(list) => list
            .into_iter()
            .map(|item| match item {
                Value::Object(object) => Ok(object),
                _ => Err(invalid("All object keys must match")),
            })
            .collect(),
        // Anything else counts as an empty list.
        _ => Ok(Vec::new()),
    }
}

fn same_keys(objects: &[Map<String, Value>]) -> Result<Vec<String>, Failure> {
    let Some(first) = objects.first() else {
        return Ok(Vec::new());
    };
    let same = objects.iter().all(|object| object.keys().eq(first.keys()));
    if same {
        Ok(first.keys().cloned().collect())
    } else {
        Err(invalid("All object keys must match"))
    }
}
