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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::http::script::{Script, answer_with};

    async fn call(answers: Result<http::Response<Bytes>, TransportError>) -> (Arc<Script>, Answer) {
        let script = Script::of([answers]);
        let mut request = HttpRequest::new(SdkBody::from("{}"));
        request.set_uri("http://127.0.0.1/").unwrap();
        request.set_method("POST").unwrap();
        request
            .headers_mut()
            .insert("x-amz-target", "DynamoDB_20120810.GetItem");
        let answer = Over(script.clone()).call(request).await;
        (script, answer)
    }

    type Answer = Result<HttpResponse, ConnectorError>;

    #[tokio::test]
    async fn request_and_answer_pass_whole() {
        let (script, answer) = call(answer_with(400, ("x-amzn-requestid", "one"), "{\"a\":1}")).await;
        let sent = script.only();
        assert_eq!((sent.method().as_str(), sent.body().as_ref()), ("POST", &b"{}"[..]));
        assert_eq!(sent.headers()["x-amz-target"], "DynamoDB_20120810.GetItem");
        let answer = answer.unwrap();
        assert_eq!(answer.status().as_u16(), 400);
        assert_eq!(answer.headers().get("x-amzn-requestid"), Some("one"));
        assert_eq!(answer.body().bytes(), Some(&b"{\"a\":1}"[..]));
    }

    #[tokio::test]
    async fn what_never_left_is_told_from_what_was_not_answered() {
        let (_, not_sent) = call(Err(TransportError::NotSent("refused".into()))).await;
        let (_, no_answer) = call(Err(TransportError::NoAnswer("cut".into()))).await;
        let (not_sent, no_answer) = (not_sent.unwrap_err(), no_answer.unwrap_err());
        assert!(not_sent.is_io() && no_answer.is_io());
        assert!(format!("{not_sent:?}").contains("NeverConnected"), "{not_sent:?}");
        assert!(!format!("{no_answer:?}").contains("NeverConnected"), "{no_answer:?}");
    }
}
