//! Database webhooks of the app: which of its tables, which row; the row is read again.

use super::{Again, Applied, deleted, is_deletion, not_read, texts, until_certain, worse};
use crate::app::App;
use crate::intake::Ended;
use crate::model::{Arrival, Class, Kind};
use crate::sync::billing::{id, row_arrival, take_in};
use crate::sync::pull::app_table;
use crate::systems::supabase::{Supabase, Table};
use anyhow::Result;
use futures_util::FutureExt as _;
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
    let (kind, place, deletion) = (&kind, &place, is_deletion(body));
    let read = |ids: Vec<String>| async move { rows(app, client, place, kind, &ids, deletion).await }.boxed();
    until_certain(app, &ids, read).await
}

async fn rows(
    app: &App,
    client: &Supabase,
    place: &Table<'_>,
    kind: &Kind,
    ids: &[String],
    deletion: bool,
) -> Result<(Ended, Again)> {
    let asked = app.clock.now();
    let rows = match client.by_id(place, &[], ids).await {
        Ok(rows) => rows,
        Err(error) => return Ok((not_read(&error), Again::new())),
    };
    let (mut ended, mut again, mut there) = (Ended::Applied, Again::new(), Vec::new());
    for row in &rows {
        let own = row.get("id").and_then(|it| id(it).ok()).unwrap_or_default();
        let arrival = row_arrival(app, kind, row, true).map(|it| it.asked_at(asked));
        match apply(app, arrival).await? {
            Applied::From(at) => again.push((own.clone(), at)),
            Applied::Ended(it) => ended = worse(ended, it),
        }
        there.push(own);
    }
    if deletion {
        deleted(app, kind, "app", ids.iter().filter(|it| !there.contains(it))).await?;
    }
    Ok((ended, again))
}

/// Without a key of the app's the body is used, and the record marked until a pull confirms it.
async fn unconfirmed(app: &App, kind: &Kind, body: &Json, ids: &[String]) -> Result<Ended> {
    if is_deletion(body) {
        deleted(app, kind, "app", ids.iter()).await?;
        return Ok(Ended::Applied);
    }
    match body.get("record").and_then(Json::as_object) {
        Some(row) => Ok(apply(app, row_arrival(app, kind, row, false)).await?.ended()),
        None => Ok(Ended::Unreadable("record: is missing".into())),
    }
}

async fn apply(app: &App, row: Result<Arrival, String>) -> Result<Applied> {
    Ok(match row {
        Ok(arrival) => Applied::of(take_in(app, arrival, Class::LIVE).await?),
        Err(why) => Applied::Ended(Ended::Unreadable(why)),
    })
}
