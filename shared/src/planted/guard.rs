//! Planting, with the feature only: one bug on this thread, until its guard is dropped.

use super::Bug;
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::OnceLock;

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Whether this bug is planted on this thread.
#[must_use]
pub fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

static POISON: OnceLock<String> = OnceLock::new();

/// Makes this process panic on each request that holds the text of `PLANTED_POISON`. What a panic takes along shows in a
/// deployed function only, and that has no test around it which could plant something.
pub fn plant_poison(lookup: &dyn Fn(&str) -> Option<String>) {
    if let Some(text) = lookup("PLANTED_POISON") {
        // A function starts once.
        let _ = POISON.set(text);
    }
}

/// Whether a request is poisoned shows by a panic.
///
/// # Panics
/// That is what it is for.
pub fn poison(request: &[u8]) {
    let Some(text) = POISON.get() else { return };
    let is_poisoned = request.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(!is_poisoned, "poison was planted in this request");
}

/// A planted bug; dropping it digs the bug out. It stays on its thread.
#[derive(Debug)]
#[must_use = "the bug is planted only as long as this lives"]
pub struct Planted(PhantomData<*const ()>);

/// Plants one bug on this thread, in place of any other.
pub fn plant(bug: Bug) -> Planted {
    PLANTED.set(Some(bug));
    Planted(PhantomData)
}

impl Drop for Planted {
    fn drop(&mut self) {
        PLANTED.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_planted_on_its_thread_until_its_guard_is_dropped() {
        let (one, other) = (Bug::UnfencedCommit, Bug::FixedWindow);
        let guard = plant(one);
        assert!(planted(one) && !planted(other));
        assert!(!std::thread::spawn(move || planted(one)).join().unwrap());
        drop(guard);
        assert!(!planted(one));
    }
}
