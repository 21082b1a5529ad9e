//! The leads' API: a body is read whole and checked before anything is stored; every mistake names its field.

mod read;

use super::auth::Caller;
use super::body::object_of;
use super::once::once;
use super::problem::{json, problem, unknown};
use super::shown::systems;
use crate::app::App;
use crate::model::{Class, Kind, Record, RecordKey};
use crate::store::keys;
use crate::sync::accept::{Accepted, Choice, HeldArrival, accept, held_key};
use anyhow::Result;
use lambda_http::{Body, Request, Response};
use serde_json::{Map, Value as Json, json as object};

/// Longest id that is looked for, in bytes.
const LONGEST_ID: usize = 200;

/// `POST /leads`.
///
/// # Errors
/// When the lead could not be stored.
pub async fn post(app: &App, request: &Request, caller: &Caller) -> Result<Response<Body>> {
    let fields = match object_of(request, "A lead") {
        Ok(fields) => fields,
        Err(refusal) => return Ok(*refusal),
    };
    // A mistake takes no key: the mended body may come under the same one.
    if let Err(wrong) = read::lead(app, &fields, &app.random.uuid()) {
        return Ok(problem(422, "Not a lead", &wrong.detail, Some(&wrong.field)));
    }
    once(app, request, caller, "POST /leads", |id| store(app, &fields, id)).await
}

async fn store(app: &App, fields: &Map<String, Json>, new_id: String) -> Result<Response<Body>> {
    let arrival = match read::lead(app, fields, &new_id) {
        Ok(arrival) => arrival,
        Err(wrong) => return Ok(problem(422, "Not a lead", &wrong.detail, Some(&wrong.field))),
    };
    let portal_id = arrival.source_id.clone().unwrap_or_default();
    Ok(match accept(app, &arrival, Class::LIVE).await? {
        Accepted::Changed { key, version, .. } | Accepted::Same { key, version } => {
            let status_url = format!("/leads/{}", key.id);
            json(
                202,
                &object!({ "id": key.id, "portal_lead_id": portal_id, "version": version, "status_url": status_url }),
            )
        }
        Accepted::Held { why } => {
            let status_url = format!("/leads/{portal_id}");
            json(
                202,
                &object!({ "id": portal_id, "portal_lead_id": portal_id, "status": "held", "why": why, "status_url": status_url }),
            )
        }
        // The portal is never written, so its link is never busy.
        Accepted::Later { key, .. } => anyhow::bail!("{key} is being written in the portal"),
    })
}

/// `GET /leads/{id}`: by Concord's id or the portal's.
///
/// # Errors
/// When the table does not answer.
pub async fn get(app: &App, id: &str) -> Result<Response<Body>> {
    let Some(id) = written(id) else {
        return Ok(unknown(&Kind::LEAD));
    };
    let record = find(app, &id).await?;
    let row = record.as_ref().and_then(|it| it.keys.get("portal_lead_id"));
    let held = app
        .store
        .get::<HeldArrival>(&held_key("portal", row.unwrap_or(&id)))
        .await?;
    if record.is_none() && held.as_ref().is_some_and(|it| it.body.choice == Some(Choice::Drop)) {
        return Ok(json(200, &left_out(&id)));
    }
    let waits = held.filter(|it| it.body.arrival.is_some());
    let held =
        waits.map(|it| object!({ "why": it.body.why, "candidates": it.body.candidates, "since": it.body.since }));
    let Some(record) = record else {
        return Ok(held.map_or_else(|| unknown(&Kind::LEAD), |held| json(200, &at_the_door(&id, held))));
    };
    let systems = systems(app, &record.key, |_| true).await?;
    Ok(json(200, &shown(&record, systems, held)))
}

/// An id as it is stored. Ids of the portal that are no UUIDs came by its table and stand as they were.
fn written(id: &str) -> Option<String> {
    match uuid::Uuid::parse_str(id) {
        Ok(id) => Some(id.to_string()),
        Err(_) => Some(id.to_lowercase()).filter(|it| (1..=LONGEST_ID).contains(&it.len())),
    }
}

async fn find(app: &App, id: &str) -> Result<Option<Record>> {
    let record = |id: &str| keys::record(&RecordKey::new(Kind::LEAD, id));
    if let Some(own) = app.store.get::<Record>(&record(id)).await? {
        return Ok(Some(own.body));
    }
    let alias = keys::alias(&Kind::LEAD, "portal_lead_id", id);
    let Some(means) = app.store.get::<String>(&alias).await? else {
        return Ok(None);
    };
    Ok(app.store.get::<Record>(&record(&means.body)).await?.map(|it| it.body))
}

/// A lead that a person left out.
fn left_out(id: &str) -> Json {
    object!({ "id": id, "portal_lead_id": id, "status": "skipped", "why": "left out by a person" })
}

/// A lead of which nothing was accepted yet: a person must choose.
fn at_the_door(id: &str, held: Json) -> Json {
    object!({ "id": id, "portal_lead_id": id, "status": "held", "held": held })
}

/// `held`: a newer version that waits for a person.
fn shown(record: &Record, systems: Map<String, Json>, held: Option<Json>) -> Json {
    let fields: Map<String, Json> = record
        .fields
        .iter()
        .map(|(name, value)| (name.clone(), value.to_json()))
        .collect();
    object!({
        "id": record.key.id, "version": record.version, "portal_lead_id": record.keys.get("portal_lead_id"),
        "changed_at": record.changed_at, "unconfirmed": record.unconfirmed, "fields": fields, "systems": systems,
        "held": held,
    })
}
