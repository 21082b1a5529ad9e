//! What each of PostgREST's and Postgres's refusals means for the caller (docs/vendors.md §4.4). Pure; one table.

use crate::systems::CallError;
use crate::systems::http::Effect;
use crate::systems::said::said;
use serde_json::Value as Json;
use std::time::Duration;

/// The meaning of a refusal `{code, message, details, hint}`. Only code and message are kept: `details` quotes rows.
///
/// `wait` is the answer's `Retry-After`.
pub(super) fn refusal(effect: Effect, status: u16, wait: Option<Duration>, body: &Json) -> CallError {
    let code = code(body);
    let why = match (code, body["message"].as_str().unwrap_or_default()) {
        ("", "") => format!("HTTP {status}"),
        (code, message) => said(code, message),
    };
    match code {
        "23505" => CallError::Exists { id: None, why },
        // The row that it points at is not there yet.
        "23503" => CallError::Later(why),
        "42501" | "PGRST301" | "PGRST302" | "PGRST303" => CallError::Forbidden(why),
        _ if was_rolled_back(code) => later(wait, why),
        _ if is_about_the_request(code) => CallError::Rejected(why),
        _ => by_status(effect, status, wait, why),
    }
}

/// The refusal's code; Supabase's gateway has none.
pub(super) fn code(body: &Json) -> &str {
    body["code"].as_str().unwrap_or_default()
}

/// Whether the table is not there, or not known to PostgREST (yet).
pub(super) fn is_no_table(code: &str) -> bool {
    matches!(code, "42P01" | "PGRST205")
}

/// Whether it may be one row of many that Postgres refuses: its data (class 22), a constraint (23), or what a trigger
/// of theirs raises.
pub(super) fn is_of_a_row(code: &str) -> bool {
    code == "P0001" || is_class(code, &["22", "23"])
}

/// PostgREST could not reach the database or get a connection (PGRST000 to 003); Postgres gave way to another
/// transaction (class 40), lacks resources (53), cancelled the statement (57014) or takes no writes now (25006):
/// each time nothing was changed.
fn was_rolled_back(code: &str) -> bool {
    let unreached = matches!(code, "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003");
    unreached || matches!(code, "57014" | "25006") || is_class(code, &["40", "53"])
}

/// Cardinality (21), data (22), constraints (23), syntax and names (42), raised by their SQL (P0): the statement was
/// refused, whatever the status (21000 comes with 500).
fn is_about_the_request(code: &str) -> bool {
    is_class(code, &["21", "22", "23", "42", "P0"])
}

/// A SQLSTATE's class is its first two characters.
fn is_class(code: &str, classes: &[&str]) -> bool {
    code.len() == 5 && classes.iter().any(|class| code.starts_with(class))
}

fn later(wait: Option<Duration>, why: String) -> CallError {
    match wait {
        Some(_) => CallError::Wait { wait, why },
        None => CallError::Later(why),
    }
}

/// The gateway's answers, and codes that we don't know. A key that is not accepted can't be refreshed: a person acts.
fn by_status(effect: Effect, status: u16, wait: Option<Duration>, why: String) -> CallError {
    match status {
        401 | 403 => CallError::Forbidden(why),
        429 => CallError::Wait { wait, why },
        408 | 500.. if effect == Effect::Writes => CallError::Unknown(why),
        408 | 500.. => later(wait, why),
        _ => CallError::Rejected(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(error: &CallError) -> &'static str {
        match error {
            CallError::Wait { .. } => "wait",
            CallError::Later(_) => "later",
            CallError::Unknown(_) => "unknown",
            CallError::Exists { .. } => "exists",
            CallError::Rejected(_) => "rejected",
            CallError::Forbidden(_) => "forbidden",
            _ => "another",
        }
    }

    #[test]
    fn every_code() {
        for (code, status, write, read) in [
            ("23505", 409, "exists", "exists"),
            ("23503", 409, "later", "later"),
            ("23502", 400, "rejected", "rejected"),
            ("23514", 400, "rejected", "rejected"),
            ("22P02", 400, "rejected", "rejected"),
            ("21000", 500, "rejected", "rejected"),
            ("42703", 400, "rejected", "rejected"),
            ("42501", 403, "forbidden", "forbidden"),
            ("42501", 401, "forbidden", "forbidden"),
            ("42P01", 404, "rejected", "rejected"),
            ("PGRST205", 404, "rejected", "rejected"),
            ("PGRST204", 400, "rejected", "rejected"),
            ("PGRST202", 404, "rejected", "rejected"),
            ("PGRST122", 400, "rejected", "rejected"),
            ("PGRST124", 400, "rejected", "rejected"),
            ("PGRST301", 401, "forbidden", "forbidden"),
            ("PGRST302", 401, "forbidden", "forbidden"),
            ("PGRST303", 401, "forbidden", "forbidden"),
            ("PGRST000", 503, "later", "later"),
            ("PGRST001", 503, "later", "later"),
            ("PGRST002", 503, "later", "later"),
            ("PGRST003", 504, "later", "later"),
            ("40001", 500, "later", "later"),
            ("40P01", 500, "later", "later"),
            ("53300", 503, "later", "later"),
            ("53400", 500, "later", "later"),
            ("57014", 500, "later", "later"),
            ("25006", 405, "later", "later"),
            ("P0001", 400, "rejected", "rejected"),
            // Cut off, maybe after the commit.
            ("08006", 503, "unknown", "later"),
            ("57P01", 503, "unknown", "later"),
            ("XX000", 500, "unknown", "later"),
            ("PGRSTX00", 500, "unknown", "later"),
            ("", 401, "forbidden", "forbidden"),
            ("", 429, "wait", "wait"),
            ("", 404, "rejected", "rejected"),
            ("", 502, "unknown", "later"),
            ("", 503, "unknown", "later"),
            ("", 504, "unknown", "later"),
        ] {
            let body = json!({"code": code, "message": "m"});
            assert_eq!(
                kind(&refusal(Effect::Writes, status, None, &body)),
                write,
                "{code} {status}"
            );
            assert_eq!(
                kind(&refusal(Effect::Reads, status, None, &body)),
                read,
                "{code} {status}"
            );
        }
    }

    #[test]
    fn a_stated_wait_is_kept_and_details_are_not() {
        let wait = Some(Duration::from_secs(30));
        let body = json!({"code": "PGRST002", "message": "m", "details": "Key (email)=(a@b.mt)"});
        for (effect, status, body) in [
            (Effect::Writes, 503, &body),
            (Effect::Reads, 503, &json!(null)),
            (Effect::Writes, 429, &json!(null)),
        ] {
            let error = refusal(effect, status, wait, body);
            assert!(
                matches!(&error, CallError::Wait { wait: kept, why } if *kept == wait && !why.contains('@')),
                "{error}"
            );
        }
    }
}
