//! Chance: everything that a history leaves open is drawn from its seed, in streams that don't disturb each other.

use shared::random::Random;
use std::time::Duration;

/// A stream of draws. Clones share it.
#[derive(Clone, Debug)]
pub struct Chance(Random);

impl Chance {
    /// The stream of a seed that is named `stream`: what one stream draws changes no other.
    #[must_use]
    pub fn new(seed: u64, stream: &str) -> Self {
        let mixed = stream.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Self(Random::seeded(mixed))
    }

    /// The stream as ids and jitter of the product.
    #[must_use]
    pub fn random(&self) -> Random {
        self.0.clone()
    }

    /// A number from `least` to `most`, both included.
    #[must_use]
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.0.next() % (most.saturating_sub(least) + 1)
    }

    /// Whether something happens that happens so many times in a thousand.
    #[must_use]
    pub fn per_mille(&self, rate: u64) -> bool {
        self.0.next() % 1000 < rate
    }

    /// One of these.
    ///
    /// # Panics
    /// When there is nothing to choose from.
    #[must_use]
    pub fn pick<T: Clone>(&self, from: &[T]) -> T {
        let last = u64::try_from(from.len()).unwrap_or(1).saturating_sub(1);
        from[usize::try_from(self.between(0, last)).unwrap_or(0)].clone()
    }

    /// A time between two bounds, in whole milliseconds.
    #[must_use]
    pub fn time(&self, least: Duration, most: Duration) -> Duration {
        Duration::from_millis(self.between(ms(least), ms(most)))
    }
}

/// A duration in whole milliseconds.
#[must_use]
pub fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let draws = |seed, stream| {
            let chance = Chance::new(seed, stream);
            (0..8).map(|_| chance.between(0, 999)).collect::<Vec<_>>()
        };
        assert_eq!(draws(1, "a"), draws(1, "a"));
        assert_ne!(draws(1, "a"), draws(1, "b"));
        assert_ne!(draws(1, "a"), draws(2, "a"));
    }
}
