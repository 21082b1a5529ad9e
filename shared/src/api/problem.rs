//! Answers of the HTTP API: JSON, and problems as RFC 9457 has them, naming the field.

use crate::model::Kind;
use lambda_http::{Body, Response};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// An answer with a JSON body.
#[must_use]
pub fn json(status: u16, body: &impl Serialize) -> Response<Body> {
    build(
        status,
        "application/json",
        serde_json::to_string(body).unwrap_or_default(),
    )
}

/// What is wrong with a request. `field` names the field, in the body's own words.
#[must_use]
pub fn problem(status: u16, title: &str, detail: &str, field: Option<&str>) -> Response<Body> {
    let mut body = json!({ "type": "about:blank", "title": title, "status": status, "detail": detail });
    if let (Some(field), Json::Object(map)) = (field, &mut body) {
        map.insert("field".into(), field.into());
    }
    build(status, "application/problem+json", body.to_string())
}

/// No record of a kind has the id.
#[must_use]
pub fn unknown(kind: &Kind) -> Response<Body> {
    let (title, detail) = (format!("No such {kind}"), format!("No {kind} has this id."));
    problem(404, &title, &detail, Some("id"))
}

/// Our own failure: the sender tries again on this status.
#[must_use]
pub fn unavailable() -> Response<Body> {
    problem(503, "Not stored", "Concord could not store this; send it again.", None)
}

/// The key is missing, wrong, revoked, of another scope, or none is configured.
#[must_use]
pub fn unauthorised() -> Response<Body> {
    unproven("Send a key of this route: Authorization: Bearer <key>.")
}

/// A request does not show that it comes from whom it says; `how` tells how it would.
pub(super) fn unproven(how: &str) -> Response<Body> {
    problem(401, "Unauthorised", how, None)
}

fn build(status: u16, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert("content-type", http::HeaderValue::from_static(kind));
    response
        .headers_mut()
        .insert("cache-control", http::HeaderValue::from_static("no-store"));
    response
}
