//! An HTTP/1.1 server over one listener: whole requests in, whole answers out.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

/// Serves until the listener breaks or the future is dropped. Bodies over `limit` bytes are answered with 413.
///
/// # Errors
/// The listener's own.
pub async fn serve<F, Fut>(listener: TcpListener, limit: usize, router: F) -> std::io::Result<()>
where
    F: Fn(Request<Bytes>, SocketAddr) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Bytes>> + Send + 'static,
{
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                connections.spawn(connection(stream, peer, limit, router.clone()));
            }
            // Finished connections are taken off, so that the set does not grow for ever.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<F, Fut>(stream: TcpStream, peer: SocketAddr, limit: usize, router: F)
where
    F: Fn(Request<Bytes>, SocketAddr) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Bytes>> + Send + 'static,
{
    let service = service_fn(|request| answer(request, peer, limit, router.clone()));
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "a connection broke off");
    }
}

async fn answer<F, Fut>(
    request: Request<Incoming>,
    peer: SocketAddr,
    limit: usize,
    router: F,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    F: Fn(Request<Bytes>, SocketAddr) -> Fut,
    Fut: Future<Output = Response<Bytes>>,
{
    let (parts, body) = request.into_parts();
    let answer = match Limited::new(body, limit).collect().await {
        Ok(body) => router(Request::from_parts(parts, body.to_bytes()), peer).await,
        Err(error) if error.is::<LengthLimitError>() => too_large(),
        Err(_) => message(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    Ok(answer.map(Full::new))
}

/// API Gateway's answer to a payload over its limit.
#[must_use]
pub fn too_large() -> Response<Bytes> {
    message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}

/// `{"message": …}`, the form in which API Gateway itself answers.
#[must_use]
pub fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let body = serde_json::json!({ "message": text }).to_string();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
