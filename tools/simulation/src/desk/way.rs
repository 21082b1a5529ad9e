//! The way to the desk: in this process, by host name, with faults there and back.

use super::twin::{Desk, HOST};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use local::fault::{Failure, Faults};
use shared::systems::http::{Transport, TransportError};

/// The way to a desk. Its faults see the service `desk` and operations such as `POST /api/notes`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Way {
    /// The desk.
    pub desk: Desk,
    /// What goes wrong on the way.
    pub faults: Faults,
}

type Answer = Result<Response<Bytes>, TransportError>;

impl Way {
    /// A way without faults.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self {
            desk,
            faults: Faults::none(),
        }
    }

    async fn go(self, request: Request<Bytes>) -> Answer {
        let operation = format!("{} {}", request.method(), request.uri().path());
        let call = self.desk.pass(&request);
        match self.faults.around("desk", &operation, call).await {
            Ok(answer) => {
                // Not before: of an answer that is late or lost the caller knows nothing.
                self.desk.received(&answer);
                Ok(answer)
            }
            Err(Failure::NotSent) => Err(TransportError::NotSent("the fault says so".into())),
            Err(Failure::Throttled) => Ok(bare(StatusCode::TOO_MANY_REQUESTS)),
            Err(Failure::ServerError | Failure::Conflict) => Ok(bare(StatusCode::SERVICE_UNAVAILABLE)),
            Err(Failure::NoAnswer) => Err(TransportError::NoAnswer("the fault says so".into())),
        }
    }
}

impl Transport for Way {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Answer> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        match host == HOST {
            true => Box::pin(self.clone().go(request)),
            false => Box::pin(async move { Err(TransportError::NotSent(format!("no system is at {host}"))) }),
        }
    }
}

fn bare(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
