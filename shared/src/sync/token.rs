//! Access tokens, shared by all functions through one item per account: one refresher at a time, under a lease.
//!
//! Zoho mints ten tokens in ten minutes for one refresh token and then refuses all of them (docs/vendors.md §1.2), so
//! each ask is counted before it is made and we stop at five. A refused token is refreshed at most once per version.

mod stored;

use crate::clock::Clock;
use crate::config::ZohoConfig;
use crate::planted::{Bug, planted};
use crate::random::Random;
use crate::store::{Item, Places, Put, Store, keys};
use crate::systems::CallError;
use crate::systems::http::Http;
use crate::systems::zoho_accounts::{Access, MINT_WINDOW, refresh};
use anyhow::Result;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stored::{Step, Stored};

const LEASE: Duration = Duration::from_secs(15);
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
    /// The one that this process used last.
    kept: Arc<Mutex<Option<Stored>>>,
}

/// A token in use, and its version: what a refusal refers to.
#[derive(Clone, Debug)]
pub struct Live {
    /// What a call shows.
    pub access: Access,
    /// Grows with each refresh.
    pub version: u64,
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
            kept: Arc::default(),
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
        if let Some(live) = self.kept(refused) {
            return Ok(live);
        }
        for _ in 0..POLLS {
            let stored = self.read().await?;
            let now = self.clock.now_ms();
            let found = stored.as_ref().map(|it| it.body.clone()).unwrap_or_default();
            match found.step(now, refused) {
                Step::Use(live) => {
                    self.keep(found);
                    return Ok(live);
                }
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

    /// The token that this process used last, as long as it is good: what became of it since, the system itself says.
    fn kept(&self, refused: Option<u64>) -> Option<Live> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = kept.as_ref()?;
        stored.is_good(self.clock.now_ms(), refused).then(|| stored.live())?
    }

    fn keep(&self, stored: Stored) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(stored);
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
            None => {
                let live = stored.live();
                self.keep(stored);
                Ok(live)
            }
        }
    }
}

fn later(error: anyhow::Error) -> CallError {
    CallError::Later(format!("the token's item: {error:#}"))
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The instant `ms` milliseconds into the Unix epoch.
#[must_use]
pub fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}
