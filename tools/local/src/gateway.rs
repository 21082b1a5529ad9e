//! API Gateway's HTTP API: requests to payload-2.0 events, the functions' answers to responses.
//!
//! From "Working with AWS Lambda proxy integrations for HTTP APIs" and "Working with routes for HTTP APIs".

pub mod event;
pub mod response;
pub mod routes;

use crate::server;
use bytes::Bytes;
use http::{Request, Response};
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// The largest payload: 10 MB (HTTP API quotas). A larger one is answered with 413.
pub const LARGEST: usize = 10 * 1024 * 1024;

/// Serves until the listener breaks or the future is dropped; `router` gets whole requests and the peer's address.
///
/// # Errors
/// The listener's own.
pub async fn serve<F, Fut>(listener: TcpListener, router: F) -> std::io::Result<()>
where
    F: Fn(Request<Bytes>, SocketAddr) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Bytes>> + Send + 'static,
{
    server::serve(listener, LARGEST, router).await
}

#[cfg(test)]
mod tests;
