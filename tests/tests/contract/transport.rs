//! A twin in the place of the network.

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use shared::clock::Clock;
use shared::systems::http::{Http, Transport, TransportError};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use twins::{Now, Twin};

/// A client that talks to this twin, whatever host it names.
pub fn http(twin: impl Twin) -> Http {
    Http::new(Arc::new(ToTwin(twin)))
}

/// The twins' clock: it moves with tokio's.
pub fn now() -> Now {
    let clock = Clock::starting_at(start());
    Arc::new(move || clock.now())
}

/// When every test begins.
pub fn start() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

struct ToTwin<T>(T);

impl<T> fmt::Debug for ToTwin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a twin")
    }
}

type Answer = Result<Response<Bytes>, TransportError>;

impl<T: Twin> Transport for ToTwin<T> {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let twin = self.0.clone();
        // Whether it acted is just what the caller can't know.
        Box::pin(async move {
            twin.call(request)
                .await
                .map_err(|lost| TransportError::NoAnswer(lost.to_string()))
        })
    }
}
