//! Keys of the API, made, listed and revoked by operators.

use super::auth::{ApiKey, Scope, keep, listed};
use crate::app::App;
use crate::model::Class;
use crate::store::{Item, Key, Put};
use anyhow::{Result, bail, ensure};
use std::collections::BTreeSet;

/// More keys than this are not listed.
const MOST: usize = 1_000;
const PREFIX: &str = "concord_";

/// Makes a key. The secret is told once, here, and kept nowhere.
///
/// # Errors
/// When a living key has that name, or the table does not answer.
pub async fn mint(app: &App, name: &str, scopes: BTreeSet<Scope>) -> Result<String> {
    ensure!(!name.trim().is_empty(), "--name: is empty");
    ensure!(!scopes.is_empty(), "--scope: is empty");
    let known = list(app).await?;
    if known.iter().any(|it| it.name == name && !it.revoked) {
        bail!("{name}: there is a key of this name; revoke it first, or choose another name");
    }
    let secret = secret(app)?;
    ensure!(
        keep(app, &secret, scopes, name).await?,
        "the key is known already: try again"
    );
    Ok(secret)
}

/// 256 random bits.
fn secret(app: &App) -> Result<String> {
    let mut bytes = Vec::with_capacity(32);
    for _ in 0..4 {
        let part = app.random.next();
        // The generator answers zero when it fails.
        ensure!(part != 0, "the machine's random generator does not answer");
        bytes.extend(part.to_le_bytes());
    }
    Ok(format!("{PREFIX}{}", data_encoding::BASE64URL_NOPAD.encode(&bytes)))
}

/// All keys, oldest first, without their secrets.
///
/// # Errors
/// When the table does not answer.
pub async fn list(app: &App) -> Result<Vec<ApiKey>> {
    let mut keys: Vec<ApiKey> = stored(app).await?.into_iter().map(|it| it.1.body).collect();
    keys.sort_by(|one, other| (one.made_at, &one.name).cmp(&(other.made_at, &other.name)));
    Ok(keys)
}

async fn stored(app: &App) -> Result<Vec<(Key, Item<ApiKey>)>> {
    let due = app
        .store
        .due("apikey", "listed", Class::LIVE, jiff::Timestamp::MAX, MOST)
        .await?;
    let mut found = Vec::new();
    for candidate in due {
        if let Some(key) = app.store.get::<ApiKey>(&candidate.key).await? {
            found.push((candidate.key, key));
        }
    }
    Ok(found)
}

/// Revokes the living key of that name.
///
/// # Errors
/// When there is none, or the table does not answer.
pub async fn revoke(app: &App, name: &str) -> Result<ApiKey> {
    loop {
        let known = stored(app).await?;
        let Some((at, key)) = known
            .into_iter()
            .find(|it| it.1.body.name == name && !it.1.body.revoked)
        else {
            bail!("{name}: no living key has this name");
        };
        let revoked = ApiKey {
            revoked: true,
            ..key.body
        };
        let put = app.store.put(&at, &revoked, Some(&key.rev), &listed(&revoked)).await?;
        if put != Put::Conflict {
            return Ok(revoked);
        }
    }
}
