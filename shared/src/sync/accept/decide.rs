//! What an arrival comes to: which record it means, and what it changes. Reads first; then pure.

use super::hold::HeldArrival;
use super::{Accepted, age, plan};
use crate::app::App;
use crate::config::SameEmail;
use crate::lead::gozo::is_gozo;
use crate::model::{
    Arrival, Chosen, Class, Fields, Kind, Link, MOST_SKEW, Receipt, Record, RecordKey, Status, System, Value,
};
use crate::store::{Item, Key};
use crate::sync::fields::{ToldOf, told_of};
use crate::sync::merge::{Known as Merging, Merged, merge};
use anyhow::Result;
use jiff::Timestamp;
use rust_decimal::prelude::ToPrimitive as _;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the table holds of the arrival's record.
pub(super) struct Known {
    pub(super) key: RecordKey,
    pub(super) record: Option<Item<Record>>,
    pub(super) links: BTreeMap<System, Item<Link>>,
    /// Keys of the arrival by alias, and the record that each means.
    pub(super) aliases: Vec<(String, String, Option<String>)>,
    pub(super) found: Vec<String>,
    /// Whether a person chose the record.
    pub(super) placed: bool,
    /// What is held under the arrival's row, or was chosen for it.
    pub(super) held: Option<Item<HeldArrival>>,
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
    Later(Option<Timestamp>),
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

    /// The record that a key of the arrival means, if the arrival has that key.
    pub(super) fn owner(&self, name: &str, value: &str) -> Option<Option<&str>> {
        let found = self.aliases.iter().find(|it| it.0 == name && it.1 == value)?;
        Some(found.2.as_deref())
    }

    /// Whether a key of the arrival means another record: it does not move.
    pub(super) fn is_anothers(&self, name: &str, value: &str) -> bool {
        self.owner(name, value).flatten().is_some_and(|it| it != self.key.id)
    }

    /// The record that the source's own id means.
    fn row_owner(&self, arrival: &Arrival) -> Option<&str> {
        let row = self.aliases.iter().find(|it| Some(&it.1) == arrival.source_id.as_ref());
        row?.2.as_deref()
    }

    /// Whether the arrival carries a key that only this record has: not the e-mail, not the source's own id.
    fn has_own_key(&self, arrival: &Arrival) -> bool {
        let own = |it: &&(String, String, Option<String>)| it.2.as_ref() == Some(&self.key.id) && it.0 != "email";
        self.aliases
            .iter()
            .filter(own)
            .any(|it| Some(&it.1) != arrival.source_id.as_ref())
    }

    pub(super) fn link(&self, system: &System) -> Link {
        self.links
            .get(system)
            .map_or_else(|| Link::new(self.key.clone(), system.clone()), |it| it.body.clone())
    }

    pub(super) fn told(&self) -> ToldOf {
        told_of(self.links.values().map(|it| &it.body))
    }
}

/// A time that has not come would make everything later look old: such a change is taken as made now.
pub(super) fn in_our_time(arrival: &Arrival, now: Timestamp) -> Cow<'_, Arrival> {
    let to_come = |it: Option<Timestamp>| it.is_some_and(|it| it > now + MOST_SKEW);
    if !to_come(arrival.modified) && !to_come(arrival.made) {
        return Cow::Borrowed(arrival);
    }
    let mut arrival = arrival.clone();
    let past = |it: Option<Timestamp>| if to_come(it) { Some(now) } else { it };
    (arrival.modified, arrival.made) = (past(arrival.modified), past(arrival.made));
    Cow::Owned(arrival)
}

/// A lead that came without its row's id, of a person whose row is known: it speaks of that row.
pub(super) fn known_row<'a>(arrival: &'a Arrival, known: &Known) -> Cow<'a, Arrival> {
    let made_up = arrival.new_id.is_some() && arrival.new_id == arrival.source_id;
    let row = known.link(&arrival.source).remote_id.filter(|_| made_up);
    let Some(row) = row else { return Cow::Borrowed(arrival) };
    let mut arrival = arrival.clone();
    arrival.keys.retain(|it| Some(&it.1) != arrival.source_id.as_ref());
    arrival.source_id = Some(row);
    Cow::Owned(arrival)
}

