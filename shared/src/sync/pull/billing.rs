//! The app's tables, one after the other, each by `updated_at` and `id`. Their clock and triggers are not ours: a day of
//! overlap.

use super::{Page, Row, since};
use crate::app::App;
use crate::model::{Arrival, Fields, Kind, Link, Record, RecordKey, System};
use crate::store::{Item, keys};
use crate::sync::billing::{KINDS, row_arrival};
use crate::sync::fields::{KindSpec, ToldOf, to_hub};
use crate::sync::push::job_of;
use crate::sync::run::{Counts, Run};
use crate::sync::target::billing_rule;
use crate::systems::CallError;
use crate::systems::supabase::{Cursor, Table};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// A page is worked off within a run's lease.
const ROWS: usize = 100;

/// Where a run stands: which kinds it reads, which of them it has come to, and the last row of that.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Position {
    /// The kinds that are read; none: all that have a table.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Kinds that are done.
    #[serde(default)]
    pub done: usize,
    /// Whether rows are only counted: nothing is taken in.
    #[serde(default)]
    pub dry: bool,
    /// Time and id of the last row.
    #[serde(default)]
    pub last: Option<(String, String)>,
}

/// The app's table of a kind.
pub(crate) fn table<'a>(app: &'a App, kind: &Kind) -> Option<Table<'a>> {
    Some(Table {
        name: app.config.billing.table(kind)?,
        id: "id",
        modified: "updated_at",
        created: Some("created_at"),
    })
}

pub(super) async fn page(app: &App, run: &Run) -> Result<Result<Page, CallError>> {
    let Some(client) = &app.app else {
        return Ok(Err(CallError::Later("the app is not configured".into())));
    };
    let mut position: Position = serde_json::from_value(run.position.clone()).unwrap_or_default();
    let is_read = |it: &Kind| position.kinds.is_empty() || position.kinds.contains(it);
    let kinds: Vec<(Kind, Table<'_>)> = KINDS
        .into_iter()
        .filter(is_read)
        .filter_map(|kind| Some((kind.clone(), table(app, &kind)?)))
        .collect();
    let Some((kind, table)) = kinds.get(position.done) else {
        return Ok(Ok(Page {
            rows: Vec::new(),
            next: None,
        }));
    };
    let after = position.last.take().map(|(time, id)| Cursor { time, id });
    let asked = app.clock.now();
    let rows = match client.page(table, &[], after.as_ref(), since(run, OVERLAP), ROWS).await {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(error)),
    };
    match rows.last().and_then(|it| table.cursor(it)) {
        Some(cursor) => position.last = Some((cursor.time, cursor.id)),
        None => position.done += 1,
    }
    let is_last = position.done >= kinds.len();
    Ok(Ok(Page {
        rows: rows.iter().map(|it| read(app, kind, it, asked)).collect(),
        next: (!is_last).then(|| serde_json::to_value(&position)).transpose()?,
    }))
}

/// Counts a row as a dry run does: what it would change, and the calls that this would mostly take.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn count(app: &App, counts: &mut Counts, row: Row) -> Result<()> {
    counts.read += 1;
    let Row::Says(arrival) = row else {
        counts.failed += 1;
        return Ok(());
    };
    let key = RecordKey::new(arrival.kind.clone(), arrival.new_id.clone().unwrap_or_default());
    let spec = app.kind(&key.kind)?;
    let known = app.store.get::<Record>(&keys::record(&key)).await?.map(|it| it.body);
    let link = app.store.get::<Link>(&keys::link(&key, &System::ZOHO_BILLING)).await?;
    let link = link.unwrap_or_else(|| Item {
        body: Link::new(key.clone(), System::ZOHO_BILLING),
        rev: String::new(),
    });
    let record = said(app, spec, &key, known, &arrival);
    let job = job_of(app, spec, record, link, &ToldOf::new());
    let is_there = job.link.remote_id.is_some();
    if (is_there && job.send.is_empty()) || billing_rule(&job).is_some() {
        counts.unchanged += 1;
        return Ok(());
    }
    let made = match is_there {
        false => &mut counts.created,
        true => &mut counts.updated,
    };
    *made += 1;
    counts.calls += u64::try_from(spec.calls).unwrap_or(1);
    Ok(())
}

/// The record as the row would leave it, in Concord's words; a word that nobody knows leaves its field as it was.
fn said(app: &App, spec: &KindSpec, key: &RecordKey, known: Option<Record>, arrival: &Arrival) -> Record {
    let now = arrival.modified.unwrap_or_default();
    let mut record = known.unwrap_or_else(|| Record {
        key: key.clone(),
        version: 0,
        fields: Fields::new(),
        keys: BTreeMap::new(),
        changed_at: now,
        made_at: now,
        origin: arrival.source.clone(),
        row_made: None,
        unconfirmed: false,
    });
    for (name, patch) in &arrival.fields {
        let (Some(field), Some(value)) = (spec.fields.iter().find(|it| it.name == name), patch.value()) else {
            continue;
        };
        match to_hub(field, &System::APP, &value, &app.config.statuses) {
            Ok(value) if value.is_empty() => _ = record.fields.remove(name),
            Ok(value) => _ = record.fields.insert(name.clone(), value),
            Err(_) => {}
        }
    }
    record.keys.extend(arrival.keys.iter().cloned());
    record
}

fn read(app: &App, kind: &Kind, row: &Map<String, Json>, asked: Timestamp) -> Row {
    match row_arrival(app, kind, row, true) {
        Ok(arrival) => Row::Says(Box::new(arrival.asked_at(asked))),
        Err(why) => {
            let id = row
                .get("id")
                .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
            Row::Unreadable(format!("{kind}/{}", id.unwrap_or_default()), why)
        }
    }
}
