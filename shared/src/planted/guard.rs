//! Planting, with the feature only: one bug on this thread, until its guard is dropped.

use super::Bug;
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::OnceLock;

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

const _: () = assert!(Bug::ALL.len() <= 64, "each bug has a bit of its own in what was asked");

/// Whether this bug is planted on this thread.
#[must_use]
pub fn planted(bug: Bug) -> bool {
    ASKED.set(ASKED.get() | Asked::bit(bug));
    PLANTED.get() == Some(bug)
}

/// The bugs whose place in the code was come to: where it was not, planting one would have changed nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked(u64);

impl Asked {
    /// Of this thread, since it was last taken.
    #[must_use]
    pub fn take() -> Self {
        Self(ASKED.take())
    }

    /// All of them.
    #[must_use]
    pub const fn everywhere() -> Self {
        Self(u64::MAX)
    }

    /// Whether the place of this bug was come to.
    #[must_use]
    pub const fn contains(self, bug: Bug) -> bool {
        self.0 & Self::bit(bug) != 0
    }

    const fn bit(bug: Bug) -> u64 {
        1 << bug as u32
    }
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

    #[test]
    fn what_was_asked_is_known_until_it_is_taken() {
        let (one, other) = (Bug::UnfencedCommit, Bug::FixedWindow);
        let _ = (Asked::take(), planted(one));
        let asked = Asked::take();
        assert!(asked.contains(one) && !asked.contains(other));
        assert!(!Asked::take().contains(one));
    }
}
