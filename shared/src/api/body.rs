//! Bodies of requests: one JSON object, or what is wrong with it as a whole.

use super::problem::problem;
use crate::intake::LARGEST_BODY;
use lambda_http::{Body, Request, Response};
use serde_json::{Map, Value as Json};

/// The body's fields, or what is wrong with it as a whole.
pub(super) fn object_of(request: &Request, what: &str) -> Result<Map<String, Json>, Box<Response<Body>>> {
    let refused = |status, title, detail: &str| Err(Box::new(problem(status, title, detail, None)));
    let body = request.body().as_ref();
    if let Some(refusal) = too_large(body, what) {
        return Err(Box::new(refusal));
    }
    if !is_json(request) {
        return refused(415, "Not JSON", &format!("{what} comes as application/json."));
    }
    match serde_json::from_slice::<Json>(body) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(_) => refused(400, "Not an object", "The body is JSON, but not an object."),
        Err(at) => {
            let detail = format!("The body is not JSON: line {}, column {}.", at.line(), at.column());
            refused(400, "Broken JSON", &detail)
        }
    }
}

/// A refusal, if a body is larger than is stored.
pub(super) fn too_large(body: &[u8], what: &str) -> Option<Response<Body>> {
    let detail = format!("{what} has at most 256 kB.");
    (body.len() > LARGEST_BODY).then(|| problem(413, "Too large", &detail, None))
}

/// A body without a type is taken for what it should be.
fn is_json(request: &Request) -> bool {
    let Some(kind) = request.headers().get("content-type") else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}
