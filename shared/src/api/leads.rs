//! The leads' API: a body is read whole and checked before anything is stored; every mistake names its field.

mod read;

use super::problem::{json, problem};
use crate::app::App;
use crate::intake::LARGEST_BODY;
use crate::model::{Class, Kind, Link, Record, RecordKey};
use crate::store::{Item, Places, Put, keys};
use crate::sync::accept::{Accepted, Choice, HeldArrival, accept, held_key};
use anyhow::{Context as _, Result};
use lambda_http::{Body, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json as object};

/// A request under its Idempotency-Key: written first, with the ids to be used; then the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Request {
    body_hash: String,
    record_id: String,
    answer: Option<(u16, String)>,
}

/// Requests are kept 30 days, in seconds.
const KEPT: i64 = 30 * 24 * 3600;

/// `POST /leads`.
///
/// # Errors
/// When the lead could not be stored.
pub async fn post(app: &App, body: &[u8], idempotency_key: Option<&str>) -> Result<Response<Body>> {
    if body.len() > LARGEST_BODY {
        return Ok(problem(413, "Too large", "A lead has at most 256 kB.", None));
    }
    let Ok(Json::Object(fields)) = serde_json::from_slice::<Json>(body) else {
        return Ok(problem(400, "Broken JSON", "The body is not a JSON object.", None));
    };
    let Some(key) = idempotency_key else {
        return store(app, &fields, app.random.uuid()).await;
    };
    if key.is_empty() || key.len() > 255 {
        return Ok(problem(
            422,
            "Bad key",
            "An Idempotency-Key has 1 to 255 characters.",
            Some("Idempotency-Key"),
        ));
    }
    once(app, &fields, key, &keys::sha256(body)).await
}

/// The same key and body → the same answer; another body → 422.
async fn once(app: &App, fields: &Map<String, Json>, key: &str, body_hash: &str) -> Result<Response<Body>> {
    let at = keys::request(key);
    let fresh = Request {
        body_hash: body_hash.to_owned(),
        record_id: app.random.uuid(),
        answer: None,
    };
    let ttl = Places {
        ttl: Some(app.clock.now().as_second() + KEPT),
        ..Places::default()
    };
    let known = match app.store.put(&at, &fresh, None, &ttl).await? {
        Put::Done(rev) => Item { body: fresh, rev },
        Put::Conflict => app.store.get::<Request>(&at).await?.context("the request is gone")?,
    };
    if known.body.body_hash != body_hash {
        let detail = "This Idempotency-Key was used with another body.";
        return Ok(problem(422, "Key used already", detail, Some("Idempotency-Key")));
    }
    if let Some((status, text)) = &known.body.answer {
        let body: Json = serde_json::from_str(text).unwrap_or_default();
        return Ok(json(*status, &body));
    }
    let response = store(app, fields, known.body.record_id.clone()).await?;
    if response.status().is_success() {
        let text = String::from_utf8_lossy(response.body().as_ref()).into_owned();
        let answered = Request {
            answer: Some((response.status().as_u16(), text)),
            ..known.body
        };
        app.store.put(&at, &answered, Some(&known.rev), &ttl).await?;
    }
    Ok(response)
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
        Accepted::Later { key } => anyhow::bail!("{key} is being written in the portal"),
    })
}

/// `GET /leads/{id}`: by Concord's id or the portal's.
///
/// # Errors
/// When the table does not answer.
pub async fn get(app: &App, id: &str) -> Result<Response<Body>> {
    let id = id.to_lowercase();
    let alias = app
        .store
        .get::<String>(&keys::alias(&Kind::LEAD, "portal_lead_id", &id))
        .await?;
    let own = RecordKey::new(Kind::LEAD, id.clone());
    let key = match app.store.get::<Record>(&keys::record(&own)).await? {
        Some(record) => record.body.key,
        None => match alias {
            Some(alias) => RecordKey::new(Kind::LEAD, alias.body),
            None => return waiting(app, &id).await,
        },
    };
    let record: Item<Record> = app
        .store
        .get(&keys::record(&key))
        .await?
        .context("the record is gone")?;
    let mut systems = Map::new();
    for (_, link) in app.store.list::<Link>(&key.to_string(), "link#", 100).await? {
        systems.insert(link.body.system.to_string(), standing(&link.body));
    }
    Ok(json(200, &shown(&record.body, systems)))
}

/// A lead that is held at the door.
async fn waiting(app: &App, id: &str) -> Result<Response<Body>> {
    let held = app.store.get::<HeldArrival>(&held_key("portal", id)).await?;
    Ok(match held {
        Some(held) if held.body.choice == Some(Choice::Drop) => json(
            200,
            &object!({ "id": id, "portal_lead_id": id, "status": "skipped", "why": "left out by a person" }),
        ),
        Some(held) => json(
            200,
            &object!({ "id": id, "portal_lead_id": id, "status": "held", "why": held.body.why, "candidates": held.body.candidates }),
        ),
        None => problem(404, "No such lead", "No lead has this id.", Some("id")),
    })
}

fn shown(record: &Record, systems: Map<String, Json>) -> Json {
    let fields: Map<String, Json> = record
        .fields
        .iter()
        .map(|(name, value)| (name.clone(), value.to_json()))
        .collect();
    object!({
        "id": record.key.id, "version": record.version, "portal_lead_id": record.keys.get("portal_lead_id"),
        "changed_at": record.changed_at, "unconfirmed": record.unconfirmed, "fields": fields, "systems": systems,
    })
}

fn standing(link: &Link) -> Json {
    object!({
        "status": link.status, "remote_id": link.remote_id, "synced_version": link.synced_version,
        "last_error": link.last_error.as_ref().map(|it| &it.why), "next_attempt": link.due_at.filter(|_| link.status.is_open()),
        "synced_at": link.synced_at, "gone": link.gone,
        "held_fields": link.held_fields.iter().map(|(name, held)| (name.clone(), held.why.clone())).collect::<std::collections::BTreeMap<_, _>>(),
    })
}
