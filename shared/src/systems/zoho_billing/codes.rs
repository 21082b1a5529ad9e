//! What each of Zoho Billing's refusals means for the caller (docs/vendors.md §2.2, §2.3). Pure; one table.

use super::limits::{BLOCK, DAY_PAUSE, MINUTE};
use crate::systems::CallError;
use crate::systems::http::Effect;
use crate::systems::said::said;
use serde_json::Value as Json;
use std::time::Duration;

/// More calls in a minute than the organisation has.
const PER_MINUTE: i64 = 44;
/// The day's calls are used up.
const PER_DAY: i64 = 45;
/// Too many calls at once.
const AT_ONCE: i64 = 1070;
/// The whole organisation is blocked after a burst; seen once, by a third party (§2.3).
const BLOCKED: i64 = 43;
/// Not in any page of Zoho's (§2.2): a token that is not valid, rights that don't suffice, another data centre's host.
const BAD_TOKEN: i64 = 14;
const NOT_AUTHORISED: i64 = 57;
const WRONG_DOMAIN: i64 = 9;

/// What a call was, as far as its refusal depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// What a lost answer means.
    pub(super) effect: Effect,
    /// Whether the path names one object, so that 404 can say that it is not there.
    pub(super) of_object: bool,
}

/// The meaning of a refusal `{code, message}`. `wait` is a `Retry-After`.
pub(super) fn refusal(asked: Asked, status: u16, wait: Option<Duration>, body: &Json) -> CallError {
    let code = body["code"].as_i64();
    let why = match (code, body["message"].as_str().unwrap_or_default()) {
        (None, _) => format!("HTTP {status}"),
        (Some(code), message) => said(&code.to_string(), message),
    };
    let pause = |usual| CallError::Wait {
        wait: wait.or(usual),
        why: why.clone(),
    };
    match code {
        Some(BLOCKED) => pause(Some(BLOCK)),
        Some(PER_MINUTE) => pause(Some(MINUTE)),
        Some(PER_DAY) => pause(Some(DAY_PAUSE)),
        Some(AT_ONCE) => pause(None),
        Some(BAD_TOKEN) => CallError::Unauthorised(why),
        Some(NOT_AUTHORISED | WRONG_DOMAIN) => CallError::Forbidden(why),
        _ => by_status(asked, status, code.is_some(), wait, why),
    }
}

/// For codes that we don't know: Zoho's page of errors explains statuses only (§2.2). No 5xx is documented as "not
/// acted upon", so that a write's outcome is unknown after any of them.
fn by_status(asked: Asked, status: u16, is_zohos: bool, wait: Option<Duration>, why: String) -> CallError {
    match status {
        401 => CallError::Unauthorised(why),
        403 => CallError::Forbidden(why),
        // 404 is documented as "URL not found". Where the URL names an object and Zoho itself answers, the object is
        // what can be missing; a proxy's page says nothing about it.
        404 if asked.of_object && is_zohos => CallError::Gone(why),
        429 => CallError::Wait { wait, why },
        408 | 500.. => asked.effect.lost(why),
        _ => CallError::Rejected(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(error: &CallError) -> String {
        let shown = format!("{error:?}");
        shown.split(['(', ' ']).next().unwrap_or_default().to_owned()
    }

    fn of(effect: Effect, status: u16, body: &Json) -> String {
        let asked = Asked {
            effect,
            of_object: true,
        };
        kind(&refusal(asked, status, None, body))
    }

    #[test]
    fn each_code_and_status_for_writes_and_reads() {
        let coded = |code: i64| json!({"code": code, "message": "m"});
        for (status, body, of_a_write, of_a_read) in [
            (429, coded(44), "Wait", "Wait"),
            (429, coded(45), "Wait", "Wait"),
            (429, coded(1070), "Wait", "Wait"),
            (429, coded(43), "Wait", "Wait"),
            (400, coded(44), "Wait", "Wait"),
            (429, coded(99), "Wait", "Wait"),
            (429, Json::Null, "Wait", "Wait"),
            (401, coded(14), "Unauthorised", "Unauthorised"),
            (401, coded(99), "Unauthorised", "Unauthorised"),
            (401, coded(57), "Forbidden", "Forbidden"),
            (400, coded(9), "Forbidden", "Forbidden"),
            (403, coded(99), "Forbidden", "Forbidden"),
            (404, coded(99), "Gone", "Gone"),
            (404, Json::Null, "Rejected", "Rejected"),
            (400, coded(99), "Rejected", "Rejected"),
            (405, coded(99), "Rejected", "Rejected"),
            (406, coded(99), "Rejected", "Rejected"),
            (200, coded(99), "Rejected", "Rejected"),
            (408, Json::Null, "Unknown", "Later"),
            (500, coded(99), "Unknown", "Later"),
            (502, Json::Null, "Unknown", "Later"),
        ] {
            assert_eq!(of(Effect::Writes, status, &body), of_a_write, "{status} {body}");
            assert_eq!(of(Effect::Reads, status, &body), of_a_read, "{status} {body}");
        }
    }

    #[test]
    fn a_404_of_a_list_is_our_mistake() {
        let asked = Asked {
            effect: Effect::Reads,
            of_object: false,
        };
        let body = json!({"code": 99, "message": "m"});
        assert_eq!(kind(&refusal(asked, 404, None, &body)), "Rejected");
    }

    #[test]
    fn how_long_each_limit_is_waited_out() {
        let asked = Asked {
            effect: Effect::Writes,
            of_object: false,
        };
        let hour = Some(Duration::from_secs(3600));
        let stated = Some(Duration::from_secs(1800));
        for (code, stated, expected) in [
            (44, None, Some(MINUTE)),
            (45, None, hour),
            (1070, None, None),
            (43, None, hour),
            (43, stated, stated),
            (44, stated, stated),
        ] {
            let body = json!({"code": code, "message": "m"});
            match refusal(asked, 429, stated, &body) {
                CallError::Wait { wait, why } => assert_eq!((wait, why), (expected, format!("{code}: m"))),
                other => panic!("{other:?}"),
            }
        }
    }
}
