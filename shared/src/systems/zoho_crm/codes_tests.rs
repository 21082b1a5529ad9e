//! Every code of docs/vendors.md §1.4, for reads and writes.

use super::*;
use serde_json::json;

fn kind(error: &CallError) -> &'static str {
    match error {
        CallError::Wait { .. } => "wait",
        CallError::Later(_) => "later",
        CallError::Silent(_) => "silent",
        CallError::Unknown(_) => "unknown",
        CallError::Unauthorised(_) => "unauthorised",
        CallError::Gone(_) => "gone",
        CallError::Exists { .. } => "exists",
        CallError::Modified(_) => "modified",
        CallError::Held(_) => "held",
        CallError::Rejected(_) => "rejected",
        CallError::Forbidden(_) => "forbidden",
        CallError::Restart(_) => "restart",
        CallError::Unmade(_) => "unmade",
        CallError::Stepped(_) => "stepped",
    }
}

fn read(status: u16, code: &str) -> CallError {
    refusal(
        Effect::Reads,
        status,
        None,
        &json!({"code": code, "message": "m", "status": "error", "details": {}}),
    )
}

fn write(status: u16, code: &str) -> CallError {
    refusal(
        Effect::Writes,
        status,
        None,
        &json!({"code": code, "message": "m", "status": "error", "details": {}}),
    )
}

#[test]
fn every_code_of_a_write() {
    for (code, statuses, expected) in [
        ("DUPLICATE_DATA", [202, 207, 400], "exists"),
        ("MANDATORY_NOT_FOUND", [400, 207, 400], "rejected"),
        ("INVALID_DATA", [400, 207, 400], "rejected"),
        ("DEPENDENT_FIELD_MISSING", [400, 207, 400], "rejected"),
        ("EXPECTED_FIELD_MISSING", [400, 207, 400], "rejected"),
        ("DEPENDENT_MISMATCH", [400, 207, 400], "rejected"),
        ("DATA_MISMATCH", [400, 207, 400], "rejected"),
        ("PATTERN_NOT_MATCHED", [400, 207, 400], "rejected"),
        ("MAPPING_MISMATCH", [400, 207, 400], "rejected"),
        ("MULTIPLE_OR_MULTI_ERRORS", [400, 207, 400], "rejected"),
        ("RECORD_IN_BLUEPRINT", [400, 207, 202], "held"),
        ("RECORD_LOCKED", [400, 207, 202], "held"),
        ("NOT_APPROVED", [400, 207, 202], "held"),
        ("ID_ALREADY_CONVERTED", [400, 207, 202], "held"),
        ("CONVERTED_RECORD", [400, 207, 202], "held"),
        ("ALREADY_MODIFIED", [412, 207, 412], "modified"),
        ("LIMIT_EXCEEDED", [400, 207, 400], "rejected"),
        ("INVALID_TOKEN", [401, 401, 401], "unauthorised"),
        ("AUTHENTICATION_FAILURE", [401, 401, 401], "unauthorised"),
        ("AUTHORIZATION_FAILED", [401, 401, 401], "unauthorised"),
        ("OAUTH_SCOPE_MISMATCH", [401, 403, 401], "forbidden"),
        ("NO_PERMISSION", [403, 207, 400], "forbidden"),
        ("INVALID_MODULE", [400, 404, 400], "rejected"),
        ("INVALID_URL_PATTERN", [400, 404, 404], "rejected"),
        ("INVALID_REQUEST_METHOD", [400, 405, 405], "rejected"),
        ("TOO_MANY_REQUESTS", [429, 429, 429], "wait"),
        ("DEPENDENT_SERVICE_ERROR", [500, 207, 400], "unknown"),
        ("INTERNAL_ERROR", [500, 207, 400], "unknown"),
        ("NOT_SUBSCRIBED", [400, 202, 207], "gone"),
        ("SOMETHING_NEW", [400, 207, 404], "rejected"),
        ("SOMETHING_NEW", [500, 502, 503], "unknown"),
        ("", [500, 502, 503], "unknown"),
        ("", [408, 504, 500], "unknown"),
    ] {
        for status in statuses {
            assert_eq!(kind(&write(status, code)), expected, "{code} {status}");
        }
    }
}

