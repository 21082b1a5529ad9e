//! The HTTP door: a real server over the in-process one.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::front::Twin;

/// Serves a twin until the task is dropped. A broken connection ([`crate::Lost`]) is closed without an answer.
pub async fn serve(listener: TcpListener, twin: impl Twin) {
    loop {
        // A connection that could not be accepted is the peer's loss; the next one may do better.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, twin.clone()));
        }
    }
}

async fn connection(stream: TcpStream, twin: impl Twin) {
    let service = service_fn(move |request| answer(twin.clone(), request));
    // An error here is a peer that went away or a fault that was asked for.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn answer(twin: impl Twin, request: Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Failure> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let response = twin.call(Request::from_parts(parts, body)).await?;
    Ok(response.map(Full::new))
}
