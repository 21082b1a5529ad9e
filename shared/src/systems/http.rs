//! The only HTTP client: timeouts, size caps, no redirects, a User-Agent, above a replaceable transport.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::fmt;

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
