//! The transport of the cloud: reqwest over rustls.

use super::{Transport, TransportError};
use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

/// How long connecting may take, name look-up and TLS included.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an unused connection is kept. Short: a frozen function finds its connections cut when it wakes,
/// and a write on a dead connection has an unknown outcome.
const IDLE: Duration = Duration::from_secs(15);

/// The largest answer that is read: DynamoDB's largest. What the systems may answer with is for their client to say.
const MOST: usize = 16 * 1024 * 1024;

/// Sends over the network. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reqwest(reqwest::Client);

impl Reqwest {
    /// A transport with its own pool of connections: build it once per process.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new() -> Result<Self, TransportError> {
        let tls = tls().map_err(|error| TransportError::NotSent(format!("TLS: {error}")))?;
        let client = settings(tls).build();
        client
            .map(Self)
            .map_err(|error| TransportError::NotSent(error.to_string()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes an HTTP client")]
fn settings(tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        // Whether a call may be sent again is decided by its write class, not here.
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
}

/// The provider is named: where another crate of the build brings its own, rustls would panic at choosing one.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl Transport for Reqwest {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, TransportError>> {
        let client = self.0.clone();
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(failed)?;
            let answer = client.execute(request).await.map_err(failed)?;
            whole(answer).await
        })
    }
}

/// Reads the body, at most one byte more than is taken, which is how the cap is noticed.
async fn whole(mut answer: reqwest::Response) -> Result<http::Response<Bytes>, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        let room = (MOST + 1).saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() > MOST {
            break;
        }
    }
    let mut whole = http::Response::new(body.freeze());
    *whole.status_mut() = answer.status();
    *whole.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(whole)
}

fn failed(error: reqwest::Error) -> TransportError {
    let before_sending = error.is_connect() || error.is_builder();
    // The URL may carry personal data in its query.
    let error = error.without_url();
    let why = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    match before_sending {
        true => TransportError::NotSent(why),
        false => TransportError::NoAnswer(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_refused_connection_was_not_sent() {
        let transport = Reqwest::new().unwrap();
        // Port 1 of this machine: nothing listens there.
        let request = http::Request::get("http://127.0.0.1:1/x?email=a")
            .body(Bytes::new())
            .unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(
            matches!(&error, TransportError::NotSent(why) if !why.contains("email")),
            "{error}"
        );
    }
}
