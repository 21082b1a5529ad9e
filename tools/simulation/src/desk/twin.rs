//! The help desk's twin: limits at the gate, then its rules.

use super::gate::{Gate, Refused};
use super::rules::{Objects, Told};
use crate::flow::SentAt;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use twins::{Lost, Twin};

/// Where the desk is.
pub const HOST: &str = "desk.example";

/// The clock that the desk is given.
type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A help desk: one record in a call, parents before children, and two equal POSTs make two objects. Cheap to clone.
///
/// * `POST /api/callers|tickets|notes` makes; `PUT /api/{table}/{id}` sets what is sent; `GET` of it reads.
/// * `GET /api/callers|tickets?ref=` lists at once what was made; notes can't be looked up.
/// * Eight calls in any ten seconds, three at once: who passes it is blocked for a minute.
#[derive(Clone)]
pub struct Desk {
    now: Now,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    gate: Gate,
    objects: Objects,
    takes: Duration,
    violations: Vec<Violation>,
}

/// A rule that a caller broke.
#[derive(Clone, Debug)]
pub struct Violation {
    /// When its call was sent.
    pub sent: Timestamp,
    /// Whether the rule is not to call during a block that one has been told of.
    pub in_known_block: bool,
    /// When, which call, which rule.
    pub told: String,
}

/// The block of which an answer tells.
#[derive(Clone, Copy)]
struct Tells(u64);

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// An empty desk on this clock.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self {
            now,
            state: Arc::default(),
        }
    }

    /// What it holds, as `kind/id`, each with the fields as they were sent.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<String, Json> {
        self.state().objects.all()
    }

    /// The rules that callers broke, each with its instant.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.iter().map(|it| it.told.clone()).collect()
    }

    /// The same, with what a judge must know.
    #[must_use]
    pub fn broken(&self) -> Vec<Violation> {
        self.state().violations.clone()
    }

    /// From now on, for so long, it takes no calls.
    pub fn block(&self, length: Duration) {
        let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
        self.state().gate.block((self.now)(), length);
    }

    /// From now on each call is in flight for so long: it acts at once, then takes its time to answer.
    pub fn takes(&self, time: Duration) {
        self.state().takes = time;
    }

    /// One call, of which the caller has received nothing yet: see [`Desk::received`].
    pub(super) async fn pass(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let (_flight, answer, takes) = self.arrive(request);
        // Without being told so nothing waits, so that a twin needs no timer.
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        answer
    }

    /// The caller has this answer: if it tells of a block, it knows of it now.
    pub(super) fn received(&self, answer: &Response<Bytes>) {
        if let Some(Tells(block)) = answer.extensions().get::<Tells>() {
            self.state().gate.heard(*block, (self.now)());
        }
    }

    fn arrive(&self, request: &Request<Bytes>) -> (Flight, Response<Bytes>, Duration) {
        let at = (self.now)();
        let sent = request.extensions().get().map_or(at, |it: &SentAt| it.0);
        let mut state = self.state();
        let entered = state.gate.enter(sent, at);
        let flight = Flight(self.clone());
        let in_known_block = entered.as_ref().is_err_and(|it| it.knew);
        let (violation, answer) = match entered {
            Ok(()) => answered(state.objects.answer(request, at)),
            Err(refused) => blocked(refused),
        };
        let call = format!("{} {}", request.method(), request.uri().path());
        let noted = violation.map(|it| Violation {
            sent,
            in_known_block,
            told: format!("{at} {call}: {it}"),
        });
        state.violations.extend(noted);
        let takes = state.takes;
        (flight, answer, takes)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Twin for Desk {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let answer = self.pass(&request).await;
        self.received(&answer);
        Ok(answer)
    }
}

/// A call in flight. Dropping it, also when the caller gives up, ends the flight.
struct Flight(Desk);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.state().gate.leave();
    }
}

fn answered(told: Told) -> (Option<String>, Response<Bytes>) {
    (told.violation, answer(told.status, &told.body))
}

fn blocked(refused: Refused) -> (Option<String>, Response<Bytes>) {
    let mut answer = answer(429, &json!({"error": "too many calls"}));
    // Whole seconds, and never less than the rest.
    let seconds = refused.rest.as_millis().div_euclid(1_000) + i128::from(refused.rest.as_millis() % 1_000 > 0);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer.extensions_mut().insert(Tells(refused.block));
    (refused.violation, answer)
}

fn answer(status: u16, body: &Json) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
