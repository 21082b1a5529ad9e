//! `cargo run -- sam`: table, queues, secrets and twins for functions that run elsewhere, as `sam local invoke` runs them.

use super::options::Sam;
use super::say;
use crate::events::{KEY, SECRETS};
use crate::ports::{Ports, Urls};
use crate::template::{Options as TemplateOptions, Template};
use crate::world::{LOCAL, Options, STATUS_COLUMNS, TEMPLATE, World};
use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use shared::api::auth::{Scope, keep};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;
use tokio::task::JoinSet;

/// What containers call this machine: plain http is taken only from names that mean this machine, and this is one.
const HOST: &str = "concord.localhost";

/// What the functions find outside of themselves. It ends with this value.
pub struct Stand {
    /// Table, queues and twins.
    pub world: World,
    /// The functions' variables by logical id, as SAM's `--env-vars` wants them.
    pub variables: Value,
    doors: JoinSet<Result<()>>,
}

/// Serves until Ctrl-C.
///
/// # Errors
/// When no port is free or the file can't be written.
pub async fn sam(options: &Sam) -> Result<()> {
    let mut stand = Stand::open(options.listen).await?;
    let file = &options.variables;
    std::fs::write(file, format!("{:#}\n", stand.variables)).with_context(|| format!("write {}", file.display()))?;
    say(&format!(
        "Table, queues, secrets and twins stand ready for functions in containers. Ctrl-C ends them.\n\n  \
         sam local invoke ApiLeads -e events/api_leads.json {}\n",
        arguments(file).join(" ")
    ))?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended?,
        Some(broken) = stand.doors.join_next() => broken??,
    }
    say("\nended\n")
}

/// This machine's architecture, as the template names it: what is built here runs here.
#[must_use]
pub const fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    }
}

/// What `sam local invoke` needs to be told beside the function and its event.
#[must_use]
pub fn arguments(variables: &Path) -> [String; 6] {
    [
        "--env-vars".into(),
        variables.display().to_string(),
        "--add-host".into(),
        format!("{HOST}:host-gateway"),
        "--parameter-overrides".into(),
        format!("Architecture={}", architecture()),
    ]
}

impl Stand {
    /// Serves everything on free ports of an address of this machine that containers reach.
    ///
    /// # Errors
    /// When no port is free, or the address is none of this machine's.
    pub async fn open(on: IpAddr) -> Result<Self> {
        let ports = Ports::take(on).await;
        let ports = ports.context("--listen: is Docker running? It is where containers find this machine")?;
        let urls = ports.urls(HOST)?;
        let world = world(&urls)?;
        let scopes = BTreeSet::from([Scope::Billing, Scope::Leads]);
        keep(world.app(), KEY, scopes, "events").await?;
        let template = template(&urls)?;
        for function in &template.functions {
            let entries = function.environment.get("SECRETS").map_or("", String::as_str);
            for name in entries.split(',') {
                world.aws.secrets.put(name, secret(&urls));
            }
        }
        let doors = ports.open(&world);
        let of = |function: crate::template::Function| (function.logical_id, json!(function.environment));
        let variables: Map<String, Value> = template.functions.into_iter().map(of).collect();
        Ok(Self {
            world,
            variables: variables.into(),
            doors,
        })
    }
}

fn world(urls: &Urls) -> Result<World> {
    World::new(Options {
        aws_url: urls.aws.clone(),
        variables: SECRETS
            .into_iter()
            .chain([("APP_STATUS_COLUMNS", STATUS_COLUMNS)])
            .map(|it| (it.0.to_owned(), it.1.to_owned()))
            .collect(),
        ..Options::live()
    })
}

/// The template as it would be deployed with the twins as its outside systems.
fn template(urls: &Urls) -> Result<Template> {
    let parameters = [
        ("AwsEndpointUrl", urls.aws.as_str()),
        ("PublicUrl", of_local("PUBLIC_URL")),
        ("PortalSupabaseUrl", &urls.portal),
        ("BackofficeSupabaseUrl", &urls.backoffice),
        ("AppSupabaseUrl", &urls.app),
        ("AppStatusColumns", STATUS_COLUMNS),
        ("ZohoBillingOrganizationId", of_local("ZOHO_BILLING_ORGANIZATION_ID")),
    ];
    Ok(Template::parse(
        TEMPLATE,
        &TemplateOptions {
            queue_base: urls.aws.clone(),
            parameters: parameters.map(|it| (it.0.to_owned(), it.1.to_owned())).into(),
        },
    )?)
}

fn of_local(name: &str) -> &'static str {
    LOCAL.iter().find(|it| it.0 == name).map_or("", |it| it.1)
}

/// What each entry of Secrets Manager holds: more than in AWS, where each has its own.
fn secret(urls: &Urls) -> String {
    let is_secret = |name: &str| !name.ends_with("_URL");
    let local = LOCAL.iter().filter(|it| is_secret(it.0));
    let mut all: BTreeMap<&str, &str> = local.copied().collect();
    all.extend(SECRETS);
    all.extend([("ZOHO_ACCOUNTS_URL", urls.zoho.as_str()), ("ZOHO_API_URL", &urls.zoho)]);
    json!(all).to_string()
}
