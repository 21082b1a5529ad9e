//! A held field: a person says which value it has; the record takes it, and the link is freed.

use super::arrival::record;
use crate::app::App;
use crate::model::{Arrival, Class, Held, Link, Patch, Record, RecordKey, System, Value as FieldValue};
use crate::store::{Item, keys};
use crate::sync::accept::{Accepted, accept_into, open_link};
use crate::sync::fields::{FieldSpec, Shape, ToldOf, read, to_hub, told_of};
use crate::sync::{ledger, retry, tell};
use anyhow::{Context as _, Result, anyhow, bail};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which value a person chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The record's.
    Ours,
    /// What the system shows.
    Theirs,
    /// This one, in Concord's own words.
    Is(String),
}

/// What a settled field holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// The field.
    pub field: String,
    /// Its value now.
    pub value: serde_json::Value,
    /// The record's version now.
    pub version: u64,
}

/// Settles a field that is held in a system.
///
/// # Errors
/// When the field is not held or can't have that value (one line that says why), or the table does not answer.
pub async fn settle(app: &App, key: &RecordKey, system: &System, field: &str, choice: &Value) -> Result<Settled> {
    let link: Option<Item<Link>> = app.store.get(&keys::link(key, system)).await?;
    let link = link.with_context(|| format!("{key}: has no link to {system}"))?.body;
    let Some(held) = link.held_fields.get(field) else {
        bail!("{field} is not held in {system}; held there: {}", names(&link));
    };
    let spec = app.kind(&key.kind)?.field(field).context("the field is in no table")?;
    let before: Item<Record> = record(app, &key.kind, &key.id).await?;
    let value = chosen(app, spec, system, held, &before.body, choice)?;
    let arrival = said(key, field, &value, !before.body.unconfirmed);
    // The record first: freed before it, the system would be sent the old value.
    let version = match accept_into(app, &arrival, &key.id, Class::LIVE).await? {
        Accepted::Changed { version, .. } | Accepted::Same { version, .. } => version,
        Accepted::Held { why } => bail!("{why}"),
        Accepted::Later { .. } => bail!("{key}: is being written right now; try again in a minute"),
    };
    free(app, key, system, field).await?;
    ledger::note(app, key, system, &format!("a person settled {field}")).await?;
    Ok(Settled {
        field: field.to_owned(),
        value: value.to_json(),
        version,
    })
}

fn names(link: &Link) -> String {
    let names: Vec<&str> = link.held_fields.keys().map(String::as_str).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn chosen(
    app: &App,
    spec: &FieldSpec,
    system: &System,
    held: &Held,
    record: &Record,
    choice: &Value,
) -> Result<FieldValue> {
    let words = &app.config.statuses;
    let known = || words.statuses().collect::<Vec<_>>().join(", ");
    match choice {
        Value::Ours if held.why == "no word" => {
            bail!(
                "{system} has no word for it: map it in LEAD_STATUS_MAP, or choose one of {}",
                known()
            )
        }
        Value::Ours => Ok(record.fields.get(spec.name).cloned().unwrap_or(FieldValue::Empty)),
        Value::Theirs if held.why == "no word" => bail!("{system} shows none: choose one of {}", known()),
        Value::Theirs => to_hub(spec, system, &held.theirs, words)
            .map_err(|_| anyhow!("no word of LEAD_STATUS_MAP: map it there, or choose one of {}", known())),
        Value::Is(text) => {
            let value = read(spec.shape, &serde_json::Value::String(text.clone()));
            let value = value.map_err(|why| anyhow!("{}: {why}", spec.name))?;
            let unknown = |word: &str| spec.shape == Shape::Status && !words.statuses().any(|it| it == word);
            match value.as_text().filter(|it| unknown(it)) {
                Some(word) => bail!("{word} is no status: choose one of {}", known()),
                None => Ok(value),
            }
        }
    }
}

/// What a person says of one field.
fn said(key: &RecordKey, field: &str, value: &FieldValue, confirmed: bool) -> Arrival {
    Arrival {
        source: System::OPERATOR,
        kind: key.kind.clone(),
        source_id: None,
        keys: Vec::new(),
        fields: BTreeMap::from([(field.to_owned(), Patch::from(value.clone()))]),
        modified: None,
        made: None,
        asked: None,
        confirmed,
        new_id: None,
    }
}

/// Frees the field on the link, which is opened if the system does not agree.
async fn free(app: &App, key: &RecordKey, system: &System, field: &str) -> Result<()> {
    let at = keys::link(key, system);
    loop {
        let Some(stored) = app.store.get::<Link>(&at).await? else {
            return Ok(());
        };
        let mut link = stored.body.clone();
        if link.held_fields.remove(field).is_none() {
            return Ok(());
        }
        let written = app.kind(&key.kind)?.route(system).is_some_and(|it| it.written);
        if written {
            link = reopened(app, key, link).await?;
        }
        let opened = link.opens > stored.body.opens && link.status.is_open();
        if !tell::put(app, &stored, &link, None).await? {
            continue;
        }
        if opened {
            retry::wake(app, key, system).await;
        }
        return Ok(());
    }
}

async fn reopened(app: &App, key: &RecordKey, link: Link) -> Result<Link> {
    let record = record(app, &key.kind, &key.id).await?.body;
    let told = told(app, key).await?;
    let (now, was) = (app.clock.now(), link.status);
    let mut link = open_link(app, &record, &told, link, Class::LIVE, now)?;
    if link.status.is_open() && !was.is_open() {
        link.due_at = Some(now);
    }
    Ok(link)
}

async fn told(app: &App, key: &RecordKey) -> Result<ToldOf> {
    let links = app.store.list::<Link>(&key.to_string(), "link#", 100).await?;
    Ok(told_of(links.iter().map(|it| &it.1.body)))
}
