//! Keys of the API: only hashes are stored, each with its scope.

use crate::app::App;
use crate::intake::same;
use crate::store::{Places, Put, keys};
use anyhow::Result;
use lambda_http::Request;
use secrecy::ExposeSecret as _;
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

/// Whether the request carries a key of the scope.
///
/// # Errors
/// When the table does not answer.
pub async fn allows(app: &App, request: &Request, scope: Scope) -> Result<bool> {
    let header = request
        .headers()
        .get("authorization")
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let Some(secret) = header
        .strip_prefix("Bearer ")
        .map(str::trim)
        .filter(|it| !it.is_empty())
    else {
        return Ok(false);
    };
    if scope == Scope::Crons
        && app
            .config
            .cron_secret
            .as_ref()
            .is_some_and(|it| same(it.expose_secret(), secret))
    {
        return Ok(true);
    }
    let key = app.store.get::<ApiKey>(&keys::api_key(secret)).await?;
    Ok(key.is_some_and(|it| !it.body.revoked && it.body.scope == scope))
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
