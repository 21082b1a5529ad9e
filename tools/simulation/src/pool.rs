//! Threads that run histories side by side. Each history is on one thread from beginning to end.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, scope};
use std::time::{Duration, Instant};

/// Deep futures of unoptimised builds need more than a thread's usual two megabytes.
const STACK: usize = 16 << 20;
/// A history that takes longer, by the wall's clock, is told of.
const LONG: Duration = Duration::from_secs(30);
/// How often somebody looks whether a history takes long.
const LOOK: Duration = Duration::from_millis(250);

/// What the one who waits is told.
#[derive(Debug)]
pub enum News<R> {
    /// Something is done.
    Done(R),
    /// This has been under way for so long that somebody should know; told once.
    Long(String),
    /// Nothing new for a moment.
    Nothing,
}

/// Locks what cannot be left half-done by a panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does all that `supply` gives on so many threads, and tells the caller's thread what comes of it.
///
/// # Errors
/// When a thread can't be started; what runs is ended first.
pub fn each<T: ToString, R: Send>(
    jobs: usize,
    supply: impl Fn() -> Option<T> + Sync,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(News<R>),
) -> std::io::Result<()> {
    let under_way = Mutex::new(BTreeMap::<usize, (String, Instant)>::new());
    let (sender, receiver) = channel();
    scope(|scope| {
        for job in 0..jobs {
            let (supply, work, under_way, sender) = (&supply, &work, &under_way, sender.clone());
            Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
                while let Some(task) = supply() {
                    lock(under_way).insert(job, (task.to_string(), Instant::now()));
                    let done = work(task);
                    lock(under_way).remove(&job);
                    if sender.send(done).is_err() {
                        return;
                    }
                }
            })?;
        }
        drop(sender);
        let mut told = Vec::new();
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(done) => take(News::Done(done)),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => take(News::Nothing),
            }
            for name in long(&lock(&under_way), &mut told) {
                take(News::Long(name));
            }
        }
    })
}

fn long(under_way: &BTreeMap<usize, (String, Instant)>, told: &mut Vec<Instant>) -> Vec<String> {
    let mut long = Vec::new();
    for (name, since) in under_way.values() {
        if since.elapsed() > LONG && !told.contains(since) {
            told.push(*since);
            long.push(name.clone());
        }
    }
    long
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn all_that_is_supplied_is_done_once() {
        let next = AtomicU64::new(0);
        let supply = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|it| *it < 100);
        let mut sum = 0;
        let take = |news| {
            if let News::Done(number) = news {
                sum += number;
            }
        };
        each(3, supply, |it| it, take).unwrap();
        assert_eq!(sum, 4950);
    }

    #[test]
    fn what_takes_long_is_told_once() {
        let since = Instant::now().checked_sub(2 * LONG).unwrap();
        let under_way = BTreeMap::from([(0, ("7".to_owned(), since)), (1, ("8".to_owned(), Instant::now()))]);
        let mut told = Vec::new();
        assert_eq!(long(&under_way, &mut told), ["7"]);
        assert_eq!(long(&under_way, &mut told), [""; 0]);
    }
}
