//! A Supabase project: PostgREST under `/rest/v1`, the gateway in front of it, and database webhooks.
//! Operations for faults and log: `select`, `insert`, `upsert`, `patch`, `put`, `delete`; a webhook's POST
//! is `webhook`.

mod cell;
mod change;
mod error;
mod filter;
mod keys;
mod parse;
mod payload;
mod person;
mod prefer;
mod query;
mod read;
mod rows;
mod schema;
mod select;
mod settings;
mod show;
mod state;
mod turn;
mod write;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::Timestamp;

pub use schema::{Column, Default as ColumnDefault, Kind, Table, back_office, portal};
pub use settings::{Key, Settings, Webhook};
pub use state::WebhookCall;

use crate::calls::Load;
use crate::faults::Effects;
use crate::front::{Desk, Front, Lost, Now, Sent, Twin, observed};
use crate::locked;
use error::Failure;
use prefer::Prefer;
use query::Query;
use show::Media;
use state::State;
use turn::Turn;

/// The stand-in for one Supabase project. Cheap to clone; clones are the same project.
#[derive(Clone)]
pub struct Supabase(Arc<Inner>);

struct Inner {
    settings: Settings,
    front: Front,
    state: Mutex<State>,
}

impl Supabase {
    /// A project in memory.
    pub fn new(settings: Settings, now: Now) -> Self {
        let state = Mutex::new(State::new(&settings));
        Self(Arc::new(Inner {
            settings,
            front: Front::new(now),
            state,
        }))
    }

    /// A durable project: every change is on disk before the answer; opening it again brings all back.
    ///
    /// # Errors
    /// When the directory can't be read or written, or holds something else.
    pub fn open(settings: Settings, now: Now, dir: &Path) -> io::Result<Self> {
        let state = Mutex::new(State::open(&settings, dir)?);
        Ok(Self(Arc::new(Inner {
            settings,
            front: Front::new(now),
            state,
        })))
    }

    /// The in-process door.
    ///
    /// # Errors
    /// [`Lost`] when a fault breaks the connection.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let job = Job {
            inner: &self.0,
            request: &request,
        };
        let operation = operation(&request);
        let body: &[u8] = request.body();
        let records = if matches!(operation, "insert" | "upsert") {
            records(body)
        } else {
            0
        };
        let sent = Sent {
            operation,
            records,
            heavy: false,
        };
        self.0.front.pass(&request, sent, &job).await
    }
}

observed!(Supabase, Settings);

impl Twin for Supabase {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        Supabase::call(self, request).await
    }
}

fn operation(request: &Request<Bytes>) -> &'static str {
    let upserts = || {
        let mut prefer = request.headers().get_all("prefer").iter();
        prefer.any(|value| value.to_str().is_ok_and(|text| text.contains("resolution=")))
    };
    match request.method().as_str() {
        "GET" | "HEAD" => "select",
        "POST" if upserts() => "upsert",
        "POST" => "insert",
        "PATCH" => "patch",
        "PUT" => "put",
        "DELETE" => "delete",
        _ => "unknown",
    }
}

/// How many rows a body carries; the body itself is read again, and judged, when the call is carried out.
fn records(body: &[u8]) -> usize {
    match serde_json::from_slice(body) {
        Ok(serde_json::Value::Array(rows)) => rows.len(),
        Ok(serde_json::Value::Object(_)) => 1,
        _ => 0,
    }
}

struct Job<'a> {
    inner: &'a Inner,
    request: &'a Request<Bytes>,
}

impl Job<'_> {
    fn carry_out(&self, state: &mut State, now: Timestamp) -> Result<Response<Bytes>, Failure> {
        let Inner { settings, .. } = self.inner;
        let headers = self.request.headers();
        let path = self.request.uri().path();
        let nowhere = || Failure::gateway(404, "no Route matched with those values", "");
        let path = path.strip_prefix("/rest/v1/").ok_or_else(nowhere)?;
        keys::check(settings, headers)?;
        let table = table(state, path)?;
        check_profile(self.request)?;
        let mut turn = Turn {
            settings,
            now,
            query: Query::read(&table, self.request.uri().query().unwrap_or_default())?,
            prefer: Prefer::read(headers)?,
            media: Media::read(headers)?,
            table,
            state,
            headers,
            method: self.request.method(),
            body: self.request.body(),
        };
        match *self.request.method() {
            Method::GET | Method::HEAD => read::read(&mut turn),
            Method::POST => write::post(&mut turn),
            Method::PATCH => change::patch(&mut turn),
            Method::PUT => change::put(&mut turn),
            Method::DELETE => change::delete(&mut turn),
            ref other => Err(Failure::new(
                405,
                "PGRST117",
                &format!("Unsupported HTTP method: {other}"),
            )),
        }
    }
}

fn table(state: &State, path: &str) -> Result<Table, Failure> {
    if path.is_empty() {
        return Err(Failure::new(404, "PGRST126", "Root endpoint metadata is disabled"));
    }
    if let Some(function) = path.strip_prefix("rpc/") {
        let message = format!("Could not find the function public.{function} in the schema cache");
        return Err(Failure::new(404, "PGRST202", &message));
    }
    if path.contains('/') {
        return Err(Failure::new(404, "PGRST125", "Invalid path specified in request URL"));
    }
    let rows = state.rows(path).ok_or_else(|| Failure::no_table(path))?;
    Ok(rows.table.clone())
}

/// Only the schema `public` is there.
fn check_profile(request: &Request<Bytes>) -> Result<(), Failure> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let name = if reads { "accept-profile" } else { "content-profile" };
    match request.headers().get(name).and_then(|value| value.to_str().ok()) {
        Some(schema) if schema != "public" => {
            let failure = Failure::new(406, "PGRST106", &format!("Invalid schema: {schema}"));
            Err(failure.hint("Only the following schemas are exposed: public"))
        }
        _ => Ok(()),
    }
}

impl Desk for Job<'_> {
    /// The Data API's limits are not documented as counts (docs/vendors.md §4.4).
    fn admit(&self, _: Timestamp, _: Load) -> Option<Response<Bytes>> {
        None
    }

    fn refuse(&self, status: u16, code: Option<&str>) -> Response<Bytes> {
        error::refusal(status, code)
    }

    fn act(&self, now: Timestamp, _: &Effects) -> Response<Bytes> {
        let mut state = locked(&self.inner.state);
        match self.carry_out(&mut state, now) {
            Ok(answer) => {
                let kept = state.commit(&self.inner.settings, &self.inner.front.faults, now);
                kept.map_or_else(|_| error::refusal(503, None), |()| answer)
            }
            Err(failure) => {
                state.roll_back();
                failure.response()
            }
        }
    }
}
