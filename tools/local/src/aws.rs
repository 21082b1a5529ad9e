//! DynamoDB and SQS behind the AWS SDK: a connector without sockets, and the same two, with Secrets Manager, on a port.

use crate::Now;
use crate::dynamo::{self, Dynamo};
use crate::fault::{Failure, Faults};
use crate::queues::{Queues, wire};
use crate::secrets::{self, Secrets};
use crate::server;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use serde_json::{Value, json};
use std::fmt;
use tokio::net::TcpListener;

/// The largest body that is read from a socket: `DynamoDB`'s limit, 16 MB.
const LARGEST: usize = 16 * 1024 * 1024;

/// The AWS of one process. Clones share everything.
#[derive(Clone)]
pub struct LocalAws {
    /// The table.
    pub dynamo: Dynamo,
    /// The queues.
    pub queues: Queues,
    /// The secrets, for functions in other processes.
    pub secrets: Secrets,
    /// What goes wrong between the SDK and these two; services are called `dynamodb` and `sqs`.
    pub faults: Faults,
    now: Now,
}

/// An answer of either service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: Vec<u8>,
    /// SQS's older name of an error, for a header of its own.
    pub query_error: Option<String>,
}

impl LocalAws {
    /// Joins the two services under one clock, without faults.
    #[must_use]
    pub fn new(dynamo: Dynamo, queues: Queues, now: Now) -> Self {
        Self {
            dynamo,
            queues,
            secrets: Secrets::default(),
            faults: Faults::none(),
            now,
        }
    }

    /// The SDK's HTTP client: give it to the `http_client` of a service's `Config`.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Answers one request to any of the services: the whole `X-Amz-Target` and the JSON body.
    #[must_use]
    pub fn answer(&self, target: &str, body: &[u8]) -> Answer {
        let (status, body) = match service(target) {
            Some("dynamodb") => self.dynamo.answer(target, body),
            Some("secretsmanager") => self.secrets.answer(target, body),
            Some(_) => self.queues.answer(target, body, (self.now)().as_millisecond()),
            None => (404, unknown(target)),
        };
        Answer::new(status, body, target)
    }

    async fn call(&self, target: &str, body: &[u8]) -> Result<Answer, ConnectorError> {
        let operation = target.split('.').next_back().unwrap_or(target);
        let effect = async { self.answer(target, body) };
        match self
            .faults
            .around(service(target).unwrap_or("unknown"), operation, effect)
            .await
        {
            Ok(answer) => Ok(answer),
            Err(Failure::NotSent) => Err(ConnectorError::io("connection refused (fault)".into()).never_connected()),
            Err(Failure::NoAnswer) => Err(ConnectorError::io("connection lost (fault)".into())),
            Err(failure) => Ok(refused(failure, target, body)),
        }
    }
}

impl Answer {
    fn new(status: u16, body: Vec<u8>, target: &str) -> Self {
        let failed_sqs = status >= 400 && target.starts_with(wire::TARGET);
        let query_error = failed_sqs.then(|| wire::query_error(&body)).flatten();
        Self {
            status,
            body,
            query_error,
        }
    }

    /// The answer as the SDKs read it.
    ///
    /// # Errors
    /// When the status is none.
    pub fn into_response(self) -> Result<HttpResponse, ConnectorError> {
        let status = StatusCode::try_from(self.status).map_err(|error| ConnectorError::user(error.into()))?;
        let mut response = HttpResponse::new(status, SdkBody::from(self.body));
        if let Some(code) = self.query_error {
            response.headers_mut().insert("x-amzn-query-error", code);
        }
        Ok(response)
    }
}

/// Which service a target belongs to.
#[must_use]
pub fn service(target: &str) -> Option<&'static str> {
    match target {
        target if target.starts_with(dynamo::TARGET) => Some("dynamodb"),
        target if target.starts_with(wire::TARGET) => Some("sqs"),
        target if target.starts_with(secrets::TARGET) => Some("secretsmanager"),
        _ => None,
    }
}

fn unknown(target: &str) -> Vec<u8> {
    let text = format!("nothing here answers to {target:?}");
    let body = json!({ "__type": "com.amazon.coral.service#UnknownOperationException", "message": text });
    body.to_string().into_bytes()
}

/// The answers with which the two services themselves refuse.
#[must_use]
pub fn refused(failure: Failure, target: &str, body: &[u8]) -> Answer {
    let sqs = target.starts_with(wire::TARGET);
    let (status, name) = match failure {
        Failure::Throttled if sqs => (403, "com.amazonaws.sqs#RequestThrottled"),
        Failure::Throttled => (400, "com.amazonaws.dynamodb.v20120810#ThrottlingException"),
        Failure::Conflict if target.ends_with("TransactWriteItems") => return cancelled(target, body),
        Failure::Conflict => (400, "com.amazonaws.dynamodb.v20120810#TransactionConflictException"),
        _ if sqs => (503, "com.amazonaws.sqs#ServiceUnavailable"),
        _ => (500, "com.amazonaws.dynamodb.v20120810#InternalServerError"),
    };
    let answer = json!({ "__type": name, "message": "fault" });
    Answer::new(status, answer.to_string().into_bytes(), target)
}

fn cancelled(target: &str, body: &[u8]) -> Answer {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request["TransactItems"].as_array().map_or(1, Vec::len);
    let reason = |index| match index {
        0 => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
        _ => json!({ "Code": "None" }),
    };
    let answer = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": (0..items).map(reason).collect::<Vec<_>>(),
    });
    Answer::new(400, answer.to_string().into_bytes(), target)
}

impl HttpClient for LocalAws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for LocalAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let body = request.body().bytes().unwrap_or_default();
            let answer = aws.call(target, body).await?;
            answer.into_response()
        })
    }
}

impl fmt::Debug for LocalAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalAws")
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// Serves all three on one port, as `aws --endpoint-url` and `concord` expect. Faults do not apply: they are the functions'.
///
/// # Errors
/// The listener's own.
pub async fn serve(listener: TcpListener, aws: LocalAws) -> std::io::Result<()> {
    server::serve(listener, LARGEST, move |request, _| {
        let aws = aws.clone();
        async move { respond(&aws, &request) }
    })
    .await
}

fn respond(aws: &LocalAws, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let answer = aws.answer(target.unwrap_or_default(), request.body());
    let mut builder = http::Response::builder()
        .status(answer.status)
        .header("content-type", "application/x-amz-json-1.0");
    if let Some(code) = answer.query_error {
        builder = builder.header("x-amzn-query-error", code);
    }
    let whole = builder.body(Bytes::from(answer.body));
    whole.unwrap_or_else(|_| server::message(http::StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

#[cfg(test)]
#[path = "aws_tests.rs"]
mod tests;
