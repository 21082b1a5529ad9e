//! Zoho Billing, API v1: one organisation behind Zoho's accounts host, which it may share with Zoho CRM's twin.
//! Operations for faults and log: `token`, `revoke`; `list_customers`, `get_customer`, `create_customer`,
//! `update_customer` and the same of `product`, `plan`, `subscription`, `invoice`, `payment` (which has no list);
//! `mark`, `customer_of_crm`, `cancel`, `reactivate`, `open_invoice`, `void_invoice`, `transactions`, `events`, `event`.
//!
//! Not played, and refused with 501: deleting over the API, add-ons, coupons, credit notes, refunds, hosted pages, contact
//! persons, charging of cards. Taxes, discounts and trials are no fields that it takes.

mod catalogue;
mod error;
mod events;
mod invoices;
mod kinds;
mod limits;
mod lists;
mod objects;
mod payments;
mod person;
mod route;
mod settings;
mod show;
mod state;
mod subscriptions;
mod terms;
mod turn;
mod value;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;

pub use kinds::Kind;
pub use settings::{Settings, TransactionIds};

use crate::accounts::{self, Accounts};
use crate::calls::Load;
use crate::faults::{Effect, Effects};
use crate::front::{Desk, Front, Lost, Now, Sent, Twin, observed};
use crate::locked;
use error::Failure;
use limits::{Broken, Calls};
use route::Route;
use state::State;
use turn::Turn;

const ORGANIZATION: &str = "x-com-zoho-subscriptions-organizationid";

/// The stand-in for Zoho Billing. Cheap to clone; clones are the same organisation.
#[derive(Clone)]
pub struct ZohoBilling(Arc<Inner>);

struct Inner {
    settings: Settings,
    accounts: Accounts,
    front: Front,
    state: Mutex<State>,
    calls: Mutex<Calls>,
}

impl ZohoBilling {
    /// An organisation in memory, behind this accounts host.
    pub fn new(settings: Settings, now: Now, accounts: Accounts) -> Self {
        Self::with(settings, now, accounts, State::new())
    }

    /// A durable organisation: every change is on disk before the answer; opening it again brings all back. Only the
    /// count of calls starts anew.
    ///
    /// # Errors
    /// When the directory can't be read or written, or holds something else.
    pub fn open(settings: Settings, now: Now, accounts: Accounts, dir: &Path) -> io::Result<Self> {
        Ok(Self::with(settings, now, accounts, State::open(dir)?))
    }

    fn with(settings: Settings, now: Now, accounts: Accounts, state: State) -> Self {
        Self(Arc::new(Inner {
            settings,
            accounts,
            front: Front::new(now),
            state: Mutex::new(state),
            calls: Mutex::default(),
        }))
    }

    /// The in-process door.
    ///
    /// # Errors
    /// [`Lost`] when a fault breaks the connection.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let job = Job::read(&self.0, &request);
        let sent = Sent {
            operation: job.route.as_ref().map_or("unknown", Route::name),
            records: usize::from(job.route.as_ref().is_ok_and(Route::has_body)),
            heavy: false,
        };
        self.0.front.pass(&request, sent, &job).await
    }
}

observed!(ZohoBilling, Settings);

impl Twin for ZohoBilling {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        ZohoBilling::call(self, request).await
    }
}

/// A request with what can be said of it before it is carried out.
struct Job<'a> {
    inner: &'a Inner,
    request: &'a Request<Bytes>,
    route: Result<Route, Failure>,
    body: Value,
}

impl<'a> Job<'a> {
    fn read(inner: &'a Inner, request: &'a Request<Bytes>) -> Self {
        Self {
            inner,
            request,
            route: route::route(request.method(), request.uri().path()),
            // What is no JSON object is refused where a body is needed.
            body: serde_json::from_slice(request.body()).unwrap_or(Value::Null),
        }
    }

    fn carry_out(&self, turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
        let route = self.route.as_ref().map_err(Clone::clone)?;
        if let Route::Accounts(ask) = route {
            let Inner { accounts, front, .. } = self.inner;
            let answered = accounts::answer(accounts, *ask, turn.query, self.request.body(), turn.now, &front.log);
            return Ok(answered.unwrap_or_else(|_| error::refusal(500, None)));
        }
        self.is_let_in(route, turn.now)?;
        terms::pass(turn);
        match route {
            Route::Accounts(_) => Err(Failure::status(404, "Invalid URL Passed")),
            Route::List(kind) => lists::list(turn, *kind),
            Route::Get(kind, id) => objects::get(turn, *kind, id),
            Route::Create(kind) => objects::create(turn, *kind),
            Route::Update(kind, id) => objects::update(turn, *kind, id),
            Route::Mark(kind, id, active) => catalogue::mark(turn, *kind, id, *active),
            Route::CustomerOfCrm(id) => catalogue::of_crm(turn, id),
            Route::Cancel(id) => subscriptions::cancel(turn, id),
            Route::Reactivate(id) => subscriptions::reactivate(turn, id),
            Route::OpenInvoice(id) => invoices::open(turn, id),
            Route::VoidInvoice(id) => invoices::void(turn, id),
            Route::Transactions => payments::transactions(turn),
            Route::Events => events::list(turn),
            Route::Event(id) => events::get(turn, id),
        }
    }

    /// Token, scope and organisation.
    fn is_let_in(&self, route: &Route, now: Timestamp) -> Result<(), Failure> {
        let headers = self.request.headers();
        self.inner.accounts.authorise(headers, &[route.scope()], now)?;
        match headers.get(ORGANIZATION).and_then(|value| value.to_str().ok()) {
            None => Err(Failure::invalid("The organization is missing")),
            Some(id) if id == self.inner.settings.organization => Ok(()),
            Some(_) => Err(Failure::status(
                403,
                "This user is not associated with the organization",
            )),
        }
    }
}

impl Desk for Job<'_> {
    fn admit(&self, at: Timestamp, load: Load) -> Option<Response<Bytes>> {
        if self.route.as_ref().is_ok_and(Route::is_oauth) {
            return None;
        }
        let admitted = locked(&self.inner.calls).admit(&self.inner.settings, at, load);
        let broken = admitted.err()?;
        self.inner.front.log.violation(at, &broken.words());
        let failure = match broken {
            Broken::Limit(code, _) => Failure::limit(code),
            Broken::Block(left) => Failure::blocked(left),
        };
        Some(failure.response())
    }

    fn refuse(&self, status: u16, code: Option<&str>) -> Response<Bytes> {
        error::refusal(status, code)
    }

    fn act(&self, now: Timestamp, effects: &Effects) -> Response<Bytes> {
        if effects.has(&Effect::RevokeTokens) {
            self.inner.accounts.revoke_access();
        }
        let mut state = locked(&self.inner.state);
        let mut turn = Turn {
            settings: &self.inner.settings,
            state: &mut state,
            now,
            query: self.request.uri().query().unwrap_or_default(),
            body: &self.body,
        };
        let answer = self.carry_out(&mut turn).unwrap_or_else(|failure| failure.response());
        match state.sync() {
            Ok(()) => answer,
            Err(_) => error::refusal(500, None),
        }
    }
}
