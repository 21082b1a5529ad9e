//! Zoho Billing's errors: `{code, message}` with a number for a code (docs/vendors.md §2.2).

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::json;

use crate::accounts::Denied;
use crate::answer::{self, zoho as body};
use crate::params::Wrong;

/// More calls in a minute than allowed.
pub(crate) const PER_MINUTE: i64 = 44;
/// The day's calls are used up.
pub(crate) const PER_DAY: i64 = 45;
/// Too many calls at once.
pub(crate) const AT_ONCE: i64 = 1070;
/// The organisation is blocked.
pub(crate) const BLOCKED: i64 = 43;
const BAD_TOKEN: i64 = 14;
const NOT_AUTHORISED: i64 = 57;
/// Where Zoho documents no code: a client must not rest on any.
const UNDOCUMENTED: i64 = 999_999;

/// How long the block after a burst lasts.
pub(crate) const BLOCK: Duration = Duration::from_secs(3600);

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: u16,
    code: i64,
    message: String,
    retry_after: Option<u64>,
}

impl Failure {
    fn new(status: u16, code: i64, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            retry_after: None,
        }
    }

    /// The request can't be carried out as it is.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(400, UNDOCUMENTED, message)
    }

    /// Another status without a documented code.
    pub(crate) fn status(status: u16, message: &str) -> Self {
        Self::new(status, UNDOCUMENTED, message)
    }

    /// Zoho documents it, this twin does not play it: better a loud refusal than an answer that is a guess.
    pub(crate) fn not_played(what: &str) -> Self {
        Self::new(501, UNDOCUMENTED, &format!("the twin does not play {what}"))
    }

    /// A limit of calls.
    pub(crate) fn limit(code: i64) -> Self {
        let message = match code {
            PER_MINUTE => "too many requests in a minute",
            PER_DAY => "too many requests in a day",
            AT_ONCE => "too many requests at once",
            _ => "the organization is blocked",
        };
        Self::new(429, code, message)
    }

    /// The block, which is the only limit that says how long.
    pub(crate) fn blocked(left: Duration) -> Self {
        Self {
            retry_after: Some(left.as_secs().max(1)),
            ..Self::limit(BLOCKED)
        }
    }

    pub(crate) fn response(&self) -> Response<Bytes> {
        let mut answer = body(self.status, &json!({ "code": self.code, "message": self.message }));
        if let Some(seconds) = self.retry_after {
            answer::set(&mut answer, "retry-after", &seconds.to_string());
        }
        answer
    }

    /// Its words.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NoToken | Denied::DeadToken => Self::new(401, BAD_TOKEN, "Invalid value passed for authtoken."),
            Denied::Scope => Self::new(401, NOT_AUTHORISED, "You are not authorized to perform this operation"),
        }
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::invalid(&match wrong {
            Wrong::Unknown(name) => format!("{name} is no parameter of this call"),
            Wrong::Missing(name) => format!("{name} is missing"),
            Wrong::Number(name, most) => format!("{name} must be between 1 and {most}"),
            Wrong::Word(name, words) => format!("{name} must be one of {}", words.join(", ")),
        })
    }
}

/// The refusal that a fault asks for. Code 43 says that it lasts an hour.
pub(crate) fn refusal(status: u16, code: Option<&str>) -> Response<Bytes> {
    let failure = match (status, code.and_then(|code| code.parse::<i64>().ok())) {
        (429, Some(BLOCKED)) => Failure::blocked(BLOCK),
        (429, code) => Failure::limit(code.unwrap_or(PER_MINUTE)),
        (502.., None) => return answer::gateway(status),
        (401, code) => Failure::new(401, code.unwrap_or(BAD_TOKEN), "refused"),
        (status, code) => Failure::new(status, code.unwrap_or(UNDOCUMENTED), "refused"),
    };
    failure.response()
}
