//! What holds for the fields of every body: a mistake names its field, a text is not endless, an instant has come.

use crate::app::App;
use crate::model::MOST_SKEW;
use crate::sync::portal::instant;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) detail: String,
}

/// Longest text of a field, in bytes.
const LONGEST: usize = 32_000;

pub(super) fn wrong(field: &str, detail: &str) -> Wrong {
    Wrong {
        field: field.to_owned(),
        detail: format!("{field}: {detail}"),
    }
}

/// A text of at most 32,000 bytes, where it is to be text; where it need not be, anything.
pub(super) fn is_text(name: &str, value: &Json, must_be: bool) -> Result<(), Wrong> {
    if value.as_str().is_some_and(|it| it.len() > LONGEST) {
        return Err(wrong(name, "is longer than 32,000 bytes"));
    }
    match must_be && !value.is_string() && !value.is_null() {
        true => Err(wrong(name, "is not text")),
        false => Ok(()),
    }
}

/// An instant of the body. One that has not come would make everything later look old.
pub(super) fn time(app: &App, fields: &Map<String, Json>, name: &str) -> Result<Option<Timestamp>, Wrong> {
    let read = match fields.get(name) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::String(text)) => instant(name, text).map_err(|detail| Wrong {
            field: name.to_owned(),
            detail,
        })?,
        Some(_) => return Err(wrong(name, "is not an instant with its offset")),
    };
    match read > app.clock.now() + MOST_SKEW {
        true => Err(wrong(name, "lies in the future")),
        false => Ok(Some(read)),
    }
}
