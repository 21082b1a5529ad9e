//! The way of a call through a twin, the same for all: log it, check limits, misbehave if told to, act.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use crate::calls::{Call, CallLog, Load};
use crate::faults::{Effect, Effects, Faults};

/// The clock that a twin is given.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What happens to a connection when a fault is told to break it. The caller sees a timeout or a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Nothing was done.
    BeforeActing,
    /// All was done; only the answer is lost.
    AfterActing,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was lost")
    }
}

impl std::error::Error for Lost {}

/// What answers requests: the common face of all twins.
pub trait Twin: Clone + Send + Sync + 'static {
    /// Answers one request; `Err` is a broken connection.
    fn call(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, Lost>> + Send;
}

/// Clock, faults and log of one twin.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) now: Now,
    pub(crate) faults: Faults,
    pub(crate) log: CallLog,
}

/// The doors by which a test tells a twin to misbehave and sees what it was asked: the same for all.
macro_rules! observed {
    ($twin:ty, $settings:ty) => {
        impl $twin {
            /// What it is told to do wrong.
            pub fn faults(&self) -> &$crate::Faults {
                &self.0.front.faults
            }

            /// What it was asked.
            pub fn log(&self) -> &$crate::CallLog {
                &self.0.front.log
            }

            /// All calls since the start or the last [`CallLog::clear`](crate::CallLog::clear).
            pub fn calls(&self) -> Vec<$crate::Call> {
                self.log().calls()
            }

            /// How many calls of an operation there were.
            pub fn count(&self, operation: &str) -> usize {
                self.log().count(operation)
            }

            /// The limits that callers broke, judged at the moment of sending.
            pub fn violations(&self) -> Vec<String> {
                self.log().violations()
            }

            /// Its settings.
            pub fn settings(&self) -> &$settings {
                &self.0.settings
            }
        }
    };
}

pub(crate) use observed;

/// What a call is about, known before it is carried out.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) operation: &'static str,
    pub(crate) records: usize,
    /// Counts against the vendor's smaller limit for costly calls.
    pub(crate) heavy: bool,
}

/// What a twin does with a call that came through.
pub(crate) trait Desk: Sync {
    /// Checks the vendor's limits at the moment of sending; the answer is the refusal.
    fn admit(&self, at: Timestamp, load: Load) -> Option<Response<Bytes>>;
    /// The vendor's answer with this status (and code, if the fault names one).
    fn refuse(&self, status: u16, code: Option<&str>) -> Response<Bytes>;
    /// Carries the call out.
    fn act(&self, at: Timestamp, effects: &Effects) -> Response<Bytes>;
}

impl Front {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            now,
            faults: Faults::default(),
            log: CallLog::default(),
        }
    }

    pub(crate) async fn pass(
        &self,
        request: &Request<Bytes>,
        sent: Sent,
        desk: &impl Desk,
    ) -> Result<Response<Bytes>, Lost> {
        let at = (self.now)();
        let flight = self.log.begin(entry(request, &sent, at), sent.heavy);
        let effects = self.faults.take(sent.operation, at);
        let limited = desk.admit(at, flight.load());
        if effects.has(&Effect::LoseBefore) {
            return Err(Lost::BeforeActing);
        }
        if let Some(refusal) = limited {
            flight.answered(refusal.status().as_u16());
            return Ok(refusal);
        }
        pause(effects.wait()).await;
        let answer = match effects.refusal() {
            Some((status, code)) => desk.refuse(status, code),
            None => desk.act((self.now)(), &effects),
        };
        pause(effects.hold_answer()).await;
        if effects.has(&Effect::LoseAfter) {
            return Err(Lost::AfterActing);
        }
        flight.answered(answer.status().as_u16());
        Ok(answer)
    }
}

async fn pause(time: std::time::Duration) {
    // Without a fault nothing waits, so that a twin needs no timer.
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn entry(request: &Request<Bytes>, sent: &Sent, at: Timestamp) -> Call {
    Call {
        at,
        operation: sent.operation,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        records: sent.records,
        in_flight: 0,
        status: 0,
    }
}
