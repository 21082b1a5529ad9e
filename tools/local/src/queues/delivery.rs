//! In what order, how often and how late messages arrive: SQS promises little, and a seed chooses within that.

use shared::random::Random;
use std::time::Duration;

/// Chooses order, copies and extra delay. The same seed and the same calls give the same choices.
#[derive(Clone, Debug)]
pub struct Delivery {
    random: Option<Random>,
    /// How many messages in a thousand arrive twice.
    pub duplicates_per_mille: u64,
    /// How many messages in a thousand are late, and copies always are.
    pub late_per_mille: u64,
    /// The longest extra delay.
    pub latest: Duration,
}

impl Delivery {
    /// In the order of sending, once, at once.
    #[must_use]
    pub fn in_order() -> Self {
        Self {
            random: None,
            duplicates_per_mille: 0,
            late_per_mille: 0,
            latest: Duration::ZERO,
        }
    }

    /// In any order; one in ten twice; one in five up to two minutes late.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            random: Some(Random::seeded(seed)),
            duplicates_per_mille: 100,
            late_per_mille: 200,
            latest: Duration::from_secs(120),
        }
    }

    /// For each copy of one message, its extra delay. There is at least one.
    pub(super) fn copies(&self) -> Vec<Duration> {
        let Some(random) = &self.random else {
            return vec![Duration::ZERO];
        };
        let late = random.next() % 1000 < self.late_per_mille;
        let mut copies = vec![if late {
            random.up_to(self.latest)
        } else {
            Duration::ZERO
        }];
        if random.next() % 1000 < self.duplicates_per_mille {
            copies.push(random.up_to(self.latest));
        }
        copies
    }

    /// The order in which `visible` (oldest first) are given out.
    pub(super) fn order(&self, visible: &[u64]) -> Vec<u64> {
        let mut order = visible.to_vec();
        let Some(random) = &self.random else {
            return order;
        };
        for last in (1..order.len()).rev() {
            let bound = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
            let other = usize::try_from(random.next() % bound).unwrap_or(last);
            order.swap(last, other);
        }
        order
    }
}
