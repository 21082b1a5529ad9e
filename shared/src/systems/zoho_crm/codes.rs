//! What each of Zoho CRM's refusals means for the caller (docs/vendors.md §1.4). Pure; one table.

use crate::systems::CallError;
use crate::systems::http::Effect;
use crate::systems::said::said;
use crate::systems::zoho_accounts::id;
use serde_json::Value as Json;
use std::time::Duration;

/// The meaning of a refusal `{code, message, details}`, of a whole call or of one record of it.
///
/// `wait` is a `Retry-After`: Zoho sends none, a gateway in front of it may.
pub(super) fn refusal(effect: Effect, status: u16, wait: Option<Duration>, body: &Json) -> CallError {
    let code = body["code"].as_str().unwrap_or_default();
    let why = match (code, body["message"].as_str().unwrap_or_default()) {
        ("", "") => format!("HTTP {status}"),
        (code, message) => said(code, message),
    };
    match code {
        "INVALID_TOKEN" | "AUTHENTICATION_FAILURE" | "AUTHORIZATION_FAILED" => CallError::Unauthorised(why),
        "OAUTH_SCOPE_MISMATCH" | "NO_PERMISSION" => CallError::Forbidden(why),
        "TOO_MANY_REQUESTS" | "RATE_LIMIT_EXCEEDED" => CallError::Wait { wait, why },
        "DUPLICATE_DATA" if effect == Effect::Writes => CallError::Exists {
            id: existing(body),
            why,
        },
        "ALREADY_MODIFIED" => CallError::Modified(why),
        "RECORD_IN_BLUEPRINT" | "RECORD_LOCKED" | "NOT_APPROVED" => CallError::Held(why),
        "ID_ALREADY_CONVERTED" | "CONVERTED_RECORD" => CallError::Held(why),
        "INVALID_DATA" if is_of_the_id(body) => CallError::Gone(why),
        "NOT_SUBSCRIBED" => CallError::Gone(why),
        "PAGINATION_LIMIT_EXCEEDED" | "DISCRETE_PAGINATION_LIMIT_EXCEEDED" => CallError::Restart(why),
        "EXPIRED_VALUE" | "TOKEN_BOUND_DATA_MISMATCH" => CallError::Restart(why),
        "INTERNAL_ERROR" | "DEPENDENT_SERVICE_ERROR" => effect.lost(why),
        _ => by_status(effect, status, wait, why),
    }
}

/// For codes that say nothing but "no", and for those that we don't know. No 5xx is documented as "not acted
/// upon", so that a write's outcome is unknown after any of them.
fn by_status(effect: Effect, status: u16, wait: Option<Duration>, why: String) -> CallError {
    match status {
        401 => CallError::Unauthorised(why),
        429 => CallError::Wait { wait, why },
        412 => CallError::Modified(why),
        408 | 500.. => effect.lost(why),
        _ => CallError::Rejected(why),
    }
}

/// The id of the record that is already there: at one of two places (§1.4).
fn existing(body: &Json) -> Option<String> {
    let details = &body["details"];
    id(&details["id"]).or_else(|| id(&details["duplicate_record"]["id"]))
}

/// INVALID_DATA is also what an unknown id gets (§1.4). It is about the record's own id where it names the field
/// `id` at the top of the record, a part of the path, or says "the id given" without naming a field. The id of a
/// looked-up record (`$.data[0].Owner.id`) is an ordinary wrong value.
fn is_of_the_id(body: &Json) -> bool {
    let details = &body["details"];
    if details["resource_path_index"].is_number() {
        return true;
    }
    match (details["api_name"].as_str(), details["json_path"].as_str()) {
        (Some("id"), path) => path.is_none_or(|path| path.matches('.').count() <= 2),
        (None, None) => body["message"].as_str().is_some_and(|words| words.contains("id given")),
        _ => false,
    }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
