//! What an answer of the API says (docs/vendors.md §2.1, §2.2).

use super::codes::{self, Asked};
use super::objects::Kind;
use super::values;
use crate::systems::http::{Effect, Response};
use crate::systems::{Action, CallError, Written};
use serde_json::Value as Json;

/// The body of a success, which is a 2xx *and* `code` 0 (§2.1). A 2xx that does not say `code` is no answer of Zoho's:
/// what became of a write is unknown then.
pub(super) fn of(answer: &Response, asked: Asked) -> Result<Json, CallError> {
    let status = answer.status();
    let body = answer.json().ok().flatten().unwrap_or(Json::Null);
    match (status.is_success(), body["code"].as_i64()) {
        (true, Some(0)) => Ok(body),
        (true, None) => Err(asked.effect.lost("a success without Zoho's code")),
        _ => Err(codes::refusal(asked, status.as_u16(), answer.retry_after(), &body)),
    }
}

/// The object that a write returned. `expected` is the id that was written to; `None` where the object was made.
pub(super) fn written(kind: &Kind, body: &Json, expected: Option<&str>) -> Result<Written, CallError> {
    let unknown = |why: String| Effect::Writes.lost(why);
    let seen = values::seen(kind, &body[kind.one]).map_err(|bad| unknown(format!("a success: {}", bad.why)))?;
    if expected.is_some_and(|expected| expected != seen.id) {
        return Err(unknown(format!("the answer shows {} {}", kind.one, seen.id)));
    }
    Ok(Written {
        id: seen.id,
        modified: seen.modified,
        action: expected.map_or(Action::Inserted, |_| Action::Updated),
        seen: Some(seen.fields),
        held: None,
    })
}
