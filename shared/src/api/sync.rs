//! `/sync`: how one record stands in its systems, what a system has of it, another try, and runs over everything.

use super::auth::Caller;
use super::body::object_of;
use super::once::once;
use super::problem::{json, problem, unknown};
use super::shown::systems;
use crate::app::App;
use crate::model::{Kind, Link, Record, RecordKey, System};
use crate::store::keys;
use crate::sync::accept::{HeldArrival, held_key};
use crate::sync::backfill;
use crate::sync::billing::KINDS;
use crate::sync::budget::{self, Mode};
use crate::sync::look_up::{self, There};
use crate::sync::retry::{Retried, force, retry};
use crate::systems::http::escaped;
use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde_json::{Map, Value as Json, json as object};

fn no_kind() -> Response<Body> {
    let detail = format!("There is no such kind; there are {}.", kinds());
    problem(404, "No such kind", &detail, Some("kind"))
}

fn kinds() -> String {
    KINDS.map(|it| it.to_string()).join(", ")
}

/// What is billed: a key of billing opens nothing else.
fn kind_of(name: &str) -> Option<Kind> {
    KINDS.into_iter().find(|it| it.as_str() == name)
}

/// `GET /sync/{kind}?id=`: how the record stands; with `action=find` what its systems have under its keys. Nothing is
/// written.
///
/// # Errors
/// When the table does not answer.
pub async fn get(app: &App, request: &Request, kind: &str) -> Result<Response<Body>> {
    let Some(kind) = kind_of(kind) else {
        return Ok(no_kind());
    };
    let query = request.query_string_parameters();
    let Some(id) = query.first("id").filter(|it| !it.is_empty()) else {
        return Ok(problem(422, "Which record?", "id: is missing", Some("id")));
    };
    let key = RecordKey::new(kind, id);
    let is_known = app.store.get::<Record>(&keys::record(&key)).await?.is_some();
    match query.first("action").unwrap_or("status") {
        "status" => status(app, &key, is_known).await,
        _ if !is_known => no_record(app, &key).await,
        "find" => found(app, &key).await,
        other => {
            let detail = format!("action: {other:?} is neither status nor find");
            Ok(problem(422, "No such action", &detail, Some("action")))
        }
    }
}

/// Of what is held at the door there is nothing to look for yet; that it is held is said.
async fn no_record(app: &App, key: &RecordKey) -> Result<Response<Body>> {
    if held(app, key).await?.is_empty() {
        return Ok(unknown(&key.kind));
    }
    let detail = format!(
        "What came of it is held and no {} yet; action=status says why.",
        key.kind
    );
    Ok(problem(404, &format!("No such {} yet", key.kind), &detail, Some("id")))
}

/// What is held at the door is shown even where there is no record yet.
async fn status(app: &App, key: &RecordKey, is_known: bool) -> Result<Response<Body>> {
    let held = held(app, key).await?;
    if !is_known && held.is_empty() {
        return Ok(unknown(&key.kind));
    }
    let written = written(app, &key.kind)?;
    // A source is shown where one of its fields waits for a person.
    let mut systems = systems(app, key, |it| {
        written.contains(&it.system) || !it.held_fields.is_empty()
    })
    .await?;
    for (name, shown) in &mut systems {
        // Only what still goes somewhere is waited for.
        if !shown["next_attempt"].is_null() {
            shown["waits"] = object!(waits(app, &System::read(name)).await?);
        }
    }
    Ok(json(200, &object!({ "id": key.id, "systems": systems, "held": held })))
}

/// What the app or a gateway said of the record that waits for a person as a whole.
async fn held(app: &App, key: &RecordKey) -> Result<Vec<Json>> {
    let row = format!("{}/{}", key.kind, key.id);
    let mut held = Vec::new();
    // Gateways tell of payments only.
    let gateways = System::GATEWAYS.into_iter().filter(|_| key.kind == Kind::PAYMENT);
    for source in std::iter::once(System::APP).chain(gateways) {
        let kept = app.store.get::<HeldArrival>(&held_key(source.as_str(), &row)).await?;
        let kept = kept.map(|it| it.body).filter(|it| it.arrival.is_some());
        held.extend(kept.map(|it| object!({ "source": source, "row": row, "why": it.why, "since": it.since })));
    }
    Ok(held)
}

async fn found(app: &App, key: &RecordKey) -> Result<Response<Body>> {
    let mut systems = Map::new();
    // The app's rows are found by their id: there is nothing to look for.
    let routes = app.kind(&key.kind)?.routes.iter();
    for route in routes.filter(|it| it.written && it.system != System::APP_STATUS) {
        let there = look_up::look_up(app, key, &route.system).await?;
        systems.insert(route.system.to_string(), told(there));
    }
    Ok(json(200, &object!({ "id": key.id, "found": systems })))
}

fn told(there: There) -> Json {
    match there {
        There::Objects(ids) => object!({ "remote_ids": ids }),
        There::Unasked(why) => object!({ "not_asked": why }),
    }
}

/// `POST /sync/{kind}/{id}`: syncs now; with `{"force": true}` an unchanged one, too.
///
/// # Errors
/// When the table does not answer.
pub async fn post(app: &App, request: &Request, caller: &Caller, kind: &str, id: &str) -> Result<Response<Body>> {
    let Some(kind) = kind_of(kind) else {
        return Ok(no_kind());
    };
    let forced = match is_forced(request) {
        Ok(forced) => forced,
        Err(refusal) => return Ok(*refusal),
    };
    let key = RecordKey::new(kind, id);
    if app.store.get::<Record>(&keys::record(&key)).await?.is_none() {
        return Ok(unknown(&key.kind));
    }
    let route = format!("POST /sync/{key}");
    once(app, request, caller, &route, |_| tried(app, &key, forced)).await
}

