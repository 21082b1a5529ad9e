//! Zoho's accounts host (docs/vendors.md §1.2): one app whose tokens are good for every product of Zoho that has a
//! twin here. Operations for faults and log, in the product's twin that is asked: `token`, `revoke`.

mod oauth;
mod scopes;
mod settings;
mod tokens;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, Method, header};
use jiff::Timestamp;

pub use settings::Settings;

use crate::journal::Journal;
use crate::locked;
use tokens::Tokens;

pub(crate) use oauth::{Ask, answer};

const FILE: &str = "zoho-accounts.jsonl";

/// The accounts host. Cheap to clone; clones are the same host, so that a token got through one product's twin is
/// good at another's that was given the same.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    settings: Settings,
    state: Mutex<State>,
}

struct State {
    tokens: Tokens,
    journal: Option<Journal>,
}

/// Why a call is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// No token in Zoho's own scheme.
    NoToken,
    /// The token is not known, too old or revoked.
    DeadToken,
    /// The app was not granted what the call needs.
    Scope,
}

impl Accounts {
    /// A host in memory.
    pub fn new(settings: Settings) -> Self {
        let tokens = Tokens::new(&settings.refresh_tokens);
        Self::with(settings, State { tokens, journal: None })
    }

    /// A durable host: every token is on disk before the answer.
    ///
    /// # Errors
    /// When the directory can't be read or written, or holds something else.
    pub fn open(settings: Settings, dir: &Path) -> io::Result<Self> {
        let mut tokens = Tokens::new(&settings.refresh_tokens);
        let journal = Journal::open(dir, FILE, |last| tokens = last)?;
        let state = State {
            tokens,
            journal: Some(journal),
        };
        Ok(Self::with(settings, state))
    }

    fn with(settings: Settings, state: State) -> Self {
        Self(Arc::new(Inner {
            settings,
            state: Mutex::new(state),
        }))
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// A grant code, as after a person's consent.
    pub fn grant_code(&self, now: Timestamp) -> String {
        // A journal that fails here fails again on the next call, where it can be answered.
        let (code, _) = self.change(|tokens| tokens.grant(now));
        code
    }

    /// An administrator revokes a refresh token (with its access tokens) or an access token.
    pub fn revoke(&self, token: &str) -> bool {
        let (revoked, _) = self.change(|tokens| tokens.revoke(token));
        revoked
    }

    /// Kills all access tokens; refresh tokens stay good.
    pub(crate) fn revoke_access(&self) {
        drop(self.change(Tokens::revoke_access));
    }

    /// Checks `Authorization: Zoho-oauthtoken …` and the scopes of an operation.
    pub(crate) fn authorise(&self, headers: &HeaderMap, scopes: &[String], now: Timestamp) -> Result<(), Denied> {
        let header = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Zoho-oauthtoken "));
        let token = token.ok_or(Denied::NoToken)?;
        if !locked(&self.0.state).tokens.is_live(token.trim(), now) {
            return Err(Denied::DeadToken);
        }
        let granted = &self.0.settings.scopes;
        let covered = |needed: &String| granted.iter().any(|it| scopes::covers(it, needed));
        match scopes.iter().all(covered) {
            true => Ok(()),
            false => Err(Denied::Scope),
        }
    }

    fn change<T>(&self, act: impl FnOnce(&mut Tokens) -> T) -> (T, io::Result<()>) {
        let mut state = locked(&self.0.state);
        let result = act(&mut state.tokens);
        let State { tokens, journal } = &mut *state;
        let kept = journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.append(std::slice::from_ref(tokens)));
        (result, kept)
    }
}

/// The operation at the accounts host that a path means; `Err` is the wrong method for it.
pub(crate) fn route(method: &Method, path: &str) -> Option<Result<Ask, ()>> {
    let ask = match path {
        "/oauth/v2/token" => Ask::Token,
        "/oauth/v2/token/revoke" => Ask::Revoke,
        _ => return None,
    };
    Some(if *method == Method::POST { Ok(ask) } else { Err(()) })
}
