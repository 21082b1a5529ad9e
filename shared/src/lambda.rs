//! The adapters: the only file that knows the Lambda runtime. Each builds the `App` once per cold start.

use crate::app::{App, Parts};
use crate::clock::Clock;
use crate::config::{Config, environment};
use crate::job::Incoming;
use crate::planted::plant_poison;
use crate::random::Random;
use crate::sync::fields::kinds;
use crate::systems::http::{Reqwest, Transport};
use crate::{aws, secrets};
use anyhow::{Context as _, Result};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, LocalBoxFuture, select};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use lambda_runtime::{LambdaEvent, service_fn};
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// The ids of the messages of a batch that failed.
pub type Failed = Vec<String>;

/// A function's handler, for whoever runs it in the same process.
#[derive(Clone, Copy, Debug)]
pub enum Handler {
    /// Behind the HTTP API.
    Http(fn(App, Request) -> BoxFuture<'static, Result<Response<Body>>>),
    /// Behind queues: the ids of the messages that failed.
    Queue(fn(App, Vec<Incoming>) -> BoxFuture<'static, Result<Failed>>),
}

/// Runs a function behind the HTTP API.
///
/// # Errors
/// When the function can't be built, or the runtime ends.
pub async fn http<F, R>(handler: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(App, Request) -> R + Send + 'static,
    R: Future<Output = Result<Response<Body>>> + Send + 'static,
{
    serve_http(Box::new(move |app, request| handler(app, request).boxed())).await
}

type Boxed<Asked, Answer> = Box<dyn Fn(App, Asked) -> BoxFuture<'static, Result<Answer>> + Send>;

/// Boxed, and not generic: the runtime is compiled here, once, and not in every binary again (8 s each).
fn serve_http(handler: Boxed<Request, Response<Body>>) -> LocalBoxFuture<'static, Result<(), lambda_runtime::Error>> {
    let serve = async move {
        let app = &cold_start().await?;
        let answer = |request: Request| {
            let app = app.until(deadline(&request));
            let handled = handler(app.clone(), request);
            async move { Ok::<_, lambda_runtime::Error>(answer(&app, handled).await) }
        };
        lambda_http::run(service_fn(answer)).await
    };
    serve.boxed_local()
}

/// What an answer of ours takes when the time is up.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A handler's answer; an error, a panic or a delay of ours is 503, on which senders try again (the gateway would make
/// 500 of a function that timed out).
pub async fn answer(app: &App, handled: impl Future<Output = Result<Response<Body>>>) -> Response<Body> {
    let patience = app.clock.sleep(app.time_left().saturating_sub(LAST_WORDS));
    let handled = AssertUnwindSafe(handled).catch_unwind();
    match select(pin!(handled), pin!(patience)).await {
        Either::Left((Ok(Ok(response)), _)) => return response,
        Either::Left((Ok(Err(error)), _)) => tracing::error!(error = format!("{error:#}"), "request failed"),
        Either::Left((Err(_), _)) => tracing::error!("request panicked"),
        Either::Right(_) => tracing::error!("request took too long"),
    }
    crate::api::problem::unavailable()
}

/// When the invocation of a request ends.
#[must_use]
pub fn deadline(request: &Request) -> Timestamp {
    use lambda_http::RequestExt as _;
    request
        .lambda_context_ref()
        .map_or(Timestamp::MAX, |it| at(it.deadline))
}

/// Runs a function behind queues. Failed messages are reported one by one.
///
/// # Errors
/// When the function can't be built, or the runtime ends.
pub async fn queue<F, R>(handler: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(App, Vec<Incoming>) -> R + Send + 'static,
    R: Future<Output = Result<Failed>> + Send + 'static,
{
    serve_queue(Box::new(move |app, batch| handler(app, batch).boxed())).await
}

/// As [`serve_http`].
fn serve_queue(handler: Boxed<Vec<Incoming>, Failed>) -> LocalBoxFuture<'static, Result<(), lambda_runtime::Error>> {
    let serve = async move {
        let app = &cold_start().await?;
        let work = |event: LambdaEvent<SqsEvent>| {
            let app = app.until(at(event.context.deadline));
            let handled = handler(app, incoming(event.payload));
            async move {
                let failed = handled.await.map_err(|it| format!("{it:#}"))?;
                Ok::<_, lambda_runtime::Error>(response(failed))
            }
        };
        lambda_runtime::run(service_fn(work)).await
    };
    serve.boxed_local()
}

/// The messages of an event.
#[must_use]
pub fn incoming(event: SqsEvent) -> Vec<Incoming> {
    let one = |it: aws_lambda_events::sqs::SqsMessage| Incoming {
        id: it.message_id.unwrap_or_default(),
        body: it.body.unwrap_or_default(),
        queue: it
            .event_source_arn
            .and_then(|arn| arn.rsplit(':').next().map(str::to_owned))
            .unwrap_or_default(),
        sent_ms: it
            .attributes
            .get("SentTimestamp")
            .and_then(|it| it.parse().ok())
            .unwrap_or(0),
    };
    event.records.into_iter().map(one).collect()
}

/// The answer that names the failed messages.
#[must_use]
pub fn response(failed: Vec<String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.set_failures(failed);
    response
}

fn at(deadline_ms: u64) -> Timestamp {
    i64::try_from(deadline_ms)
        .ok()
        .and_then(|it| Timestamp::from_millisecond(it).ok())
        .unwrap_or(Timestamp::MAX)
}

async fn cold_start() -> Result<App> {
    lambda_runtime::tracing::init_default_subscriber();
    plant_poison(&environment);
    let clock = Clock::system();
    let transport: Arc<dyn Transport> = Arc::new(Reqwest::new()?);
    let aws = aws::Access::from_environment(&environment, aws::connector(transport.clone()));
    let secrets = secrets::fetch(&aws, &clock, &transport, &environment).await?;
    let lookup = |name: &str| secrets.get(name).cloned().or_else(|| environment(name));
    let config = Config::load(&lookup)
        .map_err(anyhow::Error::msg)
        .context("configuration")?;
    App::new(Parts {
        kinds: kinds(&config),
        config,
        clock,
        random: Random::system(),
        aws,
        transport,
        also: BTreeSet::new(),
    })
}
