//! Zoho CRM, API v8: the accounts host and the API host of one data centre, with one org and one app.
//! Operations for faults and log: `token`, `revoke`, `insert`, `update`, `upsert`, `list`, `get`,
//! `delete`, `deleted`, `search`, `count`, `coql`, `fields`, `modules`, `users`, `org`, `watch`; callbacks are
//! `notification`.

mod batch;
mod channels;
mod condition;
mod coql;
mod deleted;
mod error;
mod fields;
mod lead;
mod leads;
mod limits;
mod list;
mod metadata;
mod page_token;
mod person;
mod route;
mod search;
mod settings;
mod state;
mod subscription;
mod turn;
mod value;
mod watch;
mod write;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;

pub use fields::{Field, Kind, LEAD_STATUS, leads as lead_fields};
pub use settings::{Settings, User};
pub use watch::Notification;

use crate::accounts::{self, Accounts};
use crate::calls::Load;
use crate::faults::{Effect, Effects};
use crate::front::{Desk, Front, Lost, Now, Sent, Twin, observed};
use crate::{answer, locked};
use error::Failure;
use limits::Credits;
use route::Route;
use state::State;
use turn::Turn;

/// The stand-in for Zoho CRM. Cheap to clone; clones are the same org.
#[derive(Clone)]
pub struct ZohoCrm(Arc<Inner>);

struct Inner {
    settings: Settings,
    accounts: Accounts,
    front: Front,
    state: Mutex<State>,
    credits: Mutex<Credits>,
}

impl ZohoCrm {
    /// An org in memory.
    pub fn new(settings: Settings, now: Now) -> Self {
        let accounts = Accounts::new(settings.accounts.clone());
        let state = State::new(&settings);
        Self::with(settings, now, accounts, state)
    }

    /// A durable org: every change is on disk before the answer; opening it again brings all back, page
    /// tokens too. Only the count of credits starts anew.
    ///
    /// # Errors
    /// When the directory can't be read or written, or holds something else.
    pub fn open(settings: Settings, now: Now, dir: &Path) -> io::Result<Self> {
        let accounts = Accounts::open(settings.accounts.clone(), dir)?;
        let state = State::open(&settings, dir)?;
        Ok(Self::with(settings, now, accounts, state))
    }

    fn with(settings: Settings, now: Now, accounts: Accounts, state: State) -> Self {
        let (front, state) = (Front::new(now), Mutex::new(state));
        Self(Arc::new(Inner {
            settings,
            accounts,
            front,
            state,
            credits: Mutex::default(),
        }))
    }

    /// The in-process door.
    ///
    /// # Errors
    /// [`Lost`] when a fault breaks the connection.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let job = Job::read(&self.0, &request);
        self.0.front.pass(&request, job.sent.clone(), &job).await
    }

    /// The accounts host in front of it; another twin of Zoho's may be given the same.
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// Credits used in the last 24 hours, as of the last call.
    pub fn credits_used(&self) -> u64 {
        locked(&self.0.credits).used()
    }
}

observed!(ZohoCrm, Settings);

impl Twin for ZohoCrm {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        ZohoCrm::call(self, request).await
    }
}

/// A request with what can be said of it before it is carried out.
struct Job<'a> {
    inner: &'a Inner,
    request: &'a Request<Bytes>,
    route: Result<Route, Failure>,
    body: Result<Value, Failure>,
    sent: Sent,
    cost: u64,
}

impl<'a> Job<'a> {
    fn read(inner: &'a Inner, request: &'a Request<Bytes>) -> Self {
        let route = route::route(request.method(), request.uri().path());
        let body = match &route {
            Ok(route) if route.has_body(request.method()) => json(request.body()),
            _ => Ok(Value::Null),
        };
        let known = body.as_ref().unwrap_or(&Value::Null);
        let records = route::records(known);
        let (operation, heavy, cost) = match &route {
            Ok(route) => {
                let limit = if *route == Route::Coql {
                    coql::limit(&inner.settings, known)
                } else {
                    0
                };
                (route.name(), route.heavy(records), route.cost(records, limit))
            }
            Err(_) => ("unknown", false, 1),
        };
        Self {
            inner,
            request,
            route,
            body,
            sent: Sent {
                operation,
                records,
                heavy,
            },
            cost,
        }
    }

