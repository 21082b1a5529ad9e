//! Changing one row (docs/vendors.md §4.2).

use super::rows::{Row, Table, time};
use super::{Supabase, codes};
use crate::systems::http::{Effect, Response};
use crate::systems::{Action, CallError, Written};
use http::Method;
use serde_json::Value as Json;

impl Supabase {
    /// Sets columns of the row with this id; others stay.
    ///
    /// Write class: **keyed** on the id (PostgREST, "Update"): it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such row; `Rejected` where the id is not unique (PGRST124: nothing is changed then);
    /// else as any write.
    pub async fn update(&self, table: &Table<'_>, id: &str, changes: &Row) -> Result<Written, CallError> {
        let filter = format!("eq.{id}");
        let request = self.change(Method::PATCH, table.name).query(&[(table.id, &filter)]);
        let request = request.header("prefer", "return=representation, handling=strict, max-affected=1");
        let answer = self.write(request.json(&Json::Object(changes.clone()))).await?;
        match returned(&answer)?.as_slice() {
            [] => Err(CallError::Gone("no row has this id".to_owned())),
            [row] => written(table, row, Action::Updated),
            rows => Err(CallError::Unknown(format!("{} rows were changed", rows.len()))),
        }
    }

    /// Makes the row, or sets its columns where a row has the same `on_conflict` columns, which must be unique.
    ///
    /// Write class: **keyed** on those columns (PostgREST, "Upsert"): it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such table: it is an optional one; else as any write.
    pub async fn upsert_row(&self, table: &str, on_conflict: &str, row: &Row) -> Result<(), CallError> {
        let request = self.change(Method::POST, table).query(&[("on_conflict", on_conflict)]);
        let request = request.header("prefer", "resolution=merge-duplicates, missing=default, return=minimal");
        let answer = self.http.send(request.json(&Json::Object(row.clone()))).await?;
        if answer.status().is_success() {
            return Ok(());
        }
        let body = answer.json().ok().flatten().unwrap_or(Json::Null);
        match codes::is_no_table(codes::code(&body)) {
            true => Err(CallError::Gone(format!("no such table: {table}"))),
            false => Err(codes::refusal(
                Effect::Writes,
                answer.status().as_u16(),
                answer.retry_after(),
                &body,
            )),
        }
    }
}

/// The rows that a write returns, as they now are.
pub(super) fn returned(answer: &Response) -> Result<Vec<Row>, CallError> {
    let row = |row: &Json| row.as_object().cloned();
    let rows = answer
        .json()
        .ok()
        .flatten()
        .and_then(|body| body.as_array()?.iter().map(row).collect());
    rows.ok_or_else(|| CallError::Unknown("a success without its rows".to_owned()))
}

pub(super) fn written(table: &Table<'_>, row: &Row, action: Action) -> Result<Written, CallError> {
    let id = table.id(row);
    Ok(Written {
        id: id.ok_or_else(|| CallError::Unknown(format!("a success without {}", table.id)))?,
        modified: time(row, table.modified).ok().flatten(),
        action,
        seen: Some(row.clone()),
        held: None,
    })
}
