//! Keys of the API: only hashes are stored, each with its scope.

use crate::app::App;
use crate::intake::same;
use crate::model::Class;
use crate::store::{DueIndex, Places, Put, keys};
use anyhow::Result;
use jiff::Timestamp;
use lambda_http::Request;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Billing's API.
    Billing,
    /// The leads' API.
    Leads,
    /// The crons' routes.
    Crons,
    /// Reading for operators.
    OperatorRead,
    /// Acting for operators.
    OperatorWrite,
}

/// A key, as it is stored under its hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it opens.
    pub scopes: BTreeSet<Scope>,
    /// Whose it is.
    pub name: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Set when it opens nothing any more.
    pub revoked: bool,
}

/// Who calls: a key that was found good. Comes only from [`caller`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(String);

impl Caller {
    /// The hash of the key: tells callers apart.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.0
    }
}

/// Who calls, if the request carries a key of the scope.
///
/// # Errors
/// When the table does not answer.
pub async fn caller(app: &App, request: &Request, scope: Scope) -> Result<Option<Caller>> {
    let Some(secret) = bearer(request) else {
        return Ok(None);
    };
    let caller = Caller(keys::sha256(secret.as_bytes()));
    let is_cron_secret = |ours: &SecretString| scope == Scope::Crons && same(ours.expose_secret(), secret);
    if app.config.cron_secret.as_ref().is_some_and(is_cron_secret) {
        return Ok(Some(caller));
    }
    let key = app.store.get::<ApiKey>(&keys::api_key(secret)).await?;
    let opens = key.is_some_and(|it| !it.body.revoked && it.body.scopes.contains(&scope));
    Ok(opens.then_some(caller))
}

/// Who calls, if the request carries a key of one of the scopes.
///
/// # Errors
/// When the table does not answer.
pub async fn caller_of(app: &App, request: &Request, scopes: &[Scope]) -> Result<Option<Caller>> {
    for scope in scopes {
        if let Some(caller) = caller(app, request, *scope).await? {
            return Ok(Some(caller));
        }
    }
    Ok(None)
}

/// Which keys show a run: those of the crons, and those that may have begun it.
#[must_use]
pub fn scopes_of_run(id: &str) -> &'static [Scope] {
    match id.split_once('.') {
        Some(("billing_pull", _)) => &[Scope::Crons, Scope::Billing],
        _ => &[Scope::Crons],
    }
}

/// The secret of an `Authorization: Bearer <secret>` header; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

impl Scope {
    /// All of them, with the words by which people name them.
    pub const ALL: [(&'static str, Scope); 5] = [
        ("billing", Scope::Billing),
        ("leads", Scope::Leads),
        ("crons", Scope::Crons),
        ("operator_read", Scope::OperatorRead),
        ("operator_write", Scope::OperatorWrite),
    ];

    /// The word by which people name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }
}

/// Stores a key of one scope by its hash; the secret itself is kept nowhere.
///
/// # Errors
/// When the table does not answer.
pub async fn store(app: &App, secret: &str, scope: Scope, name: &str) -> Result<bool> {
    keep(app, secret, BTreeSet::from([scope]), name).await
}

/// Stores a key by its hash; `false` if it is known already.
///
/// # Errors
/// When the table does not answer.
pub async fn keep(app: &App, secret: &str, scopes: BTreeSet<Scope>, name: &str) -> Result<bool> {
    let key = ApiKey {
        scopes,
        name: name.to_owned(),
        made_at: app.clock.now(),
        revoked: false,
    };
    let put = app.store.put(&keys::api_key(secret), &key, None, &listed(&key)).await?;
    Ok(matches!(put, Put::Done(_)))
}

/// Keys stand in the index of what is due as a system of their own, so that they can be listed without a scan.
pub(super) fn listed(key: &ApiKey) -> Places {
    let due = DueIndex {
        system: "apikey".into(),
        bucket: "listed",
        class: Class::LIVE,
        at: key.made_at,
    };
    Places {
        due: Some(due),
        ..Places::default()
    }
}
