//! Questions to all queues at once, for a loop that moves the world on.

use super::{Queue, Queues};
use std::collections::BTreeSet;

impl Queues {
    /// When the next hidden message of any queue becomes visible.
    #[must_use]
    pub fn next_visible_anywhere(&self, now_ms: i64) -> Option<i64> {
        let all = &self.state().queues;
        all.values().filter_map(|it| it.next_visible(now_ms)).min()
    }

    /// The names of the queues that hold a message.
    #[must_use]
    pub fn holding(&self) -> BTreeSet<String> {
        let all = &self.state().queues;
        let holds = |it: &(&String, &Queue)| !it.1.is_empty();
        all.iter().filter(holds).map(|it| it.0.clone()).collect()
    }
}
