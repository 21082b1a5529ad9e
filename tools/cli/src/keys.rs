//! `concord keys`: keys of the API. A key is shown once; only its hash is kept.

use crate::report::{Report, table, time};
use anyhow::{Result, anyhow};
use clap::Subcommand;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::api::auth::{ApiKey, Scope};
use shared::api::keys::{list, mint, revoke};
use shared::app::App;
use std::collections::BTreeSet;

/// What to do with keys.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Make a key and show it, once.
    New {
        /// Whose it is.
        #[arg(long)]
        name: String,
        /// What it opens: billing, leads, crons, operator_read, operator_write; several with commas.
        #[arg(long, value_delimiter = ',', required = true, value_parser = scope)]
        scope: Vec<Scope>,
    },
    /// List all keys, without their secrets.
    List,
    /// Revoke the living key of this name.
    Revoke {
        /// Whose it is.
        name: String,
    },
}

fn scope(word: &str) -> Result<Scope> {
    let found = Scope::ALL.into_iter().find(|it| it.0 == word);
    let names = Scope::ALL.map(|it| it.0).join(", ");
    found
        .map(|it| it.1)
        .ok_or_else(|| anyhow!("{word} is no scope; there are {names}"))
}

/// Keys, and the secret of one that was just made.
#[derive(Clone, Debug, Serialize)]
pub struct Keys {
    /// The key itself, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The keys.
    pub keys: Vec<Known>,
}

/// A key without its secret.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    /// Whose it is.
    pub name: String,
    /// What it opens.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether it opens nothing any more.
    pub revoked: bool,
}

impl From<ApiKey> for Known {
    fn from(key: ApiKey) -> Self {
        Self {
            name: key.name,
            scopes: key.scopes,
            made_at: key.made_at,
            revoked: key.revoked,
        }
    }
}

/// Does it.
///
/// # Errors
/// When the name is taken or not known, or the table does not answer.
pub async fn run(app: &App, args: &Args) -> Result<Keys> {
    let (secret, keys) = match &args.verb {
        Verb::New { name, scope } => {
            let scopes: BTreeSet<Scope> = scope.iter().copied().collect();
            let secret = mint(app, name, scopes.clone()).await?;
            let made_at = app.clock.now();
            let known = Known {
                name: name.clone(),
                scopes,
                made_at,
                revoked: false,
            };
            (Some(secret), vec![known])
        }
        Verb::List => (None, list(app).await?.into_iter().map(Known::from).collect()),
        Verb::Revoke { name } => (None, vec![revoke(app, name).await?.into()]),
    };
    Ok(Keys { secret, keys })
}

impl Report for Keys {
    fn text(&self, zone: TimeZone) -> String {
        let row = |it: &Known| {
            let scopes: Vec<&str> = it.scopes.iter().map(|it| it.as_str()).collect();
            let state = if it.revoked { "revoked" } else { "living" };
            let made = time(Some(it.made_at), &zone);
            vec![it.name.clone(), scopes.join(", "), made, state.to_owned()]
        };
        let keys = table(&["name", "opens", "made", "state"], self.keys.iter().map(row).collect());
        match &self.secret {
            Some(secret) => format!("{secret}\n\nThis is the only time that it is shown.\n{keys}"),
            None => keys,
        }
    }
}
