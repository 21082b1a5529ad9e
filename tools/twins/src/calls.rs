//! What a twin was asked: every call, and the limits that callers broke.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use crate::locked;

/// One call. Bodies are not kept, only how many records they carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it was sent.
    pub at: Timestamp,
    /// The operation's name, as in [`crate::Faults`]; `unknown` for a path that does not exist.
    pub operation: &'static str,
    /// HTTP method.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// Query as it was sent, or empty.
    pub query: String,
    /// Records in the body.
    pub records: usize,
    /// Calls in flight at that moment, with this one.
    pub in_flight: usize,
    /// The answer's status; 0 while in flight or when the connection broke.
    pub status: u16,
}

/// What is in flight at a moment, with the call that asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) all: usize,
    pub(crate) heavy: usize,
}

#[derive(Debug, Default)]
struct Log {
    calls: Vec<Call>,
    violations: Vec<String>,
    in_flight: usize,
    heavy: usize,
}

/// The log of a twin. Cheap to clone; clones share the log.
#[derive(Debug, Clone, Default)]
pub struct CallLog(Arc<Mutex<Log>>);

impl CallLog {
    /// All calls since the start or the last [`CallLog::clear`].
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.0).calls.clone()
    }

    /// How many calls of an operation there were.
    pub fn count(&self, operation: &str) -> usize {
        locked(&self.0)
            .calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// The limits that callers broke, each with its instant, judged at the moment of sending.
    pub fn violations(&self) -> Vec<String> {
        locked(&self.0).violations.clone()
    }

    /// Forgets calls and violations; what is in flight stays so.
    pub fn clear(&self) {
        let mut log = locked(&self.0);
        log.calls.clear();
        log.violations.clear();
    }

    pub(crate) fn violation(&self, at: Timestamp, what: &str) {
        locked(&self.0).violations.push(format!("{at} {what}"));
    }

    /// Counts a call as sent and in flight until the [`Flight`] is dropped.
    pub(crate) fn begin(&self, mut call: Call, heavy: bool) -> Flight {
        let mut log = locked(&self.0);
        log.in_flight += 1;
        log.heavy += usize::from(heavy);
        call.in_flight = log.in_flight;
        let load = Load {
            all: log.in_flight,
            heavy: log.heavy,
        };
        let flight = Flight {
            log: self.clone(),
            place: log.calls.len(),
            at: call.at,
            heavy,
            load,
        };
        log.calls.push(call);
        flight
    }
}

/// A call in flight. Dropping it (also when the caller gives up) ends the flight.
#[derive(Debug)]
pub(crate) struct Flight {
    log: CallLog,
    place: usize,
    at: Timestamp,
    heavy: bool,
    load: Load,
}

impl Flight {
    pub(crate) fn load(&self) -> Load {
        self.load
    }

    pub(crate) fn answered(&self, status: u16) {
        // The log may have been cleared meanwhile: then this place is another call's, sent at another time.
        if let Some(call) = locked(&self.log.0).calls.get_mut(self.place)
            && call.at == self.at
        {
            call.status = status;
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut log = locked(&self.log.0);
        log.in_flight -= 1;
        log.heavy -= usize::from(self.heavy);
    }
}
