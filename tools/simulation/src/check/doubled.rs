//! Nothing is doubled: one object for each person or thing, one record, one owner of each object.

use super::{Breach, Facts, breach};
use crate::sim::Sim;
use shared::model::{Kind, RecordKey};
use shared::sync::fields::KindSpec;
use std::collections::{BTreeMap, BTreeSet};

const RULE: &str = "nothing doubled";

pub(super) fn nothing_doubled(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let mut found = standing(sim, facts);
    found.extend(made_by_us(sim));
    found.extend(shared_objects(facts));
    found.extend(two_records(facts));
    found
}

/// Two objects that stand for the same.
fn standing(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let mut found = Vec::new();
    let blurred = sim.history().blurred.clone();
    for system in &sim.outside {
        let mut seen: BTreeMap<(String, String), &String> = BTreeMap::new();
        for (id, object) in &facts.objects[system.name()] {
            let Some(identity) = system.identity(object).filter(|it| !blurred.contains(it)) else {
                continue;
            };
            let kind = id.split('/').next().unwrap_or_default().to_owned();
            if let Some(other) = seen.insert((kind, identity.clone()), id) {
                found.push(breach(
                    RULE,
                    format!("{identity} stands twice in {}: {other} and {id}", system.name()),
                ));
            }
        }
    }
    found
}

/// Two objects made by us for the same, whatever became of them.
fn made_by_us(sim: &Sim) -> Vec<Breach> {
    let (mut found, mut made) = (Vec::new(), BTreeSet::new());
    let history = sim.history();
    for write in &history.writes {
        let Some(system) = sim.outside.iter().find(|it| it.name() == write.system) else {
            continue;
        };
        for (id, before, object) in &write.changed {
            let kind = id.split('/').next().unwrap_or_default().to_owned();
            let Some(identity) = system.identity(object).filter(|_| before.is_none()) else {
                continue;
            };
            // Deleted before we ever learned of it: made again.
            if history.blurred.contains(&identity) || history.deleted.iter().any(|it| it.0 == kind && it.1 == identity)
            {
                continue;
            }
            if !made.insert((write.system, kind, identity.clone())) {
                found.push(breach(
                    RULE,
                    format!("{identity} was made twice in {}, by {}: {id}", write.system, write.by),
                ));
            }
        }
    }
    found
}

fn shared_objects(facts: &Facts) -> Vec<Breach> {
    let (mut found, mut owners) = (Vec::new(), BTreeMap::new());
    for link in facts.written_links() {
        let Some(id) = &link.remote_id else { continue };
        let place = (link.system.clone(), link.record.kind.clone(), id.clone());
        if let Some(other) = owners.insert(place, link.record.clone()) {
            found.push(breach(
                RULE,
                format!("{id} in {} belongs to {other} and to {}", link.system, link.record),
            ));
        }
    }
    found
}

/// Whether a key tells a record apart: one that names another record, or is data only, does not.
fn is_its_own(spec: &KindSpec, name: &str) -> bool {
    // Several customers may have one address.
    let is_shared = spec.kind == Kind::CUSTOMER && name == "email";
    !is_shared && !spec.names_a_parent(name)
}

fn two_records(facts: &Facts) -> Vec<Breach> {
    let mut owners: BTreeMap<(String, &str, &str), &RecordKey> = BTreeMap::new();
    let mut found = Vec::new();
    for record in facts.records.values() {
        for (name, value) in &record.keys {
            let of_its_own = facts
                .app
                .kind(&record.key.kind)
                .is_ok_and(|spec| is_its_own(spec, name));
            let place = (record.key.kind.to_string(), name.as_str(), value.as_str());
            if let Some(other) = owners.insert(place, &record.key).filter(|_| of_its_own) {
                found.push(breach(
                    RULE,
                    format!("{other} and {} both have the {name} {value}", record.key),
                ));
            }
        }
    }
    found
}
