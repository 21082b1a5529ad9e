//! Netcash Pay Now (docs/vendors.md part 8): the service that tells of a payment, and the postbacks that announce one.
//! Operation for faults and log: `check`.
//!
//! Not played: the page on which people pay, and sending: a test carries [`Netcash::postback`] itself.

mod payment;
mod settings;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::Timestamp;
use rust_decimal::Decimal;

pub use settings::{Settings, Unknown};

use crate::answer::{self, gateway};
use crate::calls::Load;
use crate::faults::Effects;
use crate::front::{Desk, Front, Lost, Now, Sent, Twin, observed};
use crate::locked;
use crate::params::Params;
use payment::Payment;

const CHECK: &str = "/PayNow/TransactionStatus/Check";

/// The stand-in for Netcash. Cheap to clone; clones are the same service.
#[derive(Clone)]
pub struct Netcash(Arc<Inner>);

struct Inner {
    settings: Settings,
    front: Front,
    payments: Mutex<BTreeMap<String, Payment>>,
}

impl Netcash {
    /// A service in memory that knows of no payment.
    pub fn new(settings: Settings, now: Now) -> Self {
        Self(Arc::new(Inner {
            settings,
            front: Front::new(now),
            payments: Mutex::default(),
        }))
    }

    /// Somebody pays, or fails to. `method` is the code of the way; one that is pending is not accepted yet. A second
    /// payment with the same trace takes the place of the first.
    pub fn pay(&self, trace: &str, reference: &str, amount: Decimal, method: &str, accepted: bool, reason: &str) {
        let payment = Payment {
            trace: trace.to_owned(),
            reference: reference.to_owned(),
            amount,
            method: method.to_owned(),
            accepted,
            reason: reason.to_owned(),
        };
        locked(&self.0.payments).insert(trace.to_owned(), payment);
    }

    /// A payment that was pending reaches the account. `false`: there is none with this trace, or it was accepted before.
    pub fn settle(&self, trace: &str) -> bool {
        let mut payments = locked(&self.0.payments);
        let Some(payment) = payments.get_mut(trace).filter(|payment| !payment.accepted) else {
            return false;
        };
        payment.accepted = true;
        payment.reason.clear();
        true
    }

    /// The form that Netcash posts about a payment as it now is, if there is such a payment.
    pub fn postback(&self, trace: &str) -> Option<Bytes> {
        locked(&self.0.payments).get(trace).map(Payment::form)
    }

    /// The in-process door.
    ///
    /// # Errors
    /// [`Lost`] when a fault breaks the connection.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let is_check = request.uri().path() == CHECK;
        let sent = Sent {
            operation: if is_check { "check" } else { "unknown" },
            records: 0,
            heavy: false,
        };
        let job = Job {
            inner: &self.0,
            request: &request,
        };
        self.0.front.pass(&request, sent, &job).await
    }
}

observed!(Netcash, Settings);

impl Twin for Netcash {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        Netcash::call(self, request).await
    }
}

/// A request that is to be carried out.
struct Job<'a> {
    inner: &'a Inner,
    request: &'a Request<Bytes>,
}

impl Job<'_> {
    /// The answer, or the status of a refusal, whose body is not documented.
    fn carry_out(&self) -> Result<Response<Bytes>, u16> {
        if self.request.uri().path() != CHECK {
            return Err(404);
        }
        if self.request.method() != Method::GET {
            return Err(405);
        }
        let query = self.request.uri().query().unwrap_or_default();
        let params = Params::read(query, &["RequestTrace"]).map_err(|_| 400_u16)?;
        let trace = params.need("RequestTrace").map_err(|_| 400_u16)?;
        Ok(self.tell(trace))
    }

    fn tell(&self, trace: &str) -> Response<Bytes> {
        let settings = &self.inner.settings;
        let payments = locked(&self.inner.payments);
        let told = match payments.get(trace) {
            Some(payment) => payment.shown(settings),
            None => payment::of_nobody(settings),
        };
        let body = told.map(|told| told.to_string()).unwrap_or_default();
        answer::json(200, "application/json; charset=utf-8", body.into_bytes())
    }
}

impl Desk for Job<'_> {
    /// No limit is documented.
    fn admit(&self, _: Timestamp, _: Load) -> Option<Response<Bytes>> {
        None
    }

    fn refuse(&self, status: u16, _: Option<&str>) -> Response<Bytes> {
        gateway(status)
    }

    fn act(&self, _: Timestamp, _: &Effects) -> Response<Bytes> {
        self.carry_out().unwrap_or_else(gateway)
    }
}
