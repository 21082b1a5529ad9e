//! What the table holds of an arrival's record, read consistently.

use super::decide::Known;
use super::hold::{HeldArrival, key_of};
use crate::app::App;
use crate::config::SameEmail;
use crate::model::{Arrival, Link, Record, RecordKey, System};
use crate::planted::{Bug, planted};
use crate::store::{Item, Key, decode, keys};
use crate::sync::fields::KindSpec;
use anyhow::{Result, bail};
use std::collections::BTreeMap;

/// How often a read that was torn is made again.
const ROUNDS: u32 = 8;

/// Reads aliases and a person's choice, then the record that they mean (or that is given: `into`) with its links.
pub(super) async fn read(app: &App, arrival: &Arrival, new_id: &str, into: Option<&str>) -> Result<Known> {
    let spec = app.kind(&arrival.kind)?;
    let keys_that_count = arrival.keys.iter().filter(|it| is_alias(app, spec, &it.0));
    let asked: Vec<(String, String, Key)> = keys_that_count
        .map(|(name, value)| (name.clone(), value.clone(), keys::alias(&arrival.kind, name, value)))
        .collect();
    let held_at = key_of(arrival);
    let wanted = asked.iter().map(|it| it.2.clone()).chain(held_at.clone());
    let stored = app.store.get_many(&wanted.collect::<Vec<_>>()).await?;
    let raw = held_at.and_then(|at| Some((stored.get(&at)?.clone(), at)));
    let held = raw.map(|(raw, at)| decode::<HeldArrival>(&at, raw)).transpose()?;
    let mut aliases = Vec::new();
    let mut found = Vec::new();
    for (name, value, key) in asked {
        let means = stored
            .get(&key)
            .map(|raw| decode::<String>(&key, raw.clone()))
            .transpose()?
            .map(|it| it.body);
        if let Some(id) = means.as_ref().filter(|id| !found.contains(*id)) {
            found.push(id.clone());
        }
        aliases.push((name, value, means));
    }
    let chosen = held.as_ref().and_then(|it| it.body.place(&found));
    let placed = into.map(str::to_owned).or(chosen);
    if let Some(id) = &placed {
        found = vec![id.clone()];
    }
    let key = RecordKey::new(
        arrival.kind.clone(),
        found.first().cloned().unwrap_or_else(|| new_id.to_owned()),
    );
    let (record, links) = read_record(app, &key).await?;
    let renames = aliases.iter().any(|it| it.0 == "email" && it.2.is_none());
    let old_email = match &record {
        Some(record) if renames || planted(Bug::AliasReleased) => read_old_email(app, &record.body).await?,
        _ => None,
    };
    Ok(Known {
        key,
        record,
        links,
        aliases,
        found,
        placed: placed.is_some(),
        held,
        old_email,
    })
}

/// The record with its links. A batch of reads is no moment: an old record beside a link that knows a newer one is read
/// once more; an old link is noticed when it is written.
pub(crate) async fn read_record(
    app: &App,
    key: &RecordKey,
) -> Result<(Option<Item<Record>>, BTreeMap<System, Item<Link>>)> {
    for _ in 0..ROUNDS {
        let (record, links) = read_at_once(app, key).await?;
        let version = record.as_ref().map_or(0, |it| it.body.version);
        if links.values().all(|it| it.body.wanted_version <= version) {
            return Ok((record, links));
        }
    }
    bail!("{key} was read torn {ROUNDS} times")
}

async fn read_at_once(app: &App, key: &RecordKey) -> Result<(Option<Item<Record>>, BTreeMap<System, Item<Link>>)> {
    let routes = &app.kind(&key.kind)?.routes;
    let mut wanted: Vec<Key> = routes.iter().map(|it| keys::link(key, &it.system)).collect();
    wanted.push(keys::record(key));
    let mut items = app.store.get_many(&wanted).await?;
    let record_key = keys::record(key);
    let record = items
        .remove(&record_key)
        .map(|raw| decode(&record_key, raw))
        .transpose()?;
    let mut links = BTreeMap::new();
    for (at, raw) in items {
        let link: Item<Link> = decode(&at, raw)?;
        links.insert(link.body.system.clone(), link);
    }
    Ok((record, links))
}

/// The alias of the record's present e-mail, which another one may replace.
async fn read_old_email(app: &App, record: &Record) -> Result<Option<(Key, String)>> {
    let Some(email) = record.keys.get("email") else {
        return Ok(None);
    };
    let key = keys::alias(&record.key.kind, "email", email);
    let alias = app.store.get::<String>(&key).await?;
    Ok(alias.filter(|it| it.body == record.key.id).map(|it| (key, it.rev)))
}

/// A key that names the record's parent is no name of its own: many records share it.
fn is_alias(app: &App, spec: &KindSpec, key: &str) -> bool {
    !spec.names_a_parent(key) && (key != "email" || app.config.same_email != SameEmail::Separate)
}