#[test]
fn every_code_of_a_read() {
    for (code, statuses, expected) in [
        ("PAGINATION_LIMIT_EXCEEDED", [400, 400], "restart"),
        ("DISCRETE_PAGINATION_LIMIT_EXCEEDED", [400, 400], "restart"),
        ("EXPIRED_VALUE", [400, 400], "restart"),
        ("TOKEN_BOUND_DATA_MISMATCH", [400, 400], "restart"),
        ("RATE_LIMIT_EXCEEDED", [400, 429], "wait"),
        ("CRITERIA_LIMIT_EXCEEDED", [400, 400], "rejected"),
        ("LIMIT_REACHED", [400, 400], "rejected"),
        ("LIMIT_REACHED", [429, 429], "wait"),
        ("EXPECTED_PARAM_MISSING", [400, 400], "rejected"),
        ("SYNTAX_ERROR", [400, 400], "rejected"),
        ("INVALID_QUERY", [400, 400], "rejected"),
        ("INVALID_ALIAS", [400, 400], "rejected"),
        ("DUPLICATE_ALIAS", [400, 400], "rejected"),
        // COQL's name for a field given twice in `order by`.
        ("DUPLICATE_DATA", [400, 400], "rejected"),
        ("LIMIT_EXCEEDED", [400, 400], "rejected"),
        ("INVALID_TOKEN", [401, 401], "unauthorised"),
        ("OAUTH_SCOPE_MISMATCH", [401, 403], "forbidden"),
        ("NO_PERMISSION", [403, 403], "forbidden"),
        ("TOO_MANY_REQUESTS", [429, 429], "wait"),
        ("INTERNAL_ERROR", [500, 400], "later"),
        ("DEPENDENT_SERVICE_ERROR", [500, 400], "later"),
        ("", [401, 401], "unauthorised"),
        ("", [502, 503], "later"),
        ("", [404, 403], "rejected"),
    ] {
        for status in statuses {
            assert_eq!(kind(&read(status, code)), expected, "{code} {status}");
        }
    }
}

#[test]
fn an_unknown_id_is_gone_but_not_that_of_a_looked_up_record() {
    for (details, message, expected) in [
        (
            json!({"api_name": "id", "json_path": "$.data[0].id"}),
            "invalid data",
            "gone",
        ),
        (
            json!({"api_name": "id", "json_path": "$.data[17].id"}),
            "invalid data",
            "gone",
        ),
        (json!({"api_name": "id"}), "invalid data", "gone"),
        (json!({"id": "17"}), "the id given seems to be invalid", "gone"),
        (
            json!({"resource_path_index": 0}),
            "the id given seems to be invalid",
            "gone",
        ),
        (
            json!({"api_name": "id", "json_path": "$.data[0].Owner.id"}),
            "invalid data",
            "rejected",
        ),
        (
            json!({"api_name": "Email", "json_path": "$.data[0].Email"}),
            "invalid data",
            "rejected",
        ),
        (
            json!({"api_name": "Email", "expected_data_type": "email"}),
            "the id given",
            "rejected",
        ),
        (json!({}), "invalid data", "rejected"),
    ] {
        let body = json!({"code": "INVALID_DATA", "message": message, "details": details});
        assert_eq!(kind(&refusal(Effect::Writes, 400, None, &body)), expected, "{body}");
    }
}

#[test]
fn a_duplicate_names_the_record_that_is_there() {
    for (details, id) in [
        (json!({"api_name": "Email", "id": "17"}), Some("17")),
        (
            json!({"api_name": "Email", "duplicate_record": {"id": 18, "Owner": {}}}),
            Some("18"),
        ),
        (json!({"api_name": "Email"}), None),
    ] {
        let body = json!({"code": "DUPLICATE_DATA", "message": "duplicate data", "details": details});
        let expected = CallError::Exists {
            id: id.map(str::to_owned),
            why: "DUPLICATE_DATA: duplicate data".to_owned(),
        };
        assert_eq!(refusal(Effect::Writes, 207, None, &body), expected);
    }
}

#[test]
fn a_gateways_wait_is_kept() {
    let wait = Some(Duration::from_secs(9));
    let error = refusal(Effect::Writes, 429, wait, &json!(null));
    assert_eq!(
        error,
        CallError::Wait {
            wait,
            why: "HTTP 429".to_owned()
        }
    );
}