fn is_forced(request: &Request) -> Result<bool, Box<Response<Body>>> {
    if request.body().is_empty() {
        return Ok(false);
    }
    let fields = object_of(request, "A request to sync")?;
    match fields.iter().next() {
        None => Ok(false),
        Some((name, Json::Bool(force))) if name == "force" && fields.len() == 1 => Ok(*force),
        Some((name, _)) => {
            let detail = format!("{name}: a request to sync may have force, true or false, and nothing else");
            Err(Box::new(problem(422, "Not understood", &detail, Some(name))))
        }
    }
}

async fn tried(app: &App, key: &RecordKey, forced: bool) -> Result<Response<Body>> {
    let mut systems = Map::new();
    // A record that is older than the way to a system has no link there yet.
    let links = app.store.list::<Link>(&key.to_string(), "link#", 100).await?;
    let links: Vec<System> = links.into_iter().map(|it| it.1.body.system).collect();
    for system in written(app, &key.kind)?.into_iter().filter(|it| links.contains(it)) {
        let done = match forced {
            true => force(app, key, &system).await?,
            false => retry(app, key, &system).await?,
        };
        let done = match done {
            Retried::Opened { was } => {
                object!({ "syncs": true, "was": was.as_str(), "waits": waits(app, &system).await? })
            }
            Retried::Left { was, why } => object!({ "syncs": false, "was": was.as_str(), "why": why }),
        };
        systems.insert(system.to_string(), done);
    }
    let status_url = format!("/sync/{}?id={}", key.kind, escaped(&key.id));
    Ok(json(
        202,
        &object!({ "id": key.id, "systems": systems, "status_url": status_url }),
    ))
}

/// Why nothing is sent to a system at present.
async fn waits(app: &App, system: &System) -> Result<Option<String>> {
    if !app.is_configured(system) {
        return Ok(Some(format!("{system} is not configured")));
    }
    let budget = budget::read(app, system).await?.map(|it| it.body).unwrap_or_default();
    let until = crate::sync::token::instant(budget.open_until_ms);
    Ok(match budget.mode {
        Mode::Paused => Some(format!("{system} is paused")),
        Mode::Mock => Some(format!("{system} is in mock mode: nothing is sent")),
        _ if until > app.clock.now() => Some(format!("until {until}: {}", budget.open_why)),
        _ => None,
    })
}

fn written(app: &App, kind: &Kind) -> Result<Vec<System>> {
    let routes = app.kind(kind)?.routes.iter().filter(|it| it.written);
    Ok(routes.map(|it| it.system.clone()).collect())
}

/// `POST /sync/bulk`: reads everything of some kinds from the app once more, behind live traffic.
///
/// # Errors
/// When the table does not answer.
pub async fn bulk(app: &App, request: &Request, caller: &Caller) -> Result<Response<Body>> {
    let fields = match object_of(request, "A request to sync") {
        Ok(fields) => fields,
        Err(refusal) => return Ok(*refusal),
    };
    if let Some(other) = fields.keys().find(|it| *it != "kinds") {
        let detail = format!("{other}: is nothing that this takes; it takes kinds");
        return Ok(problem(422, "Which kinds?", &detail, Some(other)));
    }
    let kinds = match kinds_of(fields.get("kinds")) {
        Ok(kinds) => kinds,
        Err(detail) => return Ok(problem(422, "Which kinds?", &detail, Some("kinds"))),
    };
    once(app, request, caller, "POST /sync/bulk", |_| begun(app, &kinds)).await
}

/// The kinds that are named; none: all.
fn kinds_of(said: Option<&Json>) -> Result<Vec<Kind>, String> {
    match said {
        Some(Json::String(all)) if all == "all" => Ok(Vec::new()),
        Some(Json::Array(names)) if !names.is_empty() => {
            let kind = |it: &Json| {
                it.as_str()
                    .and_then(kind_of)
                    .ok_or_else(|| format!("kinds: {it} is none; there are {}", kinds()))
            };
            names.iter().map(kind).collect()
        }
        _ => Err("kinds: name some, such as [\"customer\"], or \"all\"".to_owned()),
    }
}

async fn begun(app: &App, kinds: &[Kind]) -> Result<Response<Body>> {
    if !app.is_configured(&System::APP) {
        let detail = "The app's tables are not configured: set APP_SUPABASE_URL.";
        return Ok(problem(409, "Nothing to read", detail, None));
    }
    let without: Vec<&Kind> = kinds
        .iter()
        .filter(|it| app.config.billing.table(it).is_none())
        .collect();
    if !without.is_empty() {
        let each = |it: &&Kind| format!("{it}s (name one in APP_TABLES, or send them to POST /{it}s)");
        let detail = format!(
            "kinds: the app has no table of {}",
            without.iter().map(each).collect::<Vec<_>>().join(", nor of ")
        );
        return Ok(problem(422, "Nothing to read", &detail, Some("kinds")));
    }
    Ok(match backfill::begin_billing(app, kinds, false).await? {
        Ok(run) => json(
            202,
            &object!({ "run": run.id, "status_url": format!("/runs/{}", run.id) }),
        ),
        Err(why) => problem(409, "Another backfill is under way", &why, None),
    })
}
