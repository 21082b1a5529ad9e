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
use stored::{MARGIN, Step, Stored};

const LEASE: Duration = Duration::from_secs(15);
/// Nor is one that this process keeps in its last seconds.
const LEAST: Duration = Duration::from_secs(10);
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
    /// The one that this process used last, and when it expires.
    kept: Arc<Mutex<Option<(Live, i64)>>>,
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
        self.get_for(refused, LEAST).await
    }

    /// A token that calls of this invocation find good, too: fetched before their slots are taken.
    ///
    /// # Errors
    /// As [`Tokens::get`].
    pub async fn get_ahead(&self) -> Result<Live, CallError> {
        self.get_for(None, MARGIN).await
    }

    async fn get_for(&self, refused: Option<u64>, left: Duration) -> Result<Live, CallError> {
        if let Some(live) = self.kept(refused, left) {
            return Ok(live);
        }
        for _ in 0..POLLS {
            let stored = self.read().await?;
            let now = self.clock.now_ms();
            let found = stored.as_ref().map(|it| it.body.clone()).unwrap_or_default();
            match found.step(now, refused) {
                Step::Use(live) => {
                    self.keep(&live, found.expires_ms);
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

    /// The token that this process used last, if it is good for so long: what became of it since, the system itself says.
    fn kept(&self, refused: Option<u64>, left: Duration) -> Option<Live> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (live, expires_ms) = kept.as_ref()?;
        let is_good = *expires_ms > self.clock.now_ms() + ms(left) && refused.is_none_or(|it| live.version > it);
        is_good.then(|| live.clone())
    }

    /// Of two tasks of one process the later version stays.
    fn keep(&self, live: &Live, expires_ms: i64) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|it| it.1 <= expires_ms) {
            *kept = Some((live.clone(), expires_ms));
        }
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
        let put = self.write(&stored, rev.as_deref()).await?;
        if let Some(error) = failure {
            return Err(error);
        }
        let live = stored.live();
        // One that is not stored is used once: its version is another one's.
        if let (Some(live), Put::Done(_)) = (&live, put) {
            self.keep(live, stored.expires_ms);
        }
        Ok(live)
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
