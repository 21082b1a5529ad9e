//! One answer, whole and within the size cap.

use super::{Effect, LARGEST_ANSWER};
use crate::systems::CallError;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

/// An answer. `Debug` shows its status and size, never its body.
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// The body is no JSON: a proxy's page, or an answer that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not JSON")]
pub struct NotJson;

impl Response {
    pub(super) fn taken(answer: http::Response<Bytes>, effect: Effect) -> Result<Self, CallError> {
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() && head.status != StatusCode::NOT_MODIFIED {
            return Err(CallError::Rejected(format!(
                "answered with a redirect ({})",
                head.status.as_u16()
            )));
        }
        if body.len() > LARGEST_ANSWER {
            return Err(too_large(effect));
        }
        Ok(Self {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// A header's text, if it is there and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; an empty one is `None` (204 and 304 have no body).
    ///
    /// # Errors
    /// The body is neither empty nor JSON.
    pub fn json(&self) -> Result<Option<Json>, NotJson> {
        match self.body.is_empty() {
            true => Ok(None),
            false => serde_json::from_slice(&self.body).map(Some).map_err(|_| NotJson),
        }
    }

    /// The wait that `Retry-After` states, in seconds or as a date (RFC 9110, 10.2.3); a date counts from the
    /// answer's own `Date`, since clocks differ.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let stated = self.header(header::RETRY_AFTER.as_str())?.trim();
        if let Ok(seconds) = stated.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = http_date(stated)?;
        let now = http_date(self.header(header::DATE.as_str())?)?;
        Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status.as_u16(), self.body.len())
    }
}

fn too_large(effect: Effect) -> CallError {
    let why = format!("the answer is larger than {LARGEST_ANSWER} bytes");
    match effect {
        // The same read would be as large again.
        Effect::Reads => CallError::Rejected(why),
        Effect::Writes => CallError::Unknown(why),
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(headers: &[(&'static str, &str)], body: &'static str) -> Response {
        let mut answer = http::Response::new(Bytes::from_static(body.as_bytes()));
        for (name, value) in headers {
            answer.headers_mut().insert(*name, value.parse().unwrap());
        }
        Response::taken(answer, Effect::Reads).unwrap()
    }

    #[test]
    fn a_stated_wait_is_read_in_both_forms() {
        let date = ("date", "Sat, 21 Nov 2026 10:00:00 GMT");
        let until = ("retry-after", "Sat, 21 Nov 2026 10:02:30 GMT");
        for (headers, expected) in [
            (vec![("retry-after", "7")], Some(7)),
            (vec![date, until], Some(150)),
            (vec![until], None),
            (vec![("date", until.1), ("retry-after", date.1)], Some(0)),
            (vec![("retry-after", "soon")], None),
            (vec![], None),
        ] {
            let wait = with(&headers, "").retry_after();
            assert_eq!(wait, expected.map(Duration::from_secs), "{headers:?}");
        }
    }

    #[test]
    fn an_empty_body_is_no_json_error() {
        assert_eq!(with(&[], "").json(), Ok(None));
        assert_eq!(with(&[], "[1]").json(), Ok(Some(serde_json::json!([1]))));
        assert_eq!(with(&[], "<html>").json(), Err(NotJson));
    }
}
