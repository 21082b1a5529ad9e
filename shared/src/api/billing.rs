//! Billing's API: customers, products, plans, services, invoices, payments. A body is checked whole before anything is
//! stored; every mistake names its field.

mod read;

use super::auth::Caller;
use super::body::object_of;
use super::fields::Wrong;
use super::once::once;
use super::problem::{json, problem, unknown};
use super::shown::systems;
use crate::app::App;
use crate::model::{Class, Kind, Patch, Record, RecordKey, Value};
use crate::store::keys;
use crate::sync::accept::Accepted;
use crate::sync::billing::{KINDS, arrival, default_status, id as id_of, take_in};
use crate::systems::http::escaped;
use anyhow::Result;
use lambda_http::{Body, Request, Response};
use serde_json::{Map, Value as Json, json as object};

/// The kind that a route's first part names.
#[must_use]
pub fn kind_of(path: &str) -> Option<Kind> {
    let first = path.trim_start_matches('/').split('/').next()?;
    KINDS.into_iter().find(|it| many(it) == first)
}

fn many(kind: &Kind) -> String {
    format!("{kind}s")
}

fn article(kind: &Kind) -> String {
    let article = if *kind == Kind::INVOICE { "An" } else { "A" };
    format!("{article} {kind}")
}

/// `POST /customers` and the like.
///
/// # Errors
/// When the record could not be stored.
pub async fn post(app: &App, request: &Request, caller: &Caller, kind: &Kind) -> Result<Response<Body>> {
    let fields = match object_of(request, &article(kind)) {
        Ok(fields) => fields,
        Err(refusal) => return Ok(*refusal),
    };
    // A mistake takes no key: the mended body may come under the same one.
    if let Err(wrong) = read::record(app, kind, &fields, "checked") {
        return Ok(refused(kind, &wrong));
    }
    let route = format!("POST /{}", many(kind));
    once(app, request, caller, &route, |id| store(app, kind, &fields, id)).await
}

fn refused(kind: &Kind, wrong: &Wrong) -> Response<Body> {
    problem(
        422,
        &format!("Not {}", article(kind).to_lowercase()),
        &wrong.detail,
        Some(&wrong.field),
    )
}

async fn store(app: &App, kind: &Kind, fields: &Map<String, Json>, new_id: String) -> Result<Response<Body>> {
    let mut arrival = match read::record(app, kind, fields, &new_id) {
        Ok(arrival) => arrival,
        Err(wrong) => return Ok(refused(kind, &wrong)),
    };
    if *kind == Kind::PAYMENT {
        default_status(app, &mut arrival).await?;
    }
    accepted(take_in(app, arrival, Class::LIVE).await?)
}

fn accepted(accepted: Accepted) -> Result<Response<Body>> {
    Ok(match accepted {
        Accepted::Changed { key, version, .. } | Accepted::Same { key, version } => {
            let status_url = format!("/{}/{}", many(&key.kind), escaped(&key.id));
            json(
                202,
                &object!({ "id": key.id, "version": version, "status_url": status_url }),
            )
        }
        Accepted::Held { why } => json(202, &object!({ "status": "held", "why": why })),
        // The app is never written, so its link is never busy.
        Accepted::Later { key, .. } => anyhow::bail!("{key} is being written in the app"),
    })
}

/// `POST /services/{id}/activate`: the service runs from today on, or from the `start_date` that is sent.
///
/// # Errors
/// When it could not be stored.
pub async fn activate(app: &App, request: &Request, caller: &Caller, id: &str) -> Result<Response<Body>> {
    let fields = match request.body().is_empty() {
        true => Map::new(),
        false => match object_of(request, "An activation") {
            Ok(fields) => fields,
            Err(refusal) => return Ok(*refusal),
        },
    };
    if let Some(other) = fields.keys().find(|it| *it != "start_date") {
        let detail = format!("{other}: is nothing that an activation has; it may have start_date");
        return Ok(problem(422, "Not an activation", &detail, Some(other)));
    }
    let key = RecordKey::new(Kind::SERVICE, id);
    let Some(service) = app.store.get::<Record>(&keys::record(&key)).await? else {
        return Ok(unknown(&Kind::SERVICE));
    };
    let route = format!("POST /services/{id}/activate");
    let act = |_| async { activated(app, fields, &service.body).await };
    once(app, request, caller, &route, act).await
}

async fn activated(app: &App, mut fields: Map<String, Json>, service: &Record) -> Result<Response<Body>> {
    if !fields.contains_key("start_date") && !service.fields.contains_key("start_date") {
        let today = app.billing_day();
        fields.insert("start_date".into(), today.to_string().into());
    }
    let row = read::columns(app, &Kind::SERVICE, &fields);
    let mut arrival = match arrival(app, &Kind::SERVICE, &row, service.key.id.clone()) {
        Ok(arrival) => arrival,
        Err(why) => return Ok(problem(422, "Not an activation", &why, Some("start_date"))),
    };
    let active = Patch::Set(Value::Text("active".into()));
    arrival.fields.insert("status".into(), active);
    accepted(take_in(app, arrival, Class::LIVE).await?)
}

/// `GET /customers/{id}` and the like.
///
/// # Errors
/// When the table does not answer.
pub async fn get(app: &App, kind: &Kind, id: &str) -> Result<Response<Body>> {
    let Ok(id) = id_of(&Json::from(id)) else {
        return Ok(unknown(kind));
    };
    let key = RecordKey::new(kind.clone(), id);
    let Some(record) = app.store.get::<Record>(&keys::record(&key)).await? else {
        return Ok(unknown(kind));
    };
    let systems = systems(app, &key, |_| true).await?;
    Ok(json(200, &shown(&record.body, systems)))
}

fn shown(record: &Record, systems: Map<String, Json>) -> Json {
    let value = |(name, value): (&String, &Value)| (name.clone(), shown_value(name, value));
    let fields: Map<String, Json> = record.fields.iter().map(value).collect();
    let keys: Map<String, Json> = record
        .keys
        .iter()
        .filter(|it| it.0.ends_with("_id") && it.0 != "app_id")
        .map(|(name, value)| (name.clone(), Json::from(value.as_str())))
        .collect();
    object!({
        "id": record.key.id, "version": record.version, "changed_at": record.changed_at,
        "unconfirmed": record.unconfirmed, "fields": fields, "of": keys, "systems": systems,
    })
}

/// Lines are shown as the list that they are.
fn shown_value(name: &str, value: &Value) -> Json {
    let list = value.as_text().filter(|_| name == "lines");
    list.and_then(|it| serde_json::from_str(it).ok())
        .unwrap_or_else(|| value.to_json())
}
