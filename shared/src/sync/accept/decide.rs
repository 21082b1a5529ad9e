//! What an arrival comes to: which record it means, and what it changes. Reads first; then pure.

use super::Accepted;
use crate::app::App;
use crate::config::SameEmail;
use crate::lead::contact::email;
use crate::lead::gozo::is_gozo;
use crate::model::{Arrival, Class, Event, Fields, Held, Link, Record, RecordKey, Status, System, Value, next};
use crate::store::{Item, Key, decode, keys};
use crate::sync::fields::{Origin, project};
use crate::sync::merge::{Known as Merging, Merged, merge};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::{BTreeMap, BTreeSet};

/// Accepted work is looked at by the sweep after this, if its message was lost: beyond a lease, so that taking the
/// lease touches no index.
const DUE_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// What the table holds of the arrival's record.
pub(super) struct Known {
    pub(super) key: RecordKey,
    pub(super) record: Option<Item<Record>>,
    pub(super) links: BTreeMap<System, Item<Link>>,
    /// Keys of the arrival by alias, and the record that each means.
    pub(super) aliases: Vec<(String, String, Option<String>)>,
    pub(super) found: Vec<String>,
    /// The alias of the record's present e-mail, if the record owns it.
    pub(super) old_email: Option<(Key, String)>,
}

/// What to write.
pub(super) struct Writing {
    pub(super) record: Record,
    pub(super) changed: bool,
    pub(super) links: Vec<Link>,
    pub(super) new_aliases: Vec<(String, String)>,
    pub(super) dropped_alias: Option<(Key, String)>,
    pub(super) wake: Vec<System>,
    /// An older row of the same person goes to the ledger only.
    pub(super) ledger: Option<String>,
}

pub(super) enum Plan {
    Write(Box<Writing>),
    Same,
    Later,
    Hold(String, Vec<String>),
}

impl Known {
    pub(super) fn same(&self) -> Accepted {
        let version = self.record.as_ref().map_or(0, |it| it.body.version);
        Accepted::Same {
            key: self.key.clone(),
            version,
        }
    }

    fn link(&self, system: &System) -> Link {
        self.links
            .get(system)
            .map_or_else(|| Link::new(self.key.clone(), system.clone()), |it| it.body.clone())
    }

    fn remote_ids(&self) -> BTreeMap<System, String> {
        let id = |(system, link): (&System, &Item<Link>)| Some((system.clone(), link.body.remote_id.clone()?));
        self.links.iter().filter_map(id).collect()
    }
}

/// Reads aliases, then the record that they mean with its links.
pub(super) async fn read(app: &App, arrival: &Arrival, new_id: &str) -> Result<Known> {
    let keys_that_count = arrival.keys.iter().filter(|it| is_alias(app, &it.0));
    let asked: Vec<(String, String, Key)> = keys_that_count
        .map(|(name, value)| (name.clone(), value.clone(), keys::alias(&arrival.kind, name, value)))
        .collect();
    let stored = app
        .store
        .get_many(&asked.iter().map(|it| it.2.clone()).collect::<Vec<_>>())
        .await?;
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
    let key = RecordKey::new(
        arrival.kind.clone(),
        found.first().cloned().unwrap_or_else(|| new_id.to_owned()),
    );
    let (record, links) = read_record(app, &key).await?;
    let old_email = read_old_email(app, record.as_ref()).await?;
    Ok(Known {
        key,
        record,
        links,
        aliases,
        found,
        old_email,
    })
}

