//! Rows as JSON, in the order of the columns asked for.

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::Value;

use super::cell::Cell;
use super::error::{Failure, JSON};
use super::query::Shown;
use super::rows::Row;
use crate::answer;

/// What the caller takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Array,
    Object,
}

const OBJECT: &str = "application/vnd.pgrst.object+json";
const OBJECT_UTF8: &str = "application/vnd.pgrst.object+json; charset=utf-8";
const TAKEN: [&str; 4] = [
    "application/json",
    "application/vnd.pgrst.array+json",
    "application/*",
    "*/*",
];

impl Media {
    /// Reads `Accept`; nothing that can be made here is 406 PGRST107.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Failure> {
        let Some(accept) = headers.get("accept").and_then(|value| value.to_str().ok()) else {
            return Ok(Media::Array);
        };
        for kind in accept
            .split(',')
            .map(|kind| kind.split(';').next().unwrap_or_default().trim())
        {
            if kind == OBJECT {
                return Ok(Media::Object);
            }
            if TAKEN.contains(&kind) {
                return Ok(Media::Array);
            }
        }
        let message = format!("None of these media types are available: {accept}");
        Err(Failure::new(406, "PGRST107", &message))
    }

    /// An object is exactly one row.
    pub(crate) fn check(self, rows: usize) -> Result<(), Failure> {
        if self == Media::Array || rows == 1 {
            return Ok(());
        }
        let failure = Failure::new(406, "PGRST116", "Cannot coerce the result to a single JSON object");
        Err(failure.details(&format!("The result contains {rows} rows")))
    }

    /// The answer with these rows.
    pub(crate) fn response(self, status: u16, shown: &[Shown], rows: &[&Row]) -> Response<Bytes> {
        let objects: Vec<String> = rows.iter().map(|row| object(shown, row)).collect();
        let body = objects.join(",\n ");
        match self {
            Media::Array => answer::json(status, JSON, format!("[{body}]").into_bytes()),
            Media::Object => answer::json(status, OBJECT_UTF8, body.into_bytes()),
        }
    }
}

fn object(shown: &[Shown], row: &Row) -> String {
    let member = |column: &Shown| {
        let cell = &row[column.place];
        let value = match cell {
            Cell::Null => Value::Null,
            cell if column.as_text => Value::String(cell.text()),
            cell => cell.json(),
        };
        format!("{}:{value}", Value::from(column.label.as_str()))
    };
    format!("{{{}}}", shown.iter().map(member).collect::<Vec<_>>().join(","))
}
