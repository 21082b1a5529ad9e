//! The portal's table of leads, by `updated_at` and `id`. Its clock and triggers are not ours: a day of overlap.

use super::{Page, Row, since};
use crate::app::App;
use crate::sync::portal::row_arrival;
use crate::sync::run::Run;
use crate::systems::CallError;
use crate::systems::supabase::{Cursor, Table};
use anyhow::Result;
use jiff::SignedDuration;
use serde_json::json;

const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// Supabase caps rows per request (1,000 by default), and a short page is no proof of the end. A page is worked off
/// within a run's lease.
const ROWS: usize = 200;

/// The portal's table.
pub(crate) fn table(app: &App) -> Table<'_> {
    Table {
        name: &app.config.leads_tables.0,
        id: "id",
        modified: "updated_at",
        created: Some("created_at"),
    }
}

pub(super) async fn page(app: &App, run: &Run) -> Result<Result<Page, CallError>> {
    let Some(portal) = &app.portal else {
        return Ok(Err(CallError::Later("the portal is not configured".into())));
    };
    let text = |name: &str| run.position.get(name).and_then(|it| it.as_str()).map(str::to_owned);
    let after = text("time").zip(text("id")).map(|(time, id)| Cursor { time, id });
    let table = table(app);
    let asked = app.clock.now();
    let rows = match portal
        .page(&table, &[], after.as_ref(), since(run, OVERLAP), ROWS)
        .await
    {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(error)),
    };
    let next = rows
        .last()
        .and_then(|it| table.cursor(it))
        .map(|it| json!({ "time": it.time, "id": it.id }));
    let read = |row: &serde_json::Map<String, serde_json::Value>| match row_arrival(app, row, true) {
        Ok(arrival) => Row::Says(Box::new(arrival.asked_at(asked))),
        Err(why) => Row::Unreadable(row.get("id").map(ToString::to_string).unwrap_or_default(), why),
    };
    Ok(Ok(Page {
        rows: rows.iter().map(read).collect(),
        next,
    }))
}
