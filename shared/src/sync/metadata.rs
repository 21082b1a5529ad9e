//! Sync metadata: a row for each run in the back office's own table, where it exists.

use crate::app::App;
use crate::sync::run::Run;
use crate::systems::CallError;
use serde_json::{Value as Json, json};

const TABLE: &str = "sync_metadata";

/// Writes the run's row. It is a courtesy: the run's own item is the truth, and a failure is only logged.
pub(crate) async fn write(app: &App, run: &Run) {
    let Some(backoffice) = &app.backoffice else { return };
    let Json::Object(row) = row(run) else { return };
    match backoffice.upsert_row(TABLE, "id", &row).await {
        Ok(()) | Err(CallError::Gone(_)) => {}
        Err(error) => tracing::warn!(run = run.id, %error, "sync metadata not written to the back office"),
    }
}

fn row(run: &Run) -> Json {
    let counts = &run.counts;
    json!({
        "id": run.id, "job": run.job, "started_at": run.started_at, "finished_at": run.finished_at,
        "cursor_before": run.cursor_before.map(|it| it.to_string()),
        "cursor_after": run.cursor_after.map(|it| it.to_string()),
        "read": counts.read, "created": counts.created, "updated": counts.updated, "unchanged": counts.unchanged,
        "held": counts.held, "failed": counts.failed, "error": run.error,
    })
}
