//! The only HTTP client: timeouts, size caps, no redirects, a User-Agent, above a replaceable transport.

mod base;
mod request;
mod reqwest;
mod response;
#[cfg(test)]
pub(crate) mod script;

pub use base::{Base, BaseError};
pub use request::Request;
pub(crate) use request::{escaped, escaped_len};
pub use reqwest::Reqwest;
pub use response::{NotJson, Response};

use crate::planted::poison;
use crate::systems::CallError;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long a read may take. A function has 30 s in all and a lease 35 s (docs/decisions/0015-the-lease.md).
pub const READ_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a write may take: longer than a read, since a write that was cut off has an unknown outcome.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest answer that is taken, in bytes.
pub const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// Sends one request and returns one answer. In the cloud this is reqwest; in tests and locally, a twin in the same process.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends; the error says whether the request can have been acted upon.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, TransportError>>;
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The connection was never made: the system cannot have acted.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Sent, or partly sent, and no whole answer: the system may have acted.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// What a call does in the system that is asked: it decides what a lost answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing: without an answer it is simply asked again later.
    Reads,
    /// Changes something: without an answer its outcome is unknown.
    Writes,
}

impl Effect {
    /// No answer came to such a call.
    fn unanswered(self, why: String) -> CallError {
        match self {
            Self::Reads => CallError::Silent(why),
            Self::Writes => CallError::Unknown(format!("no answer: {why}")),
        }
    }

    /// What a broken or meaningless answer to such a call means.
    #[must_use]
    pub fn lost(self, why: impl Into<String>) -> CallError {
        match self {
            Self::Reads => CallError::Later(why.into()),
            Self::Writes => CallError::Unknown(why.into()),
        }
    }
}

/// The HTTP client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Http {
    transport: Arc<dyn Transport>,
}

impl Http {
    /// A client above this transport.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// Sends, and returns whatever the system answers; what its status and body mean is for its client to say.
    ///
    /// # Errors
    /// `Later`: not sent. `Silent`: a read without a whole answer in time; `Unknown`: such a write.
    /// `Forbidden`: a secret that no header can carry.
    /// `Rejected`: the request can't be put on the wire, the answer is a redirect (never followed: it would
    /// carry the credentials to another host), or what was read is larger than [`LARGEST_ANSWER`].
    pub async fn send(&self, request: Request) -> Result<Response, CallError> {
        let (effect, timeout) = (request.effect(), request.timeout());
        let request = request.into_wire()?;
        poison(request.body());
        let sent = self.transport.send(request);
        match tokio::time::timeout(timeout, sent).await {
            Ok(Ok(answer)) => Response::taken(answer, effect),
            Ok(Err(TransportError::NotSent(why))) => Err(CallError::Later(format!("not sent: {why}"))),
            Ok(Err(TransportError::NoAnswer(why))) => Err(effect.unanswered(why)),
            Err(_) => Err(effect.unanswered(format!("within {} s", timeout.as_secs_f32()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::script::{Script, answer};
    use super::*;

    fn read(base: &Base) -> Request {
        Request::get(base, &["rest", "v1", "leads"])
    }

    fn write(base: &Base) -> Request {
        Request::write(http::Method::POST, base, &["rest", "v1", "leads"])
    }

    #[tokio::test]
    async fn names_itself_and_escapes_the_query() {
        let (http, script) = Script::http([answer(200, "{}")]);
        let base = Base::parse("https://db.example/").unwrap();
        http.send(read(&base).query(&[("or", "(a.in.(\"x y\",+1))")]))
            .await
            .unwrap();
        let sent = script.only();
        assert_eq!(
            sent.uri(),
            "https://db.example/rest/v1/leads?or=%28a.in.%28%22x%20y%22%2C%2B1%29%29"
        );
        let agent = sent.headers()["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("concord/"), "{agent}");
    }

    #[tokio::test]
    async fn a_lost_answer_is_unknown_only_for_a_write() {
        let base = Base::parse("https://db.example").unwrap();
        let no_answer = || Err(TransportError::NoAnswer("reset".to_owned()));
        let (http, _) = Script::http([
            no_answer(),
            no_answer(),
            Err(TransportError::NotSent("refused".to_owned())),
        ]);
        assert!(matches!(http.send(read(&base)).await, Err(CallError::Silent(_))));
        assert!(matches!(http.send(write(&base)).await, Err(CallError::Unknown(_))));
        assert!(matches!(http.send(write(&base)).await, Err(CallError::Later(_))));
    }

    #[tokio::test]
    async fn a_call_ends_at_its_timeout() {
        let base = Base::parse("https://db.example").unwrap();
        assert_eq!(read(&base).timeout(), READ_TIMEOUT);
        assert_eq!(write(&base).timeout(), WRITE_TIMEOUT);
        let (http, soon) = (Script::silent(), Duration::from_millis(10));
        assert!(matches!(
            http.send(read(&base).within(soon)).await,
            Err(CallError::Silent(_))
        ));
        assert!(matches!(
            http.send(write(&base).within(soon)).await,
            Err(CallError::Unknown(_))
        ));
    }

    #[tokio::test]
    async fn redirects_and_oversize_answers_are_refused() {
        let base = Base::parse("https://db.example").unwrap();
        let large = "x".repeat(LARGEST_ANSWER + 1);
        let (http, _) = Script::http([
            answer(302, ""),
            answer(200, &large),
            answer(200, &large),
            answer(304, ""),
        ]);
        assert!(matches!(http.send(write(&base)).await, Err(CallError::Rejected(_))));
        assert!(matches!(http.send(read(&base)).await, Err(CallError::Rejected(_))));
        assert!(matches!(http.send(write(&base)).await, Err(CallError::Unknown(_))));
        assert_eq!(http.send(read(&base)).await.unwrap().status().as_u16(), 304);
    }

    #[tokio::test]
    async fn a_header_that_cannot_be_sent_is_refused_without_showing_it() {
        let base = Base::parse("https://db.example").unwrap();
        let (http, script) = Script::http([]);
        let request = read(&base).secret("apikey", "", &"two\nlines".into());
        let error = http.send(request).await.unwrap_err();
        assert!(matches!(&error, CallError::Forbidden(why) if why.contains("apikey") && !why.contains("lines")));
        assert!(script.requests().is_empty());
    }
}
