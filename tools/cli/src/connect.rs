//! The way to the table: settings from the environment, and those that decide from the deployment itself.

use anyhow::{Context as _, Result, anyhow, bail};
use shared::app::{App, Parts};
use shared::aws::{Access, connector};
use shared::clock::Clock;
use shared::config::{Config, Lookup};
use shared::random::Random;
use shared::sync::deployment;
use shared::sync::fields::kinds;
use shared::systems::http::{Reqwest, Transport};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Connects to the deployment's table.
///
/// # Errors
/// Names the variable that is missing or wrong.
pub async fn connect(lookup: Lookup<'_>) -> Result<App> {
    let local = lookup("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| lookup("AWS_ENDPOINT_URL"));
    let found = |name: &str| lookup(name).or_else(|| fallback(name, lookup, local.is_some()));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"] {
        if found(name).is_none() {
            bail!("{name}: is not set{}", hint(name, lookup));
        }
    }
    let access = Access::from_environment(&found, connector(Arc::new(Reqwest::new()?)));
    let first = app(&found, &access)?;
    // The functions' own settings decide how leads are matched and translated, whatever is set here.
    let deployed = deployment::read(&first.store).await.map_err(|error| {
        let table = &first.config.table;
        unreachable(&error, table, local.as_deref())
    })?;
    let settings = deployed.unwrap_or_default().settings;
    app(
        &|name: &str| settings.get(name).cloned().or_else(|| found(name)),
        &access,
    )
}

fn fallback(name: &str, lookup: Lookup<'_>, local: bool) -> Option<String> {
    match name {
        // The name that the template gives it in the stack that the documents name.
        "TABLE_NAME" => Some("concord-records".to_owned()),
        "AWS_REGION" => lookup("AWS_DEFAULT_REGION").or_else(|| local.then(|| "us-east-1".to_owned())),
        // The local bundle takes any.
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" if local => Some("local".to_owned()),
        _ => None,
    }
}

fn hint(name: &str, lookup: Lookup<'_>) -> &'static str {
    if name != "AWS_REGION" && lookup("AWS_PROFILE").is_some() {
        r#" (profiles are not read: eval "$(aws configure export-credentials --format env)")"#
    } else {
        ""
    }
}

fn app(lookup: Lookup<'_>, access: &Access) -> Result<App> {
    let config = Config::load(lookup).map_err(|mistakes| anyhow!(mistakes))?;
    let transport: Arc<dyn Transport> = Arc::new(Reqwest::new().context("build the HTTP client")?);
    App::new(Parts {
        kinds: kinds(&config),
        config,
        clock: Clock::system(),
        random: Random::system(),
        aws: access.clone(),
        transport,
        also: BTreeSet::new(),
    })
}

fn unreachable(error: &anyhow::Error, table: &str, endpoint: Option<&str>) -> anyhow::Error {
    let why = format!("{error:?}");
    if why.contains("ResourceNotFoundException") {
        return anyhow!("TABLE_NAME: there is no table called {table}");
    }
    if why.contains("UnrecognizedClient") || why.contains("ExpiredToken") || why.contains("InvalidSignature") {
        return anyhow!("AWS_ACCESS_KEY_ID: these credentials are not accepted");
    }
    match endpoint {
        Some(endpoint) => anyhow!("AWS_ENDPOINT_URL: the table does not answer at {endpoint}"),
        None => anyhow!("the table {table} does not answer: {error:#}"),
    }
}
