//! What sales does in Zoho.

use super::people::{Field, Person, of_lead};
use super::portal::say;
use crate::sim::Sim;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How long sales waits for a write of ours.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);
/// How soon it then follows.
const AT_ONCE: Duration = Duration::from_millis(600);

/// A lead that sales makes.
pub(super) fn make(sim: &Sim, person: &Person, values: &[(Field, u64)], form: &mut Map<String, Value>) {
    if !form.is_empty() {
        return;
    }
    let mut lead = Map::from_iter([
        ("Last_Name".to_owned(), json!(person.name())),
        ("Email".to_owned(), json!(person.email(0))),
    ]);
    for (field, number) in values {
        lead.insert(field.zoho.to_owned(), field.json(&field.value(*number)));
        say(sim, person, "zoho_crm", *field, field.value(*number), None);
    }
    form.insert("email".into(), lead["Email"].clone());
    if let Err(refusal) = sim.world.systems.zoho.insert_lead(Value::Object(lead)) {
        sim.breach(format!("Zoho refuses a lead of the workload: {refusal}"));
    }
    sim.wake.notify_one();
}

/// Sales changes what it sees; what is not there can't be changed.
pub(super) fn edit(sim: &Sim, person: &Person, field: Field, number: u64) {
    let Some(lead) = in_zoho(sim, person) else {
        return sim.line("person", "finds no such lead");
    };
    let (value, before) = (field.value(number), field.text(&lead[field.zoho]));
    let changes = Map::from_iter([(field.zoho.to_owned(), field.json(&value))]);
    let id = lead["id"].as_str().unwrap_or_default();
    match sim.world.systems.zoho.edit(id, Value::Object(changes)) {
        Ok(()) => say(sim, person, "zoho_crm", field, value, before),
        Err(refusal) => sim.breach(format!("Zoho refuses an edit of the workload: {refusal}")),
    }
    sim.wake.notify_one();
}

/// Changes it soon after our next write to the lead, if there is one within `PATIENCE`.
pub(super) async fn edit_at_once(sim: &Sim, person: &Person, field: Field, number: u64) {
    let (begin, known) = (Instant::now(), sim.history().writes.len());
    while begin.elapsed() < PATIENCE && !has_written(sim, person, known) {
        tokio::time::sleep(GLANCE).await;
    }
    tokio::time::sleep(sim.pace.time(Duration::ZERO, AT_ONCE)).await;
    edit(sim, person, field, number);
}

/// Whether one of the writes after the first `known` was to the person's lead.
fn has_written(sim: &Sim, person: &Person, known: usize) -> bool {
    let history = sim.history();
    let mut changed = history.writes[known..].iter().flat_map(|it| &it.changed);
    changed.any(|(_, _, is)| of_lead(&is["Email"], &is["Phone"]) == Some(person.name()))
}

pub(super) fn delete(sim: &Sim, person: &Person) {
    let Some(lead) = in_zoho(sim, person) else {
        return sim.line("person", "finds no such lead");
    };
    let id = lead["id"].as_str().unwrap_or_default();
    if sim.world.systems.zoho.delete(id).is_ok() {
        sim.history().deleted.insert(("lead", person.name()));
    }
    sim.wake.notify_one();
}

fn in_zoho(sim: &Sim, person: &Person) -> Option<Value> {
    let leads = sim.world.systems.zoho.leads().into_iter();
    leads
        .filter(|it| of_lead(&it["Email"], &it["Phone"]) == Some(person.name()))
        .last()
}
