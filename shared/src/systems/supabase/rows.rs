//! Rows, and the columns that place them.

use crate::systems::{BadRow, Seen};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// A row: its columns by name.
pub type Row = Map<String, Json>;

/// A table, and its columns that every table of ours has under some name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// Its name.
    pub name: &'a str,
    /// The column of its key.
    pub id: &'a str,
    /// The column that says when a row was last changed; a row without such a time is on no page.
    pub modified: &'a str,
    /// The column that says when a row was made, where there is one.
    pub created: Option<&'a str>,
}

/// A place in the order of (modified, id). Both are the database's own text: microseconds survive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The modified time of the last row read.
    pub time: String,
    /// Its id.
    pub id: String,
}

impl Table<'_> {
    /// The place of a row; `None` if it lacks its id or its time.
    #[must_use]
    pub fn cursor(&self, row: &Row) -> Option<Cursor> {
        Some(Cursor {
            time: row.get(self.modified)?.as_str()?.to_owned(),
            id: self.id(row)?,
        })
    }

    /// The row as a system's object.
    ///
    /// # Errors
    /// It has no id, or its times can't be read.
    pub fn seen(&self, row: &Row) -> Result<Seen, BadRow> {
        let id = self.id(row);
        let bad = |why: String| BadRow { id: id.clone(), why };
        let known = id.clone().ok_or_else(|| bad(format!("a row without {}", self.id)))?;
        let created = self.created.map_or(Ok(None), |column| time(row, column));
        Ok(Seen {
            id: known,
            modified: time(row, self.modified).map_err(bad)?,
            created: created.map_err(bad)?,
            asked: None,
            fields: row.clone(),
            gone: None,
        })
    }

    pub(super) fn id(&self, row: &Row) -> Option<String> {
        row.get(self.id).and_then(text)
    }

    /// The `select` of these columns and the table's own; none are all.
    pub(super) fn select(&self, columns: &[&str]) -> String {
        if columns.is_empty() {
            return "*".to_owned();
        }
        let mut all = columns.to_vec();
        for own in [Some(self.id), Some(self.modified), self.created].into_iter().flatten() {
            if !all.contains(&own) {
                all.push(own);
            }
        }
        all.join(",")
    }
}

/// The text of a value that can be a key.
pub(super) fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn time(row: &Row, column: &str) -> Result<Option<Timestamp>, String> {
    match row.get(column) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => match value.as_str().and_then(instant) {
            Some(time) => Ok(Some(time)),
            None => Err(format!("{column} is not a time")),
        },
    }
}

/// A `timestamp` without a zone is taken as UTC, the zone of a Supabase database unless someone changed it.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LEADS: Table<'_> = Table {
        name: "leads",
        id: "id",
        modified: "updated_at",
        created: Some("created_at"),
    };

    fn row(value: Json) -> Row {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_cursor_keeps_the_databases_own_text() {
        let row = row(
            json!({"id": 7, "updated_at": "2026-01-02T03:04:05.123456+00:00", "created_at": "2026-01-02T03:04:05.1"}),
        );
        let cursor = LEADS.cursor(&row).unwrap();
        assert_eq!(
            (cursor.time.as_str(), cursor.id.as_str()),
            ("2026-01-02T03:04:05.123456+00:00", "7")
        );
        let seen = LEADS.seen(&row).unwrap();
        assert_eq!(seen.modified, Some("2026-01-02T03:04:05.123456Z".parse().unwrap()));
        assert_eq!(seen.created, Some("2026-01-02T03:04:05.1Z".parse().unwrap()));
    }

    #[test]
    fn a_row_that_cannot_be_read_says_which_it_is() {
        assert_eq!(LEADS.seen(&row(json!({"updated_at": null}))).unwrap_err().id, None);
        let bad = LEADS.seen(&row(json!({"id": "a", "updated_at": "soon"}))).unwrap_err();
        assert_eq!(
            (bad.id.as_deref(), bad.why.as_str()),
            (Some("a"), "updated_at is not a time")
        );
    }

    #[test]
    fn the_tables_own_columns_are_always_asked_for() {
        assert_eq!(LEADS.select(&[]), "*");
        assert_eq!(LEADS.select(&["email", "id"]), "email,id,updated_at,created_at");
    }
}
