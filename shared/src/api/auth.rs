//! Keys of the API: only hashes are stored, each with its scope.

use crate::app::App;
use crate::intake::same;
use crate::store::{Places, Put, keys};
use anyhow::Result;
use lambda_http::Request;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
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
    pub scope: Scope,
    /// Whose it is.
    pub name: String,
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
    let opens = key.is_some_and(|it| !it.body.revoked && it.body.scope == scope);
    Ok(opens.then_some(caller))
}

/// The secret of an `Authorization: Bearer <secret>` header; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

/// Stores a key by its hash; the secret itself is kept nowhere.
///
/// # Errors
/// When the table does not answer.
pub async fn store(app: &App, secret: &str, scope: Scope, name: &str) -> Result<bool> {
    let key = ApiKey {
        scope,
        name: name.to_owned(),
        revoked: false,
    };
    let put = app
        .store
        .put(&keys::api_key(secret), &key, None, &Places::default())
        .await?;
    Ok(matches!(put, Put::Done(_)))
}