/// Decides. Pure but for ids and the time.
pub(super) fn decide(app: &App, arrival: &Arrival, known: &Known, class: Class) -> Result<Plan> {
    if known.found.len() > 1 {
        let why = format!("its keys point at {} records", known.found.len());
        return Ok(Plan::Hold(why, known.found.clone()));
    }
    if let Some(owner) = known.row_owner(arrival).filter(|it| *it != known.key.id) {
        let row = arrival.source_id.as_deref().unwrap_or_default();
        let why = format!("{} {row} belongs to {}#{owner}", arrival.source, arrival.kind);
        return Ok(Plan::Hold(why, vec![owner.to_owned()]));
    }
    let mut source = known.link(&arrival.source);
    if source.is_under_way(app.clock.now()) {
        return Ok(Plan::Later(None));
    }
    if known.placed {
        another_object(&mut source, arrival);
    } else if let Some(why) = contradiction(app, arrival, known, &source) {
        return Ok(Plan::Hold(why, known.found.clone()));
    }
    // What its system shows after a call of unknown outcome is the look that such a call needs.
    source.take_over();
    if age::is_stale(arrival, &source) {
        return Ok(Plan::Same);
    }
    if is_older_row(arrival, known) {
        return Ok(older_row(app, arrival, known));
    }
    let merged = merged(app, arrival, known, &source)?;
    if let Some(from) = age::too_old_until(app.kind(&arrival.kind)?, arrival, known, &source, &merged) {
        return Ok(Plan::Later(Some(from)));
    }
    Ok(plan::plan(app, arrival, known, source, merged, class)?.map_or(Plan::Same, |it| Plan::Write(Box::new(it))))
}

/// A person chose another remote object than the link's: what is known of the old one says nothing of it.
fn another_object(source: &mut Link, arrival: &Arrival) {
    let differs = source.remote_id.is_some() && source.remote_id != arrival.source_id;
    if differs && arrival.source_id.is_some() && arrival.source != System::PORTAL {
        source.receipt = Receipt::default();
        source.intent = None;
        source.held_fields.clear();
        source.gone = None;
    }
}

/// Two remote objects, or by setting two portal rows, for one record.
fn contradiction(app: &App, arrival: &Arrival, known: &Known, source: &Link) -> Option<String> {
    let theirs = arrival.source_id.as_ref()?;
    let ours = match &source.chosen {
        Some(Chosen::As(id)) => id,
        Some(Chosen::New) if !known.has_own_key(arrival) => {
            return Some(format!(
                "{} {theirs} is not the new one that a person asked for",
                arrival.source
            ));
        }
        None if source.status == Status::Held && source.remote_id.is_none() && !known.has_own_key(arrival) => {
            return Some(format!(
                "{} {theirs} may be this record, whose object there a person is to choose",
                arrival.source
            ));
        }
        _ => source.remote_id.as_ref()?,
    };
    if ours == theirs {
        return None;
    }
    if arrival.source != System::PORTAL {
        return Some(format!(
            "{} {theirs} has a key of this record, which is {ours} there",
            arrival.source
        ));
    }
    let news = known.row_owner(arrival).is_none();
    (news && app.config.same_email == SameEmail::Hold).then(|| {
        format!(
            "portal row {theirs} has the e-mail of this record, which is row {ours} of {}",
            known.key.kind
        )
    })
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
    let told = known.told();
    let merging = Merging {
        spec: app.kind(&arrival.kind)?,
        words: &app.config.statuses,
        source: &arrival.source,
        record: known.record.as_ref().map(|it| &it.body),
        receipt: &source.receipt,
        told: &told,
        own_write: source.receipt.is_of(arrival.modified),
    };
    let mut merged = merge(merging, &arrival.fields);
    if arrival.kind == Kind::LEAD {
        derive(&mut merged.fields);
    }
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
