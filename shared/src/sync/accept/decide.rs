//! What an arrival comes to: which record it means, and what it changes. Reads first; then pure.

use super::{Accepted, plan};
use crate::app::App;
use crate::config::SameEmail;
use crate::lead::gozo::is_gozo;
use crate::model::{Arrival, Class, Fields, Link, Record, RecordKey, System, Value};
use crate::store::{Item, Key};
use crate::sync::merge::{Known as Merging, Merged, merge};
use anyhow::Result;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::BTreeMap;

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

    pub(super) fn link(&self, system: &System) -> Link {
        self.links
            .get(system)
            .map_or_else(|| Link::new(self.key.clone(), system.clone()), |it| it.body.clone())
    }

    pub(super) fn remote_ids(&self) -> BTreeMap<System, String> {
        let id = |(system, link): (&System, &Item<Link>)| Some((system.clone(), link.body.remote_id.clone()?));
        self.links.iter().filter_map(id).collect()
    }
}

/// Decides. Pure but for ids and the time.
pub(super) fn decide(app: &App, arrival: &Arrival, known: &Known, class: Class) -> Result<Plan> {
    if known.found.len() > 1 {
        let why = format!("its keys point at {} records", known.found.len());
        return Ok(Plan::Hold(why, known.found.clone()));
    }
    let mut source = known.link(&arrival.source);
    if let Some(why) = contradiction(app, arrival, known, &source) {
        return Ok(Plan::Hold(why, known.found.clone()));
    }
    if source.is_under_way(app.clock.now()) {
        return Ok(Plan::Later);
    }
    // What its system shows after a call of unknown outcome is the look that such a call needs.
    source.take_over();
    if is_stale(arrival, &source) {
        return Ok(Plan::Same);
    }
    if is_older_row(arrival, known) {
        return Ok(older_row(app, arrival, known));
    }
    let merged = merged(app, arrival, known, &source)?;
    Ok(plan::plan(app, arrival, known, source, merged, class)?.map_or(Plan::Same, |it| Plan::Write(Box::new(it))))
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

pub(super) fn unclaimed(known: &Known) -> impl Iterator<Item = (String, String)> {
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
