//! What a measured function lives in: table and queues, Secrets Manager, the outside systems, each on a port; and the
//! variables by which it finds them. New for each function, so that none meets what another left.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response};
use local::aws::LocalAws;
use local::run::keys::Keys;
use local::template::Function;
use local::world::{LOCAL, Options, World};
use local::{server, template::Template};
use serde_json::{Value, json};
use shared::api::auth::Scope;
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use twins::{Twin, serve};

/// DynamoDB's largest request.
const LARGEST: usize = 16 * 1024 * 1024;
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
    urls: [String; 4],
    _doors: JoinSet<()>,
}

impl Around {
    /// Opens all doors.
    ///
    /// # Errors
    /// When no port is free, or the template can't be read.
    pub(crate) async fn open() -> Result<Self> {
        let listeners = [listen().await?, listen().await?, listen().await?, listen().await?];
        let url = |it: &TcpListener| Ok::<_, std::io::Error>(format!("http://{}", it.local_addr()?));
        let urls = [
            url(&listeners[0])?,
            url(&listeners[1])?,
            url(&listeners[2])?,
            url(&listeners[3])?,
        ];
        let world = World::new(Options {
            aws_url: urls[0].clone(),
            ..Options::live()
        })?;
        let [aws, zoho, portal, backoffice] = listeners;
        let mut doors = JoinSet::new();
        doors.spawn(serve_aws(aws, world.aws.clone()));
        doors.spawn(serve_twin(zoho, world.systems.zoho.clone()));
        doors.spawn(serve_twin(portal, world.systems.portal.clone()));
        doors.spawn(serve_twin(backoffice, world.systems.backoffice.clone()));
        let keys = Keys::mint(world.app(), None).await?;
        Ok(Self {
            key: keys.of(Scope::Leads).to_owned(),
            world,
            urls,
            _doors: doors,
        })
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
        let [aws, zoho, portal, backoffice] = &self.urls;
        let mut all = self.function(name)?.environment.clone();
        all.extend(LAMBDA.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let here = [
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_ENDPOINT_URL", aws),
            ("PORTAL_SUPABASE_URL", portal),
            ("BACKOFFICE_SUPABASE_URL", backoffice),
            // Not in the template: the twin's addresses in the place of a data centre's.
            ("ZOHO_ACCOUNTS_URL", zoho),
            ("ZOHO_API_URL", zoho),
        ];
        all.extend(here.map(|(name, value)| (name.to_owned(), value.to_owned())));
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
    let secrets = function.and_then(|it| it.environment.get("SECRETS"));
    secrets.map_or(0, |it| it.split(',').filter(|it| !it.is_empty()).count())
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
        "ConcordSecret" => &["CRON_SECRET", "PORTAL_WEBHOOK_SECRET", "ZOHO_CRM_WEBHOOK_TOKEN"],
        _ => &[],
    };
    names
        .iter()
        .map(|it| ((*it).to_owned(), Value::from(local(it))))
        .collect()
}

async fn listen() -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await.context("a port")
}

async fn serve_twin(listener: TcpListener, twin: impl Twin) {
    serve(listener, twin).await;
}

async fn serve_aws(listener: TcpListener, aws: LocalAws) {
    let served = server::serve(listener, LARGEST, move |request, _| {
        let aws = aws.clone();
        async move { answer(&aws, &request) }
    });
    // Without its AWS the function fails, and says so.
    drop(served.await);
}

fn answer(aws: &LocalAws, request: &Request<Bytes>) -> Response<Bytes> {
    let target = request.headers().get("x-amz-target").and_then(|it| it.to_str().ok());
    let target = target.unwrap_or_default();
    let (status, body) = match target {
        "secretsmanager.GetSecretValue" => (200, told(request.body())),
        _ => {
            let answer = aws.answer(target, request.body());
            (answer.status, answer.body)
        }
    };
    let built = Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.1")
        .body(Bytes::from(body));
    built.unwrap_or_default()
}

fn told(request: &[u8]) -> Vec<u8> {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let entry = request["SecretId"].as_str().unwrap_or_default();
    let told = json!({ "ARN": entry, "Name": entry, "SecretString": secret(entry).to_string() });
    told.to_string().into_bytes()
}
