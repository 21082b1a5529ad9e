//! What an answer of the API says, as a whole and record by record.

use super::{codes, times};
use crate::systems::http::{Effect, Response};
use crate::systems::zoho_accounts::id;
use crate::systems::{Action, CallError, Written};
use serde_json::Value as Json;

/// The body of a read's answer; `None` for 204 and 304, and for any other success without a body.
pub(super) fn of_read(answer: &Response) -> Result<Option<Json>, CallError> {
    let status = answer.status();
    let body = answer.json();
    if status.is_success() || status.as_u16() == 304 {
        return body.map_err(|not_json| CallError::Later(not_json.to_string()));
    }
    let body = body.ok().flatten().unwrap_or(Json::Null);
    Err(codes::refusal(
        Effect::Reads,
        status.as_u16(),
        answer.retry_after(),
        &body,
    ))
}

/// The results of a write, one per record in the order of sending, under the key `list` of the body.
///
/// The body counts whatever the status: 207 mixes, 400 and 412 may hold results, too (§1.4). An answer whose
/// results are not as many as the records says nothing of any of them.
pub(super) fn of_write(answer: &Response, list: &str, records: usize) -> Result<Vec<Json>, CallError> {
    let status = answer.status();
    let body = answer.json().ok().flatten().unwrap_or(Json::Null);
    if let Some(results) = body[list].as_array() {
        return match results.len() == records {
            true => Ok(results.clone()),
            false => Err(CallError::Unknown(format!(
                "{} results for {records} records",
                results.len()
            ))),
        };
    }
    match status.is_success() {
        true => Err(CallError::Unknown("a success without results".to_owned())),
        false => Err(codes::refusal(
            Effect::Writes,
            status.as_u16(),
            answer.retry_after(),
            &body,
        )),
    }
}

/// One record's result. `expected` is the id that was written to, or `None` where Zoho decides by itself.
pub(super) fn written(status: u16, result: &Json, expected: Option<&str>) -> Result<Written, CallError> {
    if result["code"] != "SUCCESS" && result["status"] != "success" {
        return Err(codes::refusal(Effect::Writes, status, None, result));
    }
    let details = &result["details"];
    let id = id(&details["id"]).ok_or_else(|| CallError::Unknown("a success without an id".to_owned()))?;
    if expected.is_some_and(|expected| expected != id) {
        return Err(CallError::Unknown(format!(
            "the result of record {id} in another's place"
        )));
    }
    Ok(Written {
        id,
        modified: details["Modified_Time"].as_str().and_then(times::read),
        action: action(result, expected),
        // A write answers with the id and the times, not with the values.
        seen: None,
        held: None,
    })
}

/// Only upsert says which it did (§1.3); elsewhere an id was given, so the record was there. Where upsert is
/// silent, a record that was never modified since it was made is new.
fn action(result: &Json, expected: Option<&str>) -> Action {
    let times = |name: &str| result["details"][name].as_str();
    match result["action"].as_str() {
        Some("insert") => Action::Inserted,
        Some(_) => Action::Updated,
        None if expected.is_none() && times("Created_Time") == times("Modified_Time") => Action::Inserted,
        None => Action::Updated,
    }
}
