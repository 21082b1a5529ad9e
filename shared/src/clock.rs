//! Now, and waiting: the only place that asks for the time.
//!
//! Waiting is always tokio's timer. A virtual clock counts from a given instant along tokio's own clock,
//! which a test or the simulation pauses, so that sleeping and telling the time stay one thing.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Tells the time (UTC) and waits. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock {
    origin: Option<(Timestamp, tokio::time::Instant)>,
    skew: SignedDuration,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            origin: None,
            skew: SignedDuration::ZERO,
        }
    }

    /// A clock that shows `start` now and moves with tokio's (pausable) clock.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self {
            origin: Some((start, tokio::time::Instant::now())),
            skew: SignedDuration::ZERO,
        }
    }

    /// The same clock, wrong by `skew`: no two machines agree on the time.
    #[must_use]
    pub fn skewed(&self, skew: SignedDuration) -> Self {
        Self { skew, ..self.clone() }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let true_time = match self.origin {
            None => system_now(),
            Some((start, since)) => start + SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::ZERO),
        };
        true_time + self.skew
    }

    /// The present instant in whole milliseconds of the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// How long it is until `at`; nothing, if that is past.
    #[must_use]
    pub fn until(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO)
    }

    /// Waits.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for the time"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}
