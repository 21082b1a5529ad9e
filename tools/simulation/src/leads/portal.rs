//! What people say at the portal, and its server by the API.

use super::api;
use super::people::{FIELDS, Field, Person, Style};
use crate::history::Said;
use crate::sim::Sim;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

/// Changes the form; the table's row with it, if the person has one.
pub(super) async fn fill(sim: &Sim, person: &Person, values: &[(Field, u64)]) {
    let mut form = person.form.lock().await;
    if person.style == Style::Zoho {
        return super::sales::make(sim, person, values, &mut form);
    }
    begin(person, &mut form);
    for (field, number) in values {
        put(sim, person, &mut form, *field, *number);
    }
    put_row(sim, person, &form);
}

pub(super) async fn move_to(sim: &Sim, person: &Person, generation: u64) {
    let mut form = person.form.lock().await;
    begin(person, &mut form);
    form.insert("email".into(), json!(person.email(generation)));
    put_row(sim, person, &form);
}

/// Sends the form as it is; nobody changes it while it is sent.
pub(super) async fn send(sim: &Sim, person: &Person, caller: usize, key: &str) {
    let mut form = person.form.lock().await;
    begin(person, &mut form);
    if matches!(person.style, Style::Api | Style::Phone) {
        let number = key.parse::<u64>().unwrap_or(0) + 5_000 * (caller as u64 + 1);
        put(sim, person, &mut form, FIELDS[(number % 3) as usize], number);
    }
    api::post(sim, caller, key, &Value::Object(form.clone())).await;
}

/// Sends no more than a name and an address, by which the person is known already or will be.
pub(super) async fn again(sim: &Sim, person: &Person, key: &str) {
    let mut form = person.form.lock().await;
    begin(person, &mut form);
    let mut sent = form.clone();
    sent.retain(|name, _| name == "full_name" || name == "email");
    api::post(sim, 0, key, &Value::Object(sent)).await;
}

/// Sends the person's row with the address of somebody else: whom it means is for a person to say.
pub(super) async fn mistake(sim: &Sim, person: &Person, other: &Person) {
    let address = other.form.lock().await.get("email").cloned();
    let mut form = person.form.lock().await.clone();
    let Some(address) = address.filter(|_| !form.is_empty()) else {
        return;
    };
    form.insert("email".into(), address);
    let key = format!("mistake {}", person.number);
    let answer = api::post(sim, 0, &key, &Value::Object(form)).await;
    if answer.is_some_and(|it| it["status"] == "held") {
        sim.history().held.insert(person.portal_id.clone());
    } else {
        // Nothing was known of one of the two: it was taken as another row of the other's.
        let mut history = sim.history();
        history.blurred.extend([person.name(), other.name()]);
    }
}

/// A row that was made long ago, and of which nobody told us.
pub(super) fn old_row(sim: &Sim, person: &Person) {
    let Ok(mut form) = person.form.try_lock() else { return };
    begin(person, &mut form);
    put(sim, person, &mut form, FIELDS[0], 9_000 + person.number);
    let days = SignedDuration::from_hours(24 * 10);
    let at = (sim.world.clock.now() - days).to_string();
    let mut row = form.clone();
    row.insert("created_at".into(), json!(at));
    row.insert("updated_at".into(), json!(at));
    if let Err(refusal) = sim.world.systems.portal.insert_row("leads", Value::Object(row)) {
        sim.breach(format!("the portal refuses a row of the workload: {refusal}"));
    }
    sim.world.systems.portal.take_webhooks();
}

fn begin(person: &Person, form: &mut Map<String, Value>) {
    if !form.is_empty() {
        return;
    }
    let name = json!(format!("Maria {}", person.name()));
    if person.style == Style::Phone {
        form.extend([("name".to_owned(), name), ("phone".to_owned(), json!(person.phone()))]);
        return;
    }
    form.insert("full_name".into(), name);
    form.insert("id".into(), json!(person.portal_id));
    form.insert("email".into(), json!(person.email(0)));
}

fn put(sim: &Sim, person: &Person, form: &mut Map<String, Value>, field: Field, number: u64) {
    let value = field.value(number);
    let before = form.insert(field.name.to_owned(), field.json(&value));
    let instead_of = before.and_then(|it| field.text(&it));
    say(sim, person, "portal", field, value, instead_of);
}

fn put_row(sim: &Sim, person: &Person, form: &Map<String, Value>) {
    if !person.has_row() {
        return;
    }
    let portal = &sim.world.systems.portal;
    let row = Value::Object(form.clone());
    let done = match portal.update_row("leads", &person.portal_id, row.clone()) {
        Err(missing) if missing["code"] == "PGRST116" => portal.insert_row("leads", row),
        done => done,
    };
    if let Err(refusal) = done {
        sim.breach(format!("the portal refuses a row of the workload: {refusal}"));
    }
    sim.wake.notify_one();
}

/// Notes what somebody said.
pub(super) fn say(
    sim: &Sim,
    person: &Person,
    door: &'static str,
    field: Field,
    value: String,
    instead_of: Option<String>,
) {
    let said = Said {
        at_ms: sim.now_ms(),
        about: ("lead", person.name()),
        door,
        field: field.name,
        value,
        instead_of,
    };
    sim.history().said.push(said);
}
