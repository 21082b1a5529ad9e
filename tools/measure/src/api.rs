//! Lambda's Runtime API for one process: it says when the next event is asked for, and hands events over.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use local::server;
use serde_json::Value;
use shared::clock::Clock;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a start or an event may take: Node.js under a quota takes seconds, a function under callgrind, too.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a function is told that it has for an event.
const GIVEN_MS: i64 = 60_000;
/// An answer of Lambda's is at most 6 MB.
const LARGEST: usize = 6 * 1024 * 1024;

/// The process asks for an event.
pub(crate) struct Poll {
    /// When.
    pub(crate) at: Instant,
    give: oneshot::Sender<Response<Bytes>>,
}

/// A Runtime API on a port of its own. It ends with this value.
pub(crate) struct RuntimeApi {
    /// Host and port.
    pub(crate) address: String,
    polls: mpsc::UnboundedReceiver<Poll>,
    answers: mpsc::UnboundedReceiver<(String, Bytes)>,
    given: u64,
    _server: JoinSet<std::io::Result<()>>,
}

impl RuntimeApi {
    /// Opens one.
    ///
    /// # Errors
    /// When no port is free.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a port")?;
        let address = listener.local_addr()?.to_string();
        let ((asked, polls), (answered, answers)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let mut tasks = JoinSet::new();
        tasks.spawn(server::serve(listener, LARGEST, move |request, _| {
            respond(request, asked.clone(), answered.clone())
        }));
        Ok(Self {
            address,
            polls,
            answers,
            given: 0,
            _server: tasks,
        })
    }

    /// Waits until an event is asked for.
    ///
    /// # Errors
    /// When the process gives up its start, or asks for none within a minute.
    pub(crate) async fn poll(&mut self) -> Result<Poll> {
        tokio::select! {
            poll = timeout(PATIENCE, self.polls.recv()) => poll.context("no event was asked for in time")?.context("ended"),
            Some((path, body)) = self.answers.recv() => bail!("{path}: {}", String::from_utf8_lossy(&body)),
        }
    }

    /// Hands an event over and waits for its answer.
    ///
    /// # Errors
    /// When none is asked for, or the function fails, refuses the request, or gives a message back: what did not work is
    /// not to be measured.
    pub(crate) async fn invoke(&mut self, event: &str) -> Result<()> {
        let poll = self.poll().await?;
        self.given += 1;
        // A process that is gone answers nothing, which is seen below.
        drop(poll.give.send(handed(self.given, event)?));
        let answer = timeout(PATIENCE, self.answers.recv());
        let (path, body) = answer.await.context("no answer in time")?.context("ended")?;
        match path.ends_with("/response") && is_success(&body) {
            true => Ok(()),
            false => bail!("{path}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

async fn respond(
    request: Request<Bytes>,
    asked: mpsc::UnboundedSender<Poll>,
    answered: mpsc::UnboundedSender<(String, Bytes)>,
) -> Response<Bytes> {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        let (give, given) = oneshot::channel();
        // Whoever does not wait any more kills the process.
        drop(asked.send(Poll {
            at: Instant::now(),
            give,
        }));
        return match given.await {
            Ok(event) => event,
            Err(_) => std::future::pending().await,
        };
    }
    drop(answered.send((path, request.into_body())));
    let mut accepted = Response::new(Bytes::new());
    *accepted.status_mut() = StatusCode::ACCEPTED;
    accepted
}

/// Whether an answer says that all went well, be it that of a request or that of a batch.
fn is_success(answer: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let failures = answer["batchItemFailures"].as_array();
    failures.map_or_else(
        || answer["statusCode"].as_u64().is_some_and(|it| it < 300),
        Vec::is_empty,
    )
}

fn handed(number: u64, event: &str) -> Result<Response<Bytes>> {
    let deadline = Clock::system().now_ms() + GIVEN_MS;
    let response = Response::builder()
        .header("content-type", "application/json")
        .header(
            "lambda-runtime-aws-request-id",
            format!("00000000-0000-4000-8000-{number:012}"),
        )
        .header("lambda-runtime-deadline-ms", deadline)
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-south-1:000000000000:function:measured",
        )
        .header(
            "lambda-runtime-trace-id",
            "Root=1-695b8da0-5f0e7c1a2b3d4e5f60718293;Sampled=0",
        );
    Ok(response.body(Bytes::from(event.to_owned()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_and_a_message_given_back_are_no_success() {
        assert!(is_success(b"{\"statusCode\":202}") && is_success(b"{\"batchItemFailures\":[]}"));
        for wrong in [
            "{\"statusCode\":401}",
            "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"}]}",
            "{}",
        ] {
            assert!(!is_success(wrong.as_bytes()), "{wrong}");
        }
    }
}
