//! What people do in the project's own database, past the API, and what tests look at.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::error::Failure;
use super::payload::Payload;
use super::prefer::Prefer;
use super::query::Query;
use super::rows::Row;
use super::show::Media;
use super::state::{WebhookCall, object};
use super::turn::Turn;
use super::{Supabase, cell::Cell, change, write};
use crate::locked;

impl Supabase {
    /// All rows of a table, in the order of the heap; none where there is no such table.
    pub fn rows(&self, table: &str) -> Vec<Value> {
        let state = locked(&self.0.state);
        let rows = state.rows(table);
        rows.map(|rows| rows.all().map(|(_, row)| object(&rows.table, row)).collect())
            .unwrap_or_default()
    }

    /// A person inserts a row; the answer is the row as it stands.
    ///
    /// # Errors
    /// The database's error, as the API would give it.
    pub fn insert_row(&self, table: &str, row: Value) -> Result<Value, Value> {
        self.by_hand(table, &row, |turn, payload| {
            let given = payload.objects.first().cloned().unwrap_or_default();
            let row = write::make(turn, &payload.places, &given)?;
            write::insert(turn, row)
        })
    }

    /// A person changes columns of the row with this (single-column) primary key.
    ///
    /// # Errors
    /// The database's error, as the API would give it; PGRST116 when there is no such row.
    pub fn update_row(&self, table: &str, key: &str, changes: Value) -> Result<Value, Value> {
        self.by_hand(table, &changes, |turn, payload| {
            let (id, mut row) = find(turn, key)?;
            let given = payload.objects.first().cloned().unwrap_or_default();
            for place in &payload.places {
                let column = &turn.table.columns[*place];
                row[*place] = Cell::from_json(column.kind, given.get(&column.name).unwrap_or(&Value::Null))?;
            }
            change::update(turn, id, row)
        })
    }

    /// A person deletes the row with this (single-column) primary key.
    ///
    /// # Errors
    /// The database's error, as the API would give it; PGRST116 when there is no such row.
    pub fn delete_row(&self, table: &str, key: &str) -> Result<(), Value> {
        let deleted = self.by_hand(table, &Value::Null, |turn, _| {
            let (id, _) = find(turn, key)?;
            let table = turn.table.name.clone();
            Ok(turn.state.replace(&table, Some(id), None))
        });
        deleted.map(drop)
    }

    /// The webhooks' POSTs that are due, in order; they are due no more.
    pub fn take_webhooks(&self) -> Vec<WebhookCall> {
        // A journal that fails here fails again on the next call, where it can be answered.
        locked(&self.0.state).take_due().unwrap_or_default()
    }

    fn by_hand(
        &self,
        table: &str,
        given: &Value,
        act: impl FnOnce(&mut Turn<'_>, &Payload) -> Result<Option<u64>, Failure>,
    ) -> Result<Value, Value> {
        let settings = &self.0.settings;
        let (now, headers) = ((self.0.front.now)(), HeaderMap::new());
        let body = Bytes::from(given.to_string());
        let mut state = locked(&self.0.state);
        let result = super::table(&state, table).and_then(|table| {
            let payload = Payload::read(&table, &headers, &body, None)?;
            let mut turn = Turn {
                settings,
                now,
                query: Query::read(&table, "")?,
                prefer: Prefer::default(),
                media: Media::Array,
                table,
                state: &mut state,
                headers: &headers,
                method: &Method::POST,
                body: &body,
            };
            let id = act(&mut turn, &payload)?;
            let row = id.and_then(|id| turn.rows().ok()?.get(id));
            Ok(row.map(|row| object(&turn.table, row)).unwrap_or(Value::Null))
        });
        match result {
            Ok(row) => {
                let kept = state.commit(settings, &self.0.front.faults, now);
                kept.map_err(|error| Value::String(error.to_string()))?;
                Ok(row)
            }
            Err(failure) => {
                state.roll_back();
                Err(failure.body().clone())
            }
        }
    }
}

fn find(turn: &Turn<'_>, key: &str) -> Result<(u64, Row), Failure> {
    let missing = || Failure::new(406, "PGRST116", "Cannot coerce the result to a single JSON object");
    let place = turn
        .table
        .primary_key
        .first()
        .and_then(|name| turn.table.place(name))
        .ok_or_else(missing)?;
    let mut probe = vec![Cell::Null; turn.table.columns.len()];
    probe[place] = Cell::parse(turn.table.columns[place].kind, key)?;
    let rows = turn.rows()?;
    let id = rows.conflict(0, &probe).ok_or_else(missing)?;
    Ok((id, rows.get(id).cloned().ok_or_else(missing)?))
}
