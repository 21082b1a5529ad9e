//! Database webhooks of the app: which of its tables, which row; the row is read again.

use super::{deleted, is_deletion, not_read, texts, worse};
use crate::app::App;
use crate::intake::Ended;
use crate::model::{Arrival, Class, Kind};
use crate::sync::accept::Accepted;
use crate::sync::billing::{id, row_arrival, take_in};
use crate::sync::pull::app_table;
use anyhow::Result;
use serde_json::Value as Json;

pub(super) async fn app(app: &App, body: &Json) -> Result<Ended> {
    let table = body.get("table").and_then(Json::as_str).unwrap_or_default();
    let Some(kind) = app.config.billing.kind_of(table).cloned() else {
        return Ok(Ended::Unreadable(format!("table: {table:?} is none that is billed")));
    };
    let part = if is_deletion(body) { "old_record" } else { "record" };
    let mut ids = texts(body.get("read_again"));
    ids.extend(body.get(part).and_then(|it| id(it.get("id")?).ok()));
    if ids.is_empty() {
        return Ok(Ended::Unreadable(format!("{part}.id: is missing")));
    }
    let (Some(client), Some(place)) = (&app.app, app_table(app, &kind)) else {
        return unconfirmed(app, &kind, body, &ids).await;
    };
    let asked = app.clock.now();
    let rows = match client.by_id(&place, &[], &ids).await {
        Ok(rows) => rows,
        Err(error) => return Ok(not_read(&error)),
    };
    let mut ended = Ended::Applied;
    for row in &rows {
        let row = row_arrival(app, &kind, row, true).map(|it| it.asked_at(asked));
        ended = worse(ended, apply(app, row).await?);
    }
    if is_deletion(body) {
        let there: Vec<String> = rows.iter().filter_map(|it| id(it.get("id")?).ok()).collect();
        deleted(app, &kind, "app", ids.iter().filter(|it| !there.contains(it))).await?;
    }
    Ok(ended)
}

/// Without a key of the app's the body is used, and the record marked until a pull confirms it.
async fn unconfirmed(app: &App, kind: &Kind, body: &Json, ids: &[String]) -> Result<Ended> {
    if is_deletion(body) {
        deleted(app, kind, "app", ids.iter()).await?;
        return Ok(Ended::Applied);
    }
    match body.get("record").and_then(Json::as_object) {
        Some(row) => apply(app, row_arrival(app, kind, row, false)).await,
        None => Ok(Ended::Unreadable("record: is missing".into())),
    }
}

async fn apply(app: &App, row: Result<Arrival, String>) -> Result<Ended> {
    let arrival = match row {
        Ok(arrival) => arrival,
        Err(why) => return Ok(Ended::Unreadable(why)),
    };
    Ok(match take_in(app, arrival, Class::LIVE).await? {
        Accepted::Later { key, .. } => Ended::Later(format!("{key} is to be read again")),
        _ => Ended::Applied,
    })
}
