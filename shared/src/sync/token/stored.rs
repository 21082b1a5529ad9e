//! What is stored of an account's token, and what follows from it. Pure.

use super::{Live, ms};
use crate::systems::CallError;
use crate::systems::zoho_accounts::{Access, MINT_WINDOW, MintError, Minted};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Half of Zoho's limit: the rest is left to other programs of the same connection.
const MOST_MINTS: usize = 5;
/// A token is not taken from the table in its last minute.
pub(super) const MARGIN: Duration = Duration::from_secs(60);

#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) access_token: Option<String>,
    pub(super) api_domain: Option<String>,
    pub(super) expires_ms: i64,
    pub(super) version: u64,
    pub(super) lease_until_ms: i64,
    /// When tokens were asked for, in the last ten minutes.
    pub(super) mints_ms: Vec<i64>,
    /// Ask for none before this.
    pub(super) blocked_until_ms: i64,
    pub(super) blocked_why: String,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What to do next, given what is stored. Pure.
pub(super) enum Step {
    Use(Live),
    /// Somebody else is at it.
    Poll,
    Mint,
    Wait(Duration, String),
}

impl Stored {
    fn is_good(&self, now: i64, refused: Option<u64>) -> bool {
        self.expires_ms > now + ms(MARGIN) && refused != Some(self.version)
    }

    pub(super) fn step(&self, now: i64, refused: Option<u64>) -> Step {
        if let Some(live) = self.live().filter(|_| self.is_good(now, refused)) {
            return Step::Use(live);
        }
        if self.blocked_until_ms > now {
            return Step::Wait(from_ms(self.blocked_until_ms - now), self.blocked_why.clone());
        }
        if self.lease_until_ms > now {
            return Step::Poll;
        }
        let recent: Vec<i64> = self
            .mints_ms
            .iter()
            .copied()
            .filter(|at| now - at < ms(MINT_WINDOW))
            .collect();
        match recent.first() {
            Some(oldest) if recent.len() >= MOST_MINTS => {
                let why = format!("{MOST_MINTS} access tokens were asked for in ten minutes");
                Step::Wait(from_ms(oldest + ms(MINT_WINDOW) - now), why)
            }
            _ => Step::Mint,
        }
    }

    /// Takes down what the accounts server answered.
    pub(super) fn note(&mut self, answer: Result<Minted, MintError>, now: i64) -> Option<CallError> {
        let (wait, error) = match answer {
            Ok(minted) => {
                self.access_token = Some(minted.access_token.expose_secret().to_owned());
                self.api_domain = minted.api_domain.map(String::from);
                self.expires_ms = now + ms(minted.expires_in);
                self.version += 1;
                self.blocked_until_ms = 0;
                return None;
            }
            Err(MintError::WaitOut { wait, why }) => (wait, CallError::Wait { wait: Some(wait), why }),
            Err(MintError::Reconnect(why)) => (
                Duration::from_secs(300),
                CallError::Forbidden(format!("reconnect: {why}")),
            ),
            Err(MintError::Later(why)) => (Duration::ZERO, CallError::Later(why)),
        };
        self.blocked_until_ms = now + ms(wait);
        self.blocked_why = error.to_string();
        Some(error)
    }

    pub(super) fn live(&self) -> Option<Live> {
        let token = SecretString::from(self.access_token.clone()?);
        let api_domain = self.api_domain.as_ref().and_then(|it| it.parse().ok());
        Some(Live {
            access: Access { token, api_domain },
            version: self.version,
        })
    }
}

fn from_ms(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(mints: &[i64]) -> Stored {
        let token = Some("t".into());
        Stored {
            access_token: token,
            expires_ms: 3_600_000,
            version: 3,
            mints_ms: mints.to_vec(),
            ..Stored::default()
        }
    }

    #[test]
    fn a_refused_version_is_not_used_again() {
        assert!(matches!(stored(&[]).step(0, None), Step::Use(Live { version: 3, .. })));
        assert!(matches!(stored(&[]).step(0, Some(2)), Step::Use(_)));
        assert!(matches!(stored(&[]).step(0, Some(3)), Step::Mint));
    }

    #[test]
    fn the_sixth_mint_in_ten_minutes_waits() {
        let busy = stored(&[0, 1, 2, 3, 4]);
        assert!(matches!(busy.step(1_000, Some(3)), Step::Wait(it, _) if it == Duration::from_secs(599)));
        assert!(matches!(busy.step(600_000, Some(3)), Step::Mint));
    }

    #[test]
    fn one_refresher_at_a_time() {
        let leased = Stored {
            lease_until_ms: 10,
            ..stored(&[])
        };
        assert!(matches!(leased.step(5, Some(3)), Step::Poll));
        assert!(matches!(leased.step(11, Some(3)), Step::Mint));
    }
}
