//! Faults at the edge: one hook that is asked at every call out of the process, whatever it calls.
//!
//! The hook decides from what it is told ([`CallInfo`]) and from its own state (a seed), so a history can be replayed.
//! A crash is a call that never returns: the process is dropped at that point, before or after the effect.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One call out of the process, as the hook sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallInfo<'a> {
    /// Who is called: `dynamodb`, `sqs`, `zoho_crm` …
    pub service: &'a str,
    /// What is asked: `PutItem`, `POST /crm/v8/Leads/upsert` …
    pub operation: &'a str,
    /// How many calls of all services went before this one.
    pub index: u64,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes through.
    Pass,
    /// It fails and has no effect.
    Fail(Failure),
    /// It has its effect, and the answer is lost.
    LoseAnswer,
    /// It never returns and has no effect: a crash before.
    HangBefore,
    /// It has its effect and never returns: a crash after.
    HangAfter,
    /// It waits, then goes through.
    DelayBefore(Duration),
    /// It has its effect, then the answer takes its time.
    DelayAfter(Duration),
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The service answers that there are too many calls.
    Throttled,
    /// The service answers that it is broken.
    ServerError,
    /// The service answers that another transaction is at work on the same items (DynamoDB only).
    Conflict,
    /// No connection: the service cannot have acted.
    NotSent,
    /// Sent, and no answer: the service may have acted.
    NoAnswer,
}

/// Decides what becomes of each call.
pub type Hook = Arc<dyn Fn(&CallInfo<'_>) -> Verdict + Send + Sync>;

/// The hook in force and the calls counted so far. Clones share both.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hook: Option<Hook>,
    total: u64,
    counts: BTreeMap<(String, String), u64>,
}

impl Faults {
    /// Every call passes until [`Faults::set`].
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Puts a hook in place of the one before.
    pub fn set(&self, hook: impl Fn(&CallInfo<'_>) -> Verdict + Send + Sync + 'static) {
        self.state().hook = Some(Arc::new(hook));
    }

    /// From now on every call passes.
    pub fn clear(&self) {
        self.state().hook = None;
    }

    /// How many calls of `operation` at `service` were begun.
    #[must_use]
    pub fn count(&self, service: &str, operation: &str) -> u64 {
        let key = (service.to_owned(), operation.to_owned());
        self.state().counts.get(&key).copied().unwrap_or(0)
    }

    /// All calls begun, by service and operation.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(String, String), u64> {
        self.state().counts.clone()
    }

    /// Counts a call, asks the hook, and runs `effect` accordingly.
    ///
    /// `effect` must do nothing until it is polled.
    ///
    /// # Errors
    /// The failure that the hook asked for.
    pub async fn around<T>(
        &self,
        service: &str,
        operation: &str,
        effect: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        match self.verdict(service, operation) {
            Verdict::Pass => Ok(effect.await),
            Verdict::Fail(failure) => Err(failure),
            Verdict::LoseAnswer => {
                effect.await;
                Err(Failure::NoAnswer)
            }
            Verdict::HangBefore => std::future::pending().await,
            Verdict::HangAfter => {
                effect.await;
                std::future::pending().await
            }
            Verdict::DelayBefore(wait) => {
                tokio::time::sleep(wait).await;
                Ok(effect.await)
            }
            Verdict::DelayAfter(wait) => {
                let answer = effect.await;
                tokio::time::sleep(wait).await;
                Ok(answer)
            }
        }
    }

    fn verdict(&self, service: &str, operation: &str) -> Verdict {
        let (hook, index) = self.state().begin(service, operation);
        let info = CallInfo {
            service,
            operation,
            index,
        };
        // Asked outside the lock: a hook may look at the counts.
        hook.map_or(Verdict::Pass, |hook| hook(&info))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(&mut self, service: &str, operation: &str) -> (Option<Hook>, u64) {
        let index = self.total;
        self.total += 1;
        *self
            .counts
            .entry((service.to_owned(), operation.to_owned()))
            .or_default() += 1;
        (self.hook.clone(), index)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Faults")
            .field("hooked", &state.hook.is_some())
            .field("total", &state.total)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    async fn run(verdict: Verdict) -> (Option<Result<u8, Failure>>, bool, Duration) {
        let faults = Faults::none();
        faults.set(move |_| verdict);
        let acted = Cell::new(false);
        let start = tokio::time::Instant::now();
        let effect = async {
            acted.set(true);
            7
        };
        let call = faults.around("sqs", "SendMessage", effect);
        let answer = tokio::time::timeout(Duration::from_secs(60), call).await.ok();
        (answer, acted.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn each_verdict_acts_and_answers_as_its_name_says() {
        let minute = Duration::from_secs(60);
        let second = Duration::from_secs(1);
        let cases = [
            (Verdict::Pass, Some(Ok(7)), true, Duration::ZERO),
            (
                Verdict::Fail(Failure::Throttled),
                Some(Err(Failure::Throttled)),
                false,
                Duration::ZERO,
            ),
            (Verdict::LoseAnswer, Some(Err(Failure::NoAnswer)), true, Duration::ZERO),
            (Verdict::HangBefore, None, false, minute),
            (Verdict::HangAfter, None, true, minute),
            (Verdict::DelayBefore(second), Some(Ok(7)), true, second),
            (Verdict::DelayAfter(second), Some(Ok(7)), true, second),
        ];
        for (verdict, answer, acted, took) in cases {
            let (got, did, elapsed) = run(verdict).await;
            assert_eq!((got, did), (answer, acted), "{verdict:?}");
            assert!(
                elapsed >= took && elapsed < took + Duration::from_millis(5),
                "{verdict:?} took {elapsed:?}"
            );
        }
    }

    #[tokio::test]
    async fn calls_are_counted_and_numbered_across_services() {
        let faults = Faults::none();
        faults.set(|call| match call.index {
            1 => Verdict::Fail(Failure::NotSent),
            _ => Verdict::Pass,
        });
        assert_eq!(faults.around("sqs", "A", async { 1 }).await, Ok(1));
        assert_eq!(faults.around("zoho_crm", "B", async { 2 }).await, Err(Failure::NotSent));
        assert_eq!(faults.around("sqs", "A", async { 3 }).await, Ok(3));
        assert_eq!(
            (
                faults.count("sqs", "A"),
                faults.count("zoho_crm", "B"),
                faults.count("x", "y")
            ),
            (2, 1, 0)
        );
    }
}
