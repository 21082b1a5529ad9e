//! Access tokens, shared by all functions through one item per account: one refresher at a time, under a lease.
//!
//! Zoho mints ten tokens in ten minutes for one refresh token and then refuses all of them (docs/vendors.md §1.2), so
//! each ask is counted before it is made and we stop at five. A refused token is refreshed at most once per version.

use crate::clock::Clock;
use crate::config::ZohoConfig;
use crate::planted::{Bug, planted};
use crate::random::Random;
use crate::store::{Item, Places, Put, Store, keys};
use crate::systems::CallError;
use crate::systems::http::Http;
use crate::systems::zoho_accounts::{Access, MINT_WINDOW, MintError, Minted, refresh};
use anyhow::Result;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Half of Zoho's limit: the rest is left to other programs of the same connection.
const MOST_MINTS: usize = 5;
const LEASE: Duration = Duration::from_secs(15);
/// A token is not used in its last minute.
const MARGIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);
const POLLS: u32 = 40;

/// The tokens of one account. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tokens {
    store: Store,
    http: Http,
    clock: Clock,
    random: Random,
    zoho: ZohoConfig,
    account: String,
}

/// A token in use, and its version: what a refusal refers to.
#[derive(Clone, Debug)]
pub struct Live {
    /// What a call shows.
    pub access: Access,
    /// Grows with each refresh.
    pub version: u64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Stored {
    access_token: Option<String>,
    api_domain: Option<String>,
    expires_ms: i64,
    version: u64,
    lease_until_ms: i64,
    /// When tokens were asked for, in the last ten minutes.
    mints_ms: Vec<i64>,
    /// Ask for none before this.
    blocked_until_ms: i64,
    blocked_why: String,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What to do next, given what is stored. Pure.
enum Step {
    Use(Live),
    /// Somebody else is at it.
    Poll,
    Mint,
    Wait(Duration, String),
}

/// Until when an account's present token is good; `None` where there is none.
///
/// # Errors
/// When the table does not answer.
pub async fn expiry(store: &Store, account: &str) -> Result<Option<Timestamp>> {
    let stored = store.get::<Stored>(&keys::token(account)).await?;
    let token = stored.filter(|it| it.body.access_token.is_some());
    Ok(token.map(|it| instant(it.body.expires_ms)))
}

impl Tokens {
    /// The tokens of the account that `zoho` names.
    #[must_use]
    pub fn new(store: Store, http: Http, clock: Clock, random: Random, zoho: ZohoConfig) -> Self {
        let secret = zoho.credentials.refresh_token.expose_secret();
        let parts = format!("{} {} {secret}", zoho.accounts.host(), zoho.credentials.client_id);
        let account = keys::sha256(parts.as_bytes());
        Self {
            store,
            http,
            clock,
            random,
            zoho,
            account,
        }
    }

    /// The account's name in the table: a hash, no secret.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// A token that is good now; not the version that was just refused.
    ///
    /// # Errors
    /// What the caller's call then ends with: wait, later, or a person must reconnect.
    pub async fn get(&self, refused: Option<u64>) -> Result<Live, CallError> {
        for _ in 0..POLLS {
            let stored = self.read().await?;
            let now = self.clock.now_ms();
            let found = stored.as_ref().map(|it| it.body.clone()).unwrap_or_default();
            match found.step(now, refused) {
                Step::Use(live) => return Ok(live),
                Step::Wait(wait, why) => return Err(CallError::Wait { wait: Some(wait), why }),
                Step::Poll => self.clock.sleep(POLL / 2 + self.random.up_to(POLL)).await,
                Step::Mint => {
                    if let Some(live) = self.mint(found, stored.map(|it| it.rev)).await? {
                        return Ok(live);
                    }
                }
            }
        }
        Err(CallError::Later(
            "another function is still refreshing the access token".into(),
        ))
    }

    async fn read(&self) -> Result<Option<Item<Stored>>, CallError> {
        self.store.get(&keys::token(&self.account)).await.map_err(later)
    }

    async fn write(&self, stored: &Stored, rev: Option<&str>) -> Result<Put, CallError> {
        self.store
            .put(&keys::token(&self.account), stored, rev, &Places::default())
            .await
            .map_err(later)
    }

    /// Takes the lease, counts, asks, stores. `None`: somebody else was first.
    async fn mint(&self, mut stored: Stored, mut rev: Option<String>) -> Result<Option<Live>, CallError> {
        let now = self.clock.now_ms();
        stored.lease_until_ms = now + ms(LEASE);
        stored.mints_ms.retain(|at| now - at < ms(MINT_WINDOW));
        if !planted(Bug::MintNotCounted) {
            stored.mints_ms.push(now);
        }
        if !planted(Bug::RefreshWithoutLease) {
            let Put::Done(leased) = self.write(&stored, rev.as_deref()).await? else {
                return Ok(None);
            };
            rev = Some(leased);
        }
        let answer = refresh(&self.http, &self.zoho.accounts, &self.zoho.credentials).await;
        stored.lease_until_ms = 0;
        let failure = stored.note(answer, self.clock.now_ms());
        self.write(&stored, rev.as_deref()).await?;
        match failure {
            Some(error) => Err(error),
            None => Ok(stored.live()),
        }
    }
}

impl Stored {
    fn step(&self, now: i64, refused: Option<u64>) -> Step {
        let good = self.expires_ms > now + ms(MARGIN) && refused != Some(self.version);
        if let Some(live) = self.live().filter(|_| good) {
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
    fn note(&mut self, answer: Result<Minted, MintError>, now: i64) -> Option<CallError> {
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

    fn live(&self) -> Option<Live> {
        let token = SecretString::from(self.access_token.clone()?);
        let api_domain = self.api_domain.as_ref().and_then(|it| it.parse().ok());
        Some(Live {
            access: Access { token, api_domain },
            version: self.version,
        })
    }
}

fn later(error: anyhow::Error) -> CallError {
    CallError::Later(format!("the token's item: {error:#}"))
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn from_ms(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// The instant `ms` milliseconds into the Unix epoch.
#[must_use]
pub fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
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
