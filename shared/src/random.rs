//! Randomness and ids, from one source that a test can seed.

use crate::clock::Clock;
use ring::rand::SecureRandom as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A source of random numbers and of ids. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Random(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Seeded(Arc<Mutex<u64>>),
}

impl Random {
    /// The operating system's generator.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The same numbers for the same seed (SplitMix64): tests and the simulation only.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(seed))))
    }

    /// Sixty-four random bits.
    #[must_use]
    pub fn next(&self) -> u64 {
        match &self.0 {
            Source::System => {
                let mut bytes = [0; 8];
                // A generator that fails leaves zeros: an id that clashes is refused by its condition, never written twice.
                let _ = ring::rand::SystemRandom::new().fill(&mut bytes);
                u64::from_le_bytes(bytes)
            }
            Source::Seeded(state) => splitmix(&mut state.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// A duration between zero and `most`, evenly spread (full jitter).
    #[must_use]
    pub fn up_to(&self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.next() % most.saturating_add(1))
    }

    /// A ULID: sorts by the clock's time.
    #[must_use]
    pub fn ulid(&self, clock: &Clock) -> String {
        let ms = u64::try_from(clock.now_ms()).unwrap_or(0);
        ulid::Ulid::from_parts(ms, self.wide()).to_string()
    }

    /// A random (version 4) UUID.
    #[must_use]
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.wide().to_le_bytes())
            .into_uuid()
            .to_string()
    }

    fn wide(&self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
