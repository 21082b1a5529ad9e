//! What a measured function lives in: table and queues, Secrets Manager, the outside systems, each on a port; and the
//! variables by which it finds them. New for each function, so that none meets what another left.

use anyhow::{Context as _, Result, ensure};
use local::ports::{Ports, Urls};
use local::run::keys::Keys;
use local::template::{Function, Template};
use local::world::{LOCAL, Options, STATUS_COLUMNS, World};
use serde_json::Value;
use shared::api::auth::Scope;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use tokio::task::JoinSet;

/// What Lambda sets in each function beside its credentials.
const LAMBDA: [(&str, &str); 9] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/05/[$LATEST]0"),
    ("AWS_REGION", "eu-south-1"),
    ("AWS_ACCESS_KEY_ID", "ASIAMEASURE"),
    ("AWS_SECRET_ACCESS_KEY", "measure"),
    ("AWS_SESSION_TOKEN", "measure"),
];

/// The option by which the app is shown how its rows stand.
const STATUS: (&str, &str) = ("APP_STATUS_COLUMNS", STATUS_COLUMNS);

/// Where a function has its secret settings from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// It fetches them when it starts, as deployed.
    Fetched,
    /// They stand in its environment: what fetching costs is the difference.
    Given,
}

/// The surroundings. They end with this value.
pub(crate) struct Around {
    /// Table, queues and twins.
    pub(crate) world: World,
    /// A key of the leads' API.
    pub(crate) key: String,
    /// A key of billing's API.
    pub(crate) billing_key: String,
    urls: Urls,
    _doors: JoinSet<Result<()>>,
}

impl Around {
    /// Opens all doors.
    ///
    /// # Errors
    /// When no port is free, or the template can't be read.
    pub(crate) async fn open() -> Result<Self> {
        let ports = Ports::take(Ipv4Addr::LOCALHOST.into()).await?;
        let urls = ports.urls("127.0.0.1")?;
        let world = World::new(Options {
            aws_url: urls.aws.clone(),
            variables: [(STATUS.0.to_owned(), STATUS.1.to_owned())].into(),
            ..Options::live()
        })?;
        for function in &world.template.functions {
            for entry in entries_of(function) {
                world.aws.secrets.put(entry, secret(entry).to_string());
            }
        }
        let doors = ports.open(&world);
        let keys = Keys::mint(world.app(), None).await?;
        Ok(Self {
            key: keys.of(Scope::Leads).to_owned(),
            billing_key: keys.of(Scope::Billing).to_owned(),
            world,
            urls,
            _doors: doors,
        })
    }

    /// Posts to the API in this process, which takes it in.
    ///
    /// # Errors
    /// When it is refused.
    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Result<()> {
        let (status, answer) = self.world.call("POST", path, key, Some(body)).await?;
        ensure!(status == 202, "POST {path} answered {status}: {answer}");
        Ok(())
    }

    /// A function of the template.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(crate) fn function(&self, name: &str) -> Result<&Function> {
        let found = self.world.template.functions.iter().find(|it| it.name == name);
        found.with_context(|| format!("no function is called {name}"))
    }

    /// The variables of a function, whose Runtime API is at `api`.
    ///
    /// # Errors
    /// When there is no such function.
    pub(crate) fn environment(&self, name: &str, api: &str, secrets: Secrets) -> Result<BTreeMap<String, String>> {
        let urls = &self.urls;
        let mut all = self.function(name)?.environment.clone();
        all.extend(LAMBDA.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let here = [
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_ENDPOINT_URL", urls.aws.as_str()),
            ("PORTAL_SUPABASE_URL", &urls.portal),
            ("BACKOFFICE_SUPABASE_URL", &urls.backoffice),
            ("APP_SUPABASE_URL", &urls.app),
            ("NETCASH_URL", &urls.netcash),
            ("ZOHO_BILLING_ORGANIZATION_ID", local("ZOHO_BILLING_ORGANIZATION_ID")),
            // Not in the template: the twin's addresses in the place of a data centre's.
            ("ZOHO_ACCOUNTS_URL", &urls.zoho),
            ("ZOHO_API_URL", &urls.zoho),
        ];
        all.extend(here.map(|(name, value)| (name.to_owned(), value.to_owned())));
        // An option: only who writes those columns is measured with it.
        if name == "sync_app_status" {
            all.insert(STATUS.0.to_owned(), STATUS.1.to_owned());
        }
        if secrets == Secrets::Given {
            for entry in all.remove("SECRETS").unwrap_or_default().split(',') {
                let held = secret(entry);
                let held = held.as_object().into_iter().flatten();
                all.extend(held.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())));
            }
        }
        Ok(all)
    }
}

/// How many entries of Secrets Manager a function reads when it starts.
///
/// # Errors
/// When there is no such function.
pub(crate) fn entries(template: &Template, name: &str) -> usize {
    let function = template.functions.iter().find(|it| it.name == name);
    function.map_or(0, |it| entries_of(it).count())
}

fn entries_of(function: &Function) -> impl Iterator<Item = &str> {
    let entries = function.environment.get("SECRETS").map_or("", String::as_str);
    entries.split(',').filter(|it| !it.is_empty())
}

/// One of the local settings.
pub(crate) fn local(name: &str) -> &'static str {
    LOCAL.iter().find(|it| it.0 == name).map_or("", |it| it.1)
}

/// What an entry of Secrets Manager holds, by its logical id in the template.
fn secret(entry: &str) -> Value {
    let names: &[&str] = match entry {
        "ZohoSecret" => &["ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"],
        "PortalSecret" => &["PORTAL_SUPABASE_SERVICE_KEY"],
        "BackofficeSecret" => &["BACKOFFICE_SUPABASE_SERVICE_KEY"],
        "AppSecret" => &["APP_SUPABASE_SERVICE_KEY"],
        "ConcordSecret" => &[
            "CRON_SECRET",
            "PORTAL_WEBHOOK_SECRET",
            "ZOHO_CRM_WEBHOOK_TOKEN",
            "APP_WEBHOOK_SECRET",
            "STRIPE_WEBHOOK_SECRET",
            "ZOHO_BILLING_WEBHOOK_SECRET",
        ],
        _ => &[],
    };
    names
        .iter()
        .map(|it| ((*it).to_owned(), Value::from(local(it))))
        .collect()
}
