//! One invocation of a function, and how it may end before its time: killed at any await, or frozen and late.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

tokio::task_local! {
    static LIFE: Arc<Life>;
}

/// What is to become of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doom {
    /// It lives until it is done, or until its function's time limit.
    Lives,
    /// Its process dies after this time, wherever it then stands.
    DiesAt(Duration),
    /// Its process dies at its call of this number, before the call goes out.
    DiesBefore(u64),
    /// Its process dies at its call of this number, when the call has had its effect.
    DiesAfter(u64),
    /// Its process stands still from its call of this number on, for this long.
    FreezesAt(u64, Duration),
    /// Its whole machine stands still for so long from its first write to a system on: it comes back after its time,
    /// and after its lease, and finds the answer there.
    Outlives(Duration),
}

/// An invocation that runs.
#[derive(Debug)]
pub struct Life {
    /// Its number in this history.
    pub id: u64,
    /// The function's name.
    pub function: String,
    doom: Doom,
    calls: AtomicU64,
    dead: AtomicBool,
    outlived: AtomicBool,
    thaws: Mutex<Option<Instant>>,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended<T> {
    /// It returned.
    Returned(T),
    /// Its process died.
    Died,
    /// Its function's time limit came first.
    TimedOut,
}

/// The invocation in which the caller runs; none for people and for the world itself.
#[must_use]
pub fn current() -> Option<Arc<Life>> {
    LIFE.try_with(Arc::clone).ok()
}

impl Life {
    /// An invocation that has not begun.
    #[must_use]
    pub fn new(id: u64, function: &str, doom: Doom) -> Arc<Self> {
        Arc::new(Self {
            id,
            function: function.to_owned(),
            doom,
            calls: AtomicU64::new(0),
            dead: AtomicBool::new(false),
            outlived: AtomicBool::new(false),
            thaws: Mutex::new(None),
        })
    }

    /// Counts a call out of the process; freezes the process if that is its doom. The call's number, from 0.
    pub fn begin_call(&self) -> u64 {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if let Doom::FreezesAt(at, length) = self.doom
            && at == number
        {
            *self.thaws.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + length);
        }
        number
    }

    /// A write goes out to a system. Whether the process stands still from here on, and outlives its time.
    pub fn begin_write(&self) -> bool {
        let Doom::Outlives(length) = self.doom else {
            return false;
        };
        if self.outlived.swap(true, Ordering::Relaxed) {
            return false;
        }
        *self.thaws.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + length);
        true
    }

    /// Whether the process dies at this call, before it goes out.
    #[must_use]
    pub fn dies_before(&self, call: u64) -> bool {
        self.doom == Doom::DiesBefore(call)
    }

    /// Whether the process dies at this call, after its effect.
    #[must_use]
    pub fn dies_after(&self, call: u64) -> bool {
        self.doom == Doom::DiesAfter(call)
    }

    /// Ends the process here: what calls this never goes on.
    pub async fn die(&self) -> std::convert::Infallible {
        self.dead.store(true, Ordering::Relaxed);
        std::future::pending().await
    }

    /// Runs the work of an invocation until it returns, dies or runs out of time.
    pub async fn live<T>(self: &Arc<Self>, limit: Duration, work: impl Future<Output = T>) -> Ended<T> {
        let limit = match self.doom {
            // Nobody counts while the machine stands still.
            Doom::Outlives(length) => limit + length,
            _ => limit,
        };
        let mut work = pin!(LIFE.scope(self.clone(), work));
        let (mut limit, mut death) = (pin!(sleep(limit)), pin!(self.death()));
        let mut thaw: std::pin::Pin<Box<Option<Sleep>>> = Box::pin(None);
        poll_fn(move |context| {
            if limit.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ended::TimedOut);
            }
            if death.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ended::Died);
            }
            if let Some(at) = self.thaws.lock().unwrap_or_else(PoisonError::into_inner).take() {
                thaw.set(Some(sleep_until(at)));
            }
            if let Some(frozen) = thaw.as_mut().as_pin_mut() {
                if frozen.poll(context).is_pending() {
                    return Poll::Pending;
                }
                thaw.set(None);
            }
            match work.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready(Ended::Returned(answer)),
                Poll::Pending if self.dead.load(Ordering::Relaxed) => Poll::Ready(Ended::Died),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    async fn death(&self) {
        match self.doom {
            Doom::DiesAt(after) => sleep(after).await,
            _ => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn calls(doom: Doom, limit: u64) -> (Ended<u64>, u64, Duration) {
        let life = Life::new(1, "f", doom);
        let begun = Instant::now();
        let work = async {
            for _ in 0..3 {
                let life = current().unwrap();
                let number = life.begin_call();
                if life.dies_before(number) {
                    life.die().await;
                }
                sleep(Duration::from_secs(1)).await;
                if life.dies_after(number) {
                    life.die().await;
                }
            }
            3
        };
        let ended = life.live(Duration::from_secs(limit), work).await;
        (ended, life.calls.load(Ordering::Relaxed), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn each_doom_ends_as_its_name_says() {
        let second = Duration::from_secs(1);
        let cases = [
            (Doom::Lives, 10, Ended::Returned(3), 3, 3),
            (Doom::Lives, 2, Ended::TimedOut, 2, 2),
            (Doom::DiesAt(second), 10, Ended::Died, 1, 1),
            (Doom::DiesBefore(1), 10, Ended::Died, 2, 1),
            (Doom::DiesAfter(1), 10, Ended::Died, 2, 2),
            (Doom::FreezesAt(1, 5 * second), 10, Ended::Returned(3), 3, 7),
            (Doom::FreezesAt(1, 50 * second), 10, Ended::TimedOut, 2, 10),
            (Doom::Outlives(50 * second), 2, Ended::Returned(3), 3, 3),
        ];
        for (doom, limit, ended, made, took) in cases {
            let (got, calls, elapsed) = calls(doom, limit).await;
            assert_eq!((got, calls, elapsed.as_secs()), (ended, made, took), "{doom:?}");
        }
    }
}
