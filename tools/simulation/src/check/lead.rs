//! No lost update of a lead: in each field stands what was said last, by the side whose word counts.

use super::{Breach, Facts, breach};
use crate::history::{History, Notice, Said};
use crate::leads::FIELDS;
use crate::leads::{Field, of_lead};
use crate::sim::Sim;
use crate::weather::Fault;
use serde_json::{Value, json};
use shared::model::{Kind, Record, System};
use std::collections::BTreeSet;

const RULE: &str = "no lost update";

/// Whatever was said of a person by any door is in their one record, where it counts.
#[must_use]
pub fn lead_values(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    values(sim, facts, |_, _| true)
}

/// The same for those of whose last changes we were told and have acknowledged it, before any pull.
pub(super) fn acknowledged(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let found = values(sim, facts, |history, person| {
        is_acknowledged(sim, facts, history, person)
    });
    found
        .into_iter()
        .map(|it| breach("nothing acknowledged is lost", it.what))
        .collect()
}

/// Whether we were told of the last that was said of a person in each system, and have acknowledged it.
fn is_acknowledged(sim: &Sim, facts: &Facts, history: &History, person: &str) -> bool {
    ["portal", "zoho_crm"].into_iter().all(|door| {
        let said = history
            .said
            .iter()
            .filter(|it| it.about == ("lead", person.to_owned()) && it.door == door);
        let Some(last) = said.map(|it| it.at_ms).max() else {
            return true;
        };
        let ids = ids_of(sim, facts, door, person);
        // Whoever has no row there came by the API, which goes on asking until it is told that the lead is in.
        ids.is_empty() && door == "portal"
            || ids.iter().any(|id| {
                let told = |it: &&Notice| it.system == door && it.sent_ms >= last && it.ids.contains(id);
                history.notices.iter().any(|it| told(&it))
            })
    })
}

/// The ids of a person's objects in a system.
fn ids_of(sim: &Sim, facts: &Facts, system: &str, person: &str) -> Vec<String> {
    let Some(system) = sim.outside.iter().find(|it| it.name() == system) else {
        return Vec::new();
    };
    let theirs = facts.objects[system.name()].iter();
    let theirs = theirs.filter(|it| system.identity(it.1).as_deref() == Some(person));
    theirs
        .filter_map(|it| it.0.split_once('/'))
        .map(|it| it.1.to_owned())
        .collect()
}

fn values(sim: &Sim, facts: &Facts, counts: impl Fn(&History, &str) -> bool) -> Vec<Breach> {
    let history = sim.history();
    let people: BTreeSet<&String> = history
        .said
        .iter()
        .filter(|it| it.about.0 == "lead")
        .map(|it| &it.about.1)
        .collect();
    let mut found = Vec::new();
    for person in people {
        // Of what is deleted nothing more is said.
        let is_out = history.deleted.contains(&("lead", person.clone())) || history.blurred.contains(person);
        if is_out || !counts(&history, person) {
            continue;
        }
        let records: Vec<&Record> = facts.records.values().filter(|it| is_of(it, person)).collect();
        let [record] = records.as_slice() else {
            found.push(breach(RULE, format!("{person} has {} records", records.len())));
            continue;
        };
        let lost = |it: &Field| lost(&history, record, person, *it);
        found.extend(FIELDS.iter().filter_map(lost));
    }
    found
}

fn is_of(record: &Record, person: &str) -> bool {
    let text = |it: Option<&str>| it.map_or(Value::Null, |it| json!(it));
    let email = text(record.keys.get("email").map(String::as_str));
    let phone = text(record.fields.get("phone").and_then(|it| it.as_text()));
    record.key.kind == Kind::LEAD && of_lead(&email, &phone).as_deref() == Some(person)
}

fn lost(history: &History, record: &Record, person: &str, field: Field) -> Option<Breach> {
    let about = |it: &&Said| it.about == ("lead", person.to_owned()) && it.field == field.name;
    let said: Vec<&Said> = history.said.iter().filter(about).collect();
    let counts = counting(field, &said)?;
    let stands = record.fields.get(field.name).and_then(|it| field.text(&it.to_json()));
    if stands.as_deref() == Some(counts.value.as_str()) || is_undecided(history, field, &said, stands.as_deref()) {
        return None;
    }
    let told = format!(
        "{person}: {} is {stands:?}, and {} said {:?} last",
        field.name, counts.door, counts.value
    );
    Some(breach(RULE, told))
}

/// Sales changed a quote's value while nobody could know whether it had reached Zoho: either word may stand, but no
/// older one.
fn is_undecided(history: &History, field: Field, said: &[&Said], stands: Option<&str>) -> bool {
    let unsure = [
        Fault::SystemLostBefore,
        Fault::SystemLostAfter,
        Fault::SystemLate,
        Fault::Dies,
        Fault::Freezes,
    ];
    let last = |door: &str| said.iter().rev().find(|it| it.door == door).map(|it| it.value.as_str());
    let is_last = stands.is_some() && [last("portal"), last("zoho_crm")].contains(&stands);
    !field.zoho_owns && is_last && unsure.iter().any(|it| history.faults.contains_key(it))
}

/// What counts of all that was said of a field. Sales decides on contact data; on a quote the portal does, unless sales
/// changed what the portal had said last.
fn counting<'a>(field: Field, said: &[&'a Said]) -> Option<&'a Said> {
    let of = |door: &str| said.iter().rev().find(|it| it.door == door).copied();
    let (portal, zoho) = (of("portal"), of(System::ZOHO_CRM.as_str()));
    let (Some(portal), Some(zoho)) = (portal, zoho) else {
        return portal.or(zoho);
    };
    let saw = |it: &&&Said| it.door != "portal" && it.instead_of.as_deref() == Some(portal.value.as_str());
    let changed_it = said.iter().any(|it| saw(&it));
    Some(if field.zoho_owns || changed_it { zoho } else { portal })
}