async fn read_record(app: &App, key: &RecordKey) -> Result<(Option<Item<Record>>, BTreeMap<System, Item<Link>>)> {
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

async fn read_old_email(app: &App, record: Option<&Item<Record>>) -> Result<Option<(Key, String)>> {
    let Some(record) = record else { return Ok(None) };
    let Some(email) = record.body.keys.get("email") else {
        return Ok(None);
    };
    let key = keys::alias(&record.body.key.kind, "email", email);
    let alias = app.store.get::<String>(&key).await?;
    Ok(alias.filter(|it| it.body == record.body.key.id).map(|it| (key, it.rev)))
}

fn is_alias(app: &App, key: &str) -> bool {
    key != "email" || app.config.same_email != SameEmail::Separate
}

/// Decides. Pure but for ids and the time.
pub(super) fn decide(app: &App, arrival: &Arrival, known: &Known, class: Class) -> Result<Plan> {
    if known.found.len() > 1 {
        let why = format!("its keys point at {} records", known.found.len());
        return Ok(Plan::Hold(why, known.found.clone()));
    }
    let source = known.link(&arrival.source);
    if let Some(why) = contradiction(app, arrival, known, &source) {
        return Ok(Plan::Hold(why, known.found.clone()));
    }
    if source.status == Status::Syncing {
        return Ok(Plan::Later);
    }
    if is_stale(arrival, &source) {
        return Ok(Plan::Same);
    }
    if is_older_row(arrival, known) {
        return Ok(older_row(app, arrival, known));
    }
    let merged = merged(app, arrival, known, &source)?;
    Ok(plan(app, arrival, known, source, merged, class)?.map_or(Plan::Same, |it| Plan::Write(Box::new(it))))
}

/// Two remote objects, or by setting two portal rows, for one record.
fn contradiction(app: &App, arrival: &Arrival, known: &Known, source: &Link) -> Option<String> {
    let theirs = arrival.source_id.as_ref()?;
    let ours = source.remote_id.as_ref().filter(|it| *it != theirs)?;
    if arrival.source != System::PORTAL {
        return Some(format!(
            "{} {theirs} has a key of this record, which is {ours} there",
            arrival.source
        ));
    }
    (app.config.same_email == SameEmail::Hold).then(|| {
        format!(
            "portal row {theirs} has the e-mail of this record, which is row {ours} of {}",
            known.key.kind
        )
    })
}

fn is_stale(arrival: &Arrival, source: &Link) -> bool {
    let another_row =
        arrival.source_id.is_some() && source.remote_id.is_some() && arrival.source_id != source.remote_id;
    let older = arrival
        .modified
        .zip(source.receipt.modified)
        .is_some_and(|(theirs, known)| theirs < known);
    older && !another_row
}

/// The portal row made last stands.
fn is_older_row(arrival: &Arrival, known: &Known) -> bool {
    let Some(record) = known.record.as_ref().filter(|_| arrival.source == System::PORTAL) else {
        return false;
    };
    let present = record.body.keys.get("portal_lead_id");
    let another = present.is_some() && arrival.source_id.is_some() && present != arrival.source_id.as_ref();
    another
        && arrival
            .made
            .zip(record.body.row_made)
            .is_some_and(|(theirs, ours)| theirs < ours)
}

fn older_row(app: &App, arrival: &Arrival, known: &Known) -> Plan {
    let unknown: Vec<_> = unclaimed(known).filter(|it| it.0 != "email").collect();
    let Some(record) = known.record.as_ref().filter(|_| !unknown.is_empty()) else {
        return Plan::Same;
    };
    let row = arrival.source_id.clone().unwrap_or_default();
    Plan::Write(Box::new(Writing {
        record: record.body.clone(),
        changed: false,
        links: Vec::new(),
        new_aliases: unknown,
        dropped_alias: None,
        wake: Vec::new(),
        ledger: Some(format!(
            "portal row {row} is older than the one that stands; seen {}",
            app.clock.now()
        )),
    }))
}

fn unclaimed(known: &Known) -> impl Iterator<Item = (String, String)> {
    known
        .aliases
        .iter()
        .filter(|it| it.2.is_none())
        .map(|it| (it.0.clone(), it.1.clone()))
}

fn merged(app: &App, arrival: &Arrival, known: &Known, source: &Link) -> Result<Merged> {
    let remote_ids = known.remote_ids();
    let merging = Merging {
        spec: app.kind(&arrival.kind)?,
        words: &app.config.statuses,
        source: &arrival.source,
        record: known.record.as_ref().map(|it| &it.body),
        receipt: &source.receipt,
        remote_ids: &remote_ids,
        own_write: arrival.modified.is_some() && arrival.modified == source.receipt.modified,
    };
    let mut merged = merge(merging, &arrival.fields);
    derive(&mut merged.fields);
    merged.changed = known.record.as_ref().is_none_or(|it| it.body.fields != merged.fields);
    Ok(merged)
}

/// What follows from other fields: whether the house stands on Gozo.
fn derive(fields: &mut Fields) {
    let number = |name: &str| match fields.get(name) {
        Some(Value::Decimal(it)) => it.to_f64(),
        _ => None,
    };
    let place = number("latitude").zip(number("longitude"));
    let city = fields.get("city").and_then(Value::as_text);
    match is_gozo(place, city) {
        Some(yes) => fields.insert("is_gozo".into(), Value::Boolean(yes)),
        None => fields.remove("is_gozo"),
    };
}

fn plan(
    app: &App,
    arrival: &Arrival,
    known: &Known,
    source: Link,
    merged: Merged,
    class: Class,
) -> Result<Option<Writing>> {
    let now = app.clock.now();
    let (record, changed) = next_record(app, arrival, known, &merged, now)?;
    let before = source.clone();
    let source = with_receipt(source, arrival, merged);
    let mut remote_ids = known.remote_ids();
    if let Some(id) = &source.remote_id {
        remote_ids.insert(source.system.clone(), id.clone());
    }
    let id_is_new = source.remote_id != before.remote_id;
    let (mut links, mut wake) = (Vec::new(), Vec::new());
    for route in &app.kind(&arrival.kind)?.routes {
        let is_source = route.system == arrival.source;
        let stored = if is_source {
            source.clone()
        } else {
            known.link(&route.system)
        };
        let opens = stored.opens;
        let link = match route.written {
            true => open(app, &record, &remote_ids, stored, class, now)?,
            false => settled(stored, record.version),
        };
        if link.opens > opens && link.status == Status::Pending {
            wake.push(route.system.clone());
        }
        if known.links.get(&route.system).is_none_or(|it| it.body != link) && (is_source || changed || id_is_new) {
            links.push(link);
        }
    }
    let new_aliases: Vec<_> = unclaimed(known).collect();
    if !changed && links.is_empty() && new_aliases.is_empty() {
        return Ok(None);
    }
    let dropped_alias = known
        .old_email
        .clone()
        .filter(|_| email_replaced(known, &record, &new_aliases));
    Ok(Some(Writing {
        record,
        changed,
        links,
        new_aliases,
        dropped_alias,
        wake,
        ledger: None,
    }))
}

/// An old e-mail is released in the transaction that claims the new one.
fn email_replaced(known: &Known, record: &Record, new_aliases: &[(String, String)]) -> bool {
    let old = known.record.as_ref().and_then(|it| it.body.keys.get("email"));
    let new = record.keys.get("email");
    old != new
        && new_aliases
            .iter()
            .any(|(name, value)| name == "email" && Some(value) == new)
}

fn next_record(app: &App, arrival: &Arrival, known: &Known, merged: &Merged, now: Timestamp) -> Result<(Record, bool)> {
    let spec = app.kind(&arrival.kind)?;
    let before = known.record.as_ref().map(|it| &it.body);
    let mut keys = before.map(|it| it.keys.clone()).unwrap_or_default();
    let own: BTreeSet<&str> = spec
        .fields
        .iter()
        .filter(|it| it.origin == Origin::Key)
        .map(|it| it.name)
        .collect();
    // A key of another system's (a portal id that Zoho shows) is taken up where none is known.
    for (name, value) in arrival.keys.iter().filter(|it| own.contains(it.0.as_str())) {
        if arrival.source == System::PORTAL || !keys.contains_key(name) {
            keys.insert(name.clone(), value.clone());
        }
    }
    match merged.fields.get("email").and_then(Value::as_text).and_then(email) {
        Some(email) => keys.insert("email".into(), email),
        None => keys.remove("email"),
    };
    let changed = before.is_none_or(|it| it.fields != merged.fields || it.keys != keys);
    let from_portal = arrival.source == System::PORTAL;
    let record = Record {
        key: known.key.clone(),
        version: before.map_or(0, |it| it.version) + u64::from(changed),
        fields: merged.fields.clone(),
        keys,
        changed_at: if changed {
            now
        } else {
            before.map_or(now, |it| it.changed_at)
        },
        made_at: before.map_or(now, |it| it.made_at),
        origin: if changed {
            arrival.source.clone()
        } else {
            before.map_or(arrival.source.clone(), |it| it.origin.clone())
        },
        row_made: arrival
            .made
            .filter(|_| from_portal)
            .or(before.and_then(|it| it.row_made)),
        unconfirmed: !arrival.confirmed && before.is_none_or(|it| it.unconfirmed || changed),
    };
    let row_changed = before.is_some_and(|it| it.row_made != record.row_made || it.unconfirmed != record.unconfirmed);
    Ok((record, changed || row_changed))
}

fn with_receipt(mut source: Link, arrival: &Arrival, merged: Merged) -> Link {
    source.receipt.seen.extend(merged.seen);
    source.receipt.modified = source.receipt.modified.max(arrival.modified);
    source.remote_id = arrival.source_id.clone().or(source.remote_id);
    for field in &merged.freed {
        source.held_fields.remove(field);
    }
    source.held_fields.extend(merged.held);
    source
}

/// The link, opened if its system does not agree with the record.
pub(crate) fn open(
    app: &App,
    record: &Record,
    remote_ids: &BTreeMap<System, String>,
    mut link: Link,
    class: Class,
    now: Timestamp,
) -> Result<Link> {
    let (wanted, unmapped) = project(
        app.kind(&record.key.kind)?,
        &link.system,
        record,
        remote_ids,
        &app.config.statuses,
    );
    hold_words(&mut link, record, &unmapped);
    if link.differences(&wanted).is_empty() {
        return Ok(settled(link, record.version));
    }
    let Some(status) = next(link.status, Event::Accepted) else {
        return Ok(link);
    };
    link.class = if link.status.is_open() {
        link.class.min(class)
    } else {
        class
    };
    link.wanted_version = record.version;
    link.opens += 1;
    if status == Status::Pending && link.status != Status::Pending {
        link.opened_at = Some(now);
        link.due_at = Some(now + DUE_AFTER);
        link.attempts = 0;
        link.trouble_since = None;
    }
    link.status = status;
    Ok(link)
}

/// A status for which a system has no word is held; the other fields go on.
fn hold_words(link: &mut Link, record: &Record, unmapped: &[String]) {
    for field in unmapped {
        let ours = record.fields.get(field).cloned().unwrap_or(Value::Empty);
        let held = Held {
            theirs: Value::Empty,
            ours,
            why: "no word".into(),
        };
        link.held_fields.entry(field.clone()).or_insert(held);
    }
    link.held_fields
        .retain(|field, held| held.why != "no word" || unmapped.contains(field));
}

/// A link whose system agrees: its versions follow the record's.
fn settled(mut link: Link, version: u64) -> Link {
    link.wanted_version = version;
    if !link.status.is_open() && link.status != Status::Held {
        link.synced_version = version;
    }
    link
}
