//! The SDKs over the transport that the systems are called by: one client, one pool, one set of roots in a function.

use crate::systems::http::{Transport, TransportError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use std::sync::Arc;

/// Sends what an SDK wants sent. The SDKs' own timeouts are around it.
#[derive(Clone, Debug)]
pub(super) struct Over(pub(super) Arc<dyn Transport>);

impl HttpClient for Over {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Over {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let transport = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = whole(request)?;
            let answer = transport.send(request).await.map_err(lost)?;
            HttpResponse::try_from(answer.map(SdkBody::from)).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The request with its body, which is in memory for both services.
fn whole(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("a streamed body".into()))?;
    Ok(http::Request::from_parts(parts, Bytes::copy_from_slice(body)))
}

fn lost(error: TransportError) -> ConnectorError {
    match error {
        TransportError::NotSent(_) => ConnectorError::io(error.into()).never_connected(),
        TransportError::NoAnswer(_) => ConnectorError::io(error.into()),
    }
}
