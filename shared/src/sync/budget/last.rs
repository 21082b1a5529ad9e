//! What this process last saw of each system's budget: a state to write against without reading it again.

use super::{Budget, Mode};
use crate::model::System;
use crate::store::Item;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// An older one was mostly written to by somebody since, and a refused write costs more than a read.
const GOOD: SignedDuration = SignedDuration::from_secs(10);

/// The budgets as this process last saw them. No write counts on them alone: one against an older state is refused.
#[derive(Debug, Default)]
pub struct Last(Mutex<BTreeMap<System, (Timestamp, Item<Budget>)>>);

impl Last {
    /// Remembers what was read or written at `now`, if no calls of others were under way: they will write, too.
    pub(super) fn keep(&self, system: &System, item: Item<Budget>, is_alone: bool, now: Timestamp) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_alone {
            last.insert(system.clone(), (now, item));
        } else {
            last.remove(system);
        }
    }

    /// Gives what is remembered, once: of several tasks in one process only one can be right with it.
    pub(super) fn claim(&self, system: &System, now: Timestamp) -> Option<Item<Budget>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, item) = last.remove(system)?;
        (now.duration_since(at) <= GOOD).then_some(item)
    }

    /// Whether the system was on just now.
    pub(super) fn was_on(&self, system: &System, now: Timestamp) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(system)
            .is_some_and(|(at, item)| now.duration_since(*at) <= GOOD && item.body.mode == Mode::On)
    }
}
