//! How the app says something: a row of its tables, a call of its server.

use super::CALLER;
use super::shop::Thing;
use crate::gateway;
use crate::sim::Sim;
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Says a thing as it is now, by its doors.
pub(super) async fn say(sim: &Sim, thing: &Thing, form: &Map<String, Value>, key: Option<&str>) {
    thing.is_acknowledged.store(false, Ordering::Relaxed);
    thing.changed_ms.store(sim.now_ms(), Ordering::Relaxed);
    if thing.has_row() {
        put_row(sim, thing, form);
    }
    if !thing.is_sent() {
        return;
    }
    let mut body = form.clone();
    body.insert("id".to_owned(), Value::from(thing.key.id.as_str()));
    let body = Value::Object(body);
    let path = format!("/{}s", thing.key.kind);
    if post(sim, &path, key, &body).await {
        thing.is_acknowledged.store(true, Ordering::Relaxed);
    }
    if let Some(key) = key {
        *thing.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((body, key.to_owned()));
    }
}

/// A service is activated by a call of its own.
pub(super) async fn activate(sim: &Sim, thing: &Thing, form: &Map<String, Value>, key: Option<&str>) {
    thing.is_acknowledged.store(false, Ordering::Relaxed);
    thing.changed_ms.store(sim.now_ms(), Ordering::Relaxed);
    if thing.has_row() {
        put_row(sim, thing, form);
    }
    if !thing.is_sent() {
        return;
    }
    let path = format!("/services/{}/activate", thing.key.id);
    if post(sim, &path, key, &Value::Object(Map::new())).await {
        thing.is_acknowledged.store(true, Ordering::Relaxed);
    }
}

/// The app's server sends its last request once more, as if it had never been answered: it was, so nothing happens.
pub(super) async fn again(sim: &Sim, thing: &Thing) {
    let last = thing.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((body, key)) = last {
        post(sim, &format!("/{}s", thing.key.kind), Some(&key), &body).await;
    }
}

/// Sends until there is an answer that says something: success, or a mistake of ours.
async fn post(sim: &Sim, path: &str, key: Option<&str>, body: &Value) -> bool {
    loop {
        let mut request = Request::post(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {CALLER}"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let Ok(request) = request.body(Bytes::from(body.to_string())) else {
            return false;
        };
        let answer = gateway::request(sim, request).await;
        match answer.as_ref().map(|it| it.status().as_u16()) {
            Some(200..=299) => return true,
            // Busy or broken, or no answer: the same request may be sent again.
            None | Some(429 | 500..) => {}
            Some(status) => {
                sim.breach(format!("{path} was refused with {status}: {body}"));
                return false;
            }
        }
        tokio::time::sleep(sim.pace.time(Duration::from_secs(1), Duration::from_secs(20))).await;
    }
}

fn put_row(sim: &Sim, thing: &Thing, form: &Map<String, Value>) {
    let Some(table) = thing.table() else { return };
    let app = &sim.world.systems.app;
    let column = |(name, value): (&String, &Value)| (name.clone(), cell(name, value));
    let mut row: Map<String, Value> = form.iter().map(column).collect();
    let done = match app.update_row(table, &thing.key.id, Value::Object(row.clone())) {
        Err(missing) if missing["code"] == "PGRST116" => {
            row.insert("id".to_owned(), Value::from(thing.key.id.as_str()));
            app.insert_row(table, Value::Object(row))
        }
        done => done,
    };
    if let Err(refusal) = done {
        sim.breach(format!("the app refuses a row of the workload: {refusal}"));
    }
    sim.wake.notify_one();
}

/// A value as a column holds it: amounts are numbers, lines are one text.
fn cell(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("amount" | "price", Value::String(digits)) => serde_json::from_str(digits).unwrap_or_default(),
        ("lines", Value::Array(_)) => Value::from(value.to_string()),
        _ => value.clone(),
    }
}
