//! `Idempotency-Key`: the same key and body → the same answer, whatever became of the first one's.

use super::auth::Caller;
use super::problem::{json, problem};
use crate::app::App;
use crate::planted::{Bug, planted};
use crate::store::{Item, Places, Put, keys};
use anyhow::{Context as _, Result};
use lambda_http::{Body, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A request under its key: written first, with the id to be used; then the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    body_hash: String,
    id: String,
    answer: Option<(u16, String)>,
}

/// Requests are kept 30 days, in seconds.
const KEPT: i64 = 30 * 24 * 3600;
const HEADER: &str = "Idempotency-Key";

/// Answers a request by `act`, which gets the id to be used for what it makes. With a key, a second request of the
/// same caller to the same route gets the same id and, once there was a success, the same answer; with another
/// body it is refused. Failures are never kept.
///
/// # Errors
/// Those of `act`, and when the table does not answer: the same request may be sent again.
pub async fn once<F>(
    app: &App,
    request: &Request,
    caller: &Caller,
    route: &str,
    act: impl FnOnce(String) -> F,
) -> Result<Response<Body>>
where
    F: Future<Output = Result<Response<Body>>>,
{
    let key = match key(request) {
        Err(detail) => return Ok(problem(422, "Bad key", detail, Some(HEADER))),
        Ok(None) => return act(app.random.uuid()).await,
        Ok(Some(key)) => keys::request(caller.hash(), route, key),
    };
    let body_hash = keys::sha256(request.body().as_ref());
    let known = known(app, &key, &body_hash).await?;
    if known.body.body_hash != body_hash {
        let detail = "This Idempotency-Key was used with another body.";
        return Ok(problem(422, "Key used already", detail, Some(HEADER)));
    }
    if let Some(answer) = &known.body.answer {
        return Ok(again(answer));
    }
    let id = if planted(Bug::NewIdForEachTry) {
        app.random.uuid()
    } else {
        known.body.id.clone()
    };
    let response = act(id).await?;
    if response.status().is_success() {
        return keep(app, &key, known, response).await;
    }
    Ok(response)
}

fn key(request: &Request) -> Result<Option<&str>, &'static str> {
    let Some(value) = request.headers().get(HEADER) else {
        return Ok(None);
    };
    // Dropping a key that can't be read would make a second effect of a second try.
    let key = value.to_str().map_err(|_| "An Idempotency-Key is visible ASCII.")?;
    if key.is_empty() || key.len() > 255 {
        return Err("An Idempotency-Key has 1 to 255 characters.");
    }
    Ok(Some(key))
}

async fn known(app: &App, key: &keys::Key, body_hash: &str) -> Result<Item<Known>> {
    let fresh = Known {
        body_hash: body_hash.to_owned(),
        id: app.random.uuid(),
        answer: None,
    };
    match app.store.put(key, &fresh, None, &places(app)).await? {
        Put::Done(rev) => Ok(Item { body: fresh, rev }),
        Put::Conflict => app.store.get::<Known>(key).await?.context("the request is gone"),
    }
}

async fn keep(app: &App, key: &keys::Key, known: Item<Known>, response: Response<Body>) -> Result<Response<Body>> {
    let text = String::from_utf8_lossy(response.body().as_ref()).into_owned();
    let answered = Known {
        answer: Some((response.status().as_u16(), text)),
        ..known.body
    };
    if app.store.put(key, &answered, Some(&known.rev), &places(app)).await? != Put::Conflict {
        return Ok(response);
    }
    // A request of the same key was answered meanwhile: there is one answer.
    let first = app.store.get::<Known>(key).await?.and_then(|it| it.body.answer);
    Ok(first.map_or(response, |it| again(&it)))
}

fn again((status, text): &(u16, String)) -> Response<Body> {
    let body: Json = serde_json::from_str(text).unwrap_or_default();
    json(*status, &body)
}

fn places(app: &App) -> Places {
    Places {
        ttl: Some(app.clock.now().as_second() + KEPT),
        ..Places::default()
    }
}