    fn carry_out(&self, turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
        let route = self.route.as_ref().map_err(Clone::clone)?;
        if let Route::Accounts(ask) = route {
            let Inner { accounts, front, .. } = self.inner;
            let answered = accounts::answer(accounts, *ask, turn.query, self.request.body(), turn.now, &front.log);
            return Ok(answered.unwrap_or_else(|_| error::refusal(500, None)));
        }
        let scopes = route.scopes(turn.method);
        self.inner.accounts.authorise(turn.headers, &scopes, turn.now)?;
        if let Err(failure) = &self.body {
            return Err(failure.clone());
        }
        match route {
            Route::Insert => write::insert(turn),
            Route::UpdateMany => write::update(turn, None),
            Route::UpdateOne(id) => write::update(turn, Some(id)),
            Route::Upsert => write::upsert(turn),
            Route::List => list::list(turn),
            Route::Get(id) => list::get(turn, id),
            Route::DeleteMany => deleted::delete(turn, None),
            Route::DeleteOne(id) => deleted::delete(turn, Some(id)),
            Route::Deleted => deleted::list(turn),
            Route::Search => search::search(turn),
            Route::Count => search::count(turn),
            Route::Coql => coql::coql(turn),
            Route::Fields => metadata::fields(turn),
            Route::Modules => metadata::modules(turn),
            Route::Users => metadata::users(turn),
            Route::Org => metadata::org(turn),
            Route::Watch => channels::watch(turn),
            Route::Accounts(_) => Err(Failure::new("INVALID_URL_PATTERN", Value::Null)),
        }
    }
}

fn json(bytes: &Bytes) -> Result<Value, Failure> {
    serde_json::from_slice(bytes).map_err(|_| Failure::typed("body", "$", "jsonobject"))
}

impl Desk for Job<'_> {
    fn admit(&self, at: Timestamp, load: Load) -> Option<Response<Bytes>> {
        if self.route.as_ref().is_ok_and(Route::is_oauth) {
            return None;
        }
        let mut credits = locked(&self.inner.credits);
        let broken = credits
            .charge(&self.inner.settings, at, self.cost, load, self.sent.heavy)
            .err()?;
        self.inner.front.log.violation(at, &broken);
        // Neither credits nor concurrency is named, and no Retry-After is sent (docs/vendors.md §1.4).
        Some(error::refusal(429, None))
    }

    fn refuse(&self, status: u16, code: Option<&str>) -> Response<Bytes> {
        error::refusal(status, code)
    }

    fn act(&self, now: Timestamp, effects: &Effects) -> Response<Bytes> {
        let mut state = locked(&self.inner.state);
        if effects.has(&Effect::RevokeTokens) {
            self.inner.accounts.revoke_access();
        }
        let mut turn = Turn {
            settings: &self.inner.settings,
            state: &mut state,
            faults: &self.inner.front.faults,
            effects,
            now,
            method: self.request.method(),
            query: self.request.uri().query().unwrap_or_default(),
            headers: self.request.headers(),
            body: self.body.as_ref().unwrap_or(&Value::Null),
            person: false,
        };
        let mut answer = self.carry_out(&mut turn).unwrap_or_else(|failure| failure.response());
        if state.sync().is_err() {
            return error::refusal(500, None);
        }
        let remaining = locked(&self.inner.credits).remaining(&self.inner.settings);
        if let Some(remaining) = remaining.filter(|_| self.cost > 0) {
            answer::set(&mut answer, "x-api-credits-remaining", &remaining.to_string());
        }
        answer
    }
}
