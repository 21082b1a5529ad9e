//! Zoho's errors: `{code, status: "error", message, details}`, for a whole call or for one record.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::accounts::Denied;
use crate::answer;
use crate::params::Wrong;

pub(crate) use crate::answer::zoho as body;

/// An error, for a record or for the call.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Value,
}

impl Failure {
    /// An error with Zoho's usual status and words for its code.
    pub(crate) fn new(code: &str, details: Value) -> Self {
        let (status, message) = usual(code);
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            details,
        }
    }

    /// The same with other words.
    pub(crate) fn saying(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// Something about a query parameter or header.
    pub(crate) fn param(code: &str, name: &str) -> Self {
        Self::new(code, json!({ "param_name": name }))
    }

    /// A value that is not of the type that Zoho expects.
    pub(crate) fn typed(api_name: &str, path: &str, expected: &str) -> Self {
        Self::new(
            "INVALID_DATA",
            json!({ "api_name": api_name, "json_path": path, "expected_data_type": expected }),
        )
    }

    /// The item of a batch answer.
    pub(crate) fn item(&self) -> Value {
        json!({ "code": self.code, "status": "error", "message": self.message, "details": self.details })
    }

    /// The answer to the whole call.
    pub(crate) fn response(&self) -> Response<Bytes> {
        body(self.status, &self.item())
    }
}

/// HTTP status and message of each code. Source: docs/vendors.md §1.4; messages as in Zoho's v8 pages.
fn usual(code: &str) -> (u16, &'static str) {
    match code {
        "DUPLICATE_DATA" => (202, "duplicate data"),
        "MANDATORY_NOT_FOUND" => (400, "required field not found"),
        "MULTIPLE_OR_MULTI_ERRORS" => (400, "Multiple errors occurred in the record"),
        "RECORD_IN_BLUEPRINT" => (400, "record is in blueprint"),
        "RECORD_LOCKED" => (400, "record is locked"),
        "NOT_APPROVED" => (400, "record not approved"),
        "ID_ALREADY_CONVERTED" | "CONVERTED_RECORD" => (400, "id already converted"),
        "ALREADY_MODIFIED" => (412, "the record was modified after the time specified"),
        "LIMIT_EXCEEDED" => (400, "the limit is exceeded"),
        "PAGINATION_LIMIT_EXCEEDED" | "DISCRETE_PAGINATION_LIMIT_EXCEEDED" => {
            (400, "page limit exceeded, please use page_token to fetch more records")
        }
        "EXPIRED_VALUE" => (400, "the page_token given is expired"),
        "TOKEN_BOUND_DATA_MISMATCH" => (400, "the parameters differ from those of the page_token"),
        "AMBIGUITY_DURING_PROCESSING" => (400, "ambiguity while processing the request"),
        "REQUIRED_PARAM_MISSING" | "EXPECTED_PARAM_MISSING" => (400, "One of the expected parameter is missing"),
        "INVALID_TOKEN" => (401, "invalid oauth token"),
        "AUTHENTICATION_FAILURE" => (401, "Authentication failed"),
        "AUTHORIZATION_FAILED" => (401, "User does not have sufficient privilege"),
        "OAUTH_SCOPE_MISMATCH" => (401, "invalid oauth scope to access this URL"),
        "NO_PERMISSION" => (403, "permission denied"),
        "INVALID_MODULE" => (400, "the module name given seems to be invalid"),
        "INVALID_URL_PATTERN" => (404, "Please check if the URL trying to access is a correct one"),
        "INVALID_REQUEST_METHOD" => (405, "The http request method type is not a valid one"),
        "TOO_MANY_REQUESTS" => (
            429,
            "Too many requests fired in concurrency, please try again after sometime",
        ),
        "SYNTAX_ERROR" => (400, "invalid query formed"),
        "INVALID_QUERY" => (400, "invalid query formed"),
        "NOT_SUBSCRIBED" => (400, "the channel is not subscribed"),
        "INTERNAL_ERROR" | "DEPENDENT_SERVICE_ERROR" => (500, "Internal Server Error"),
        "INVALID_DATA" => (400, "invalid data"),
        _ => (400, "the request could not be processed"),
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Unknown(name) => Self::param("INVALID_DATA", &name),
            Wrong::Missing(name) => Self::param("REQUIRED_PARAM_MISSING", name),
            Wrong::Number(name, most) => {
                Self::new("INVALID_DATA", json!({ "param_name": name, "maximum_value": most }))
            }
            Wrong::Word(name, words) => {
                Self::new("INVALID_DATA", json!({ "param_name": name, "supported_values": words }))
            }
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::NoToken => "AUTHENTICATION_FAILURE",
            Denied::DeadToken => "INVALID_TOKEN",
            Denied::Scope => "OAUTH_SCOPE_MISMATCH",
        };
        Self::new(code, json!({}))
    }
}

/// The refusal that a fault asks for, in the vendor's form.
pub(crate) fn refusal(status: u16, code: Option<&str>) -> Response<Bytes> {
    let code = match (status, code) {
        (_, Some(code)) => code,
        (401, None) => "INVALID_TOKEN",
        (403, None) => "NO_PERMISSION",
        (429, None) => "TOO_MANY_REQUESTS",
        (500, None) => "INTERNAL_ERROR",
        (502.., None) => return answer::gateway(status),
        _ => "INVALID_DATA",
    };
    Failure {
        status,
        ..Failure::new(code, json!({}))
    }
    .response()
}
