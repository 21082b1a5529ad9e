//! Running functions: events in, answers out, as Lambda and its event source mappings do it.

use super::World;
use crate::arn;
use crate::gateway::event::{Context as Gateway, event};
use crate::gateway::response::response;
use crate::gateway::routes::{Routes, not_found};
use crate::queues::mapping::{failed, sqs_event};
use crate::queues::message::{Outgoing, Received};
use crate::template::Function;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service as _};
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde_json::Value;
use shared::app::App;
use shared::lambda::{Handler, answer, incoming, response as batch_response};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

impl World {
    /// One request through the gateway.
    pub async fn request(&self, request: Request<Bytes>, source_ip: &str) -> Response<Bytes> {
        let Some((function, event)) = self.http_event(&request, source_ip) else {
            return not_found();
        };
        let answer = self.invoke(function, event).await;
        response(answer.as_ref().ok())
    }

    /// The function that a request goes to, and the event that the gateway makes of it.
    #[must_use]
    pub fn http_event(&self, request: &Request<Bytes>, source_ip: &str) -> Option<(&Function, Value)> {
        let mut routes = Routes::new();
        for function in &self.template.functions {
            for route in &function.routes {
                routes.add(&route.method, &route.path, function);
            }
        }
        let matched = routes.find(request.method().as_str(), request.uri().path())?;
        let time = self.clock.now();
        let context = Gateway {
            request_id: format!("local-{}", time.as_millisecond()),
            source_ip: source_ip.into(),
            time,
        };
        Some((
            matched.target,
            event(request, matched.key, &matched.parameters, &context),
        ))
    }

    /// One invocation, with the function's own time limit.
    ///
    /// # Errors
    /// As Lambda reports it: an error of the handler, a panic outside its own guard, or the time limit.
    pub async fn invoke(&self, function: &Function, event: Value) -> Result<Value> {
        let deadline = self.clock.now() + Duration::from_secs(function.timeout.as_secs());
        let app = self
            .apps
            .get(&function.name)
            .context("a function without an app")?
            .until(deadline);
        let handled = AssertUnwindSafe(handle(Self::handler(&function.name)?, app, event)).catch_unwind();
        match tokio::time::timeout(function.timeout, handled).await {
            Err(_) => bail!("{} timed out", function.name),
            Ok(Err(_)) => bail!("{} panicked", function.name),
            Ok(Ok(answer)) => answer,
        }
    }

    /// Puts an activation on a cron's queue, as its schedule does.
    ///
    /// # Errors
    /// When there is no such function or queue.
    pub fn tick(&self, function: &str) -> Result<()> {
        let function = self
            .template
            .functions
            .iter()
            .find(|it| it.name == function)
            .context("no such function")?;
        let event = function.queues.first().context("the function has no queue")?;
        let queue = self
            .template
            .queues
            .iter()
            .find(|it| it.logical_id == event.queue)
            .context("no such queue")?;
        let body = shared::job::Message::Activate.write();
        self.aws
            .queues
            .send(&queue.name, Outgoing::new(body), self.clock.now_ms())?;
        Ok(())
    }

    /// One round of all event source mappings: each takes one batch. The number of messages that were handed over.
    pub async fn deliver(&self) -> usize {
        let mut handed = 0;
        for function in &self.template.functions {
            for mapping in &function.queues {
                let queue = self.template.queues.iter().find(|it| it.logical_id == mapping.queue);
                let Some(queue) = queue else { continue };
                let taken = self
                    .aws
                    .queues
                    .receive(&queue.name, mapping.batch_size as usize, self.clock.now_ms());
                let messages = taken.unwrap_or_default();
                handed += messages.len();
                if !messages.is_empty() {
                    self.hand_over(function, &queue.name, mapping.report_batch_item_failures, &messages)
                        .await;
                }
            }
        }
        handed
    }

    pub(crate) async fn hand_over(&self, function: &Function, queue: &str, reports: bool, messages: &[Received]) {
        let event = sqs_event(&arn::queue(queue), messages);
        let answer = self.invoke(function, event).await;
        if let Err(error) = &answer {
            tracing::error!(
                function = function.name,
                error = format!("{error:#}"),
                "invocation failed"
            );
        }
        let back = failed(reports, answer.as_ref().ok(), messages);
        for message in messages.iter().filter(|it| !back.contains(&it.id)) {
            if let Err(error) = self.aws.queues.delete(queue, &message.handle) {
                tracing::error!(queue, error = error.to_string(), "message not deleted");
            }
        }
    }
}

/// Hands an event to a handler, through the adapter that its trigger has in Lambda.
///
/// # Errors
/// The handler's own, and when the event is not of its trigger's form.
pub async fn handle(handler: Handler, app: App, event: Value) -> Result<Value> {
    match handler {
        Handler::Queue(handle) => {
            let batch = incoming(serde_json::from_value(event).context("not an SQS event")?);
            Ok(serde_json::to_value(batch_response(handle(app, batch).await?))?)
        }
        Handler::Http(handle) => {
            let payload: LambdaRequest = serde_json::from_value(event).context("not an HTTP event")?;
            let service = service_fn(move |request| {
                let app = app.clone();
                async move { Ok::<_, lambda_runtime::Error>(answer(&app, handle(app.clone(), request)).await) }
            });
            let called = Adapter::from(service).call(LambdaEvent {
                payload,
                context: Context::default(),
            });
            let answer = called.await.map_err(|it| anyhow::anyhow!("{it}"))?;
            Ok(serde_json::to_value(answer)?)
        }
    }
}
