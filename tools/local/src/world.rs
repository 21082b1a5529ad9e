//! The whole bundle in one process: the real handlers, wired by `template.yaml`, on embedded models of AWS, with twins
//! in the place of the systems that are not configured.

mod door;
mod invoke;
mod systems;

pub use systems::Systems;

use crate::aws::LocalAws;
use crate::dynamo::Dynamo;
use crate::fault::Faults;
use crate::queues::Queues;
use crate::queues::delivery::Delivery;
use crate::template::{Function, Options as TemplateOptions, Template};
use crate::{Now, arn};
use anyhow::{Context as _, Result};
use shared::app::{App, Parts};
use shared::aws::Access;
use shared::clock::Clock;
use shared::config::Config;
use shared::lambda::Handler;
use shared::random::Random;
use shared::systems::http::Transport;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The template, as it stood when this was built.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");
/// Where the queues' URLs say that they are.
const QUEUE_BASE: &str = "http://127.0.0.1:4599";
/// Settings of the local bundle that a function with secrets has, if nothing else is configured.
const LOCAL: &[(&str, &str)] = &[
    ("CRON_SECRET", "local-cron-secret"),
    ("PORTAL_WEBHOOK_SECRET", "local-portal-secret"),
    ("ZOHO_CRM_WEBHOOK_TOKEN", "local-zoho-token"),
    ("PORTAL_SUPABASE_URL", "https://portal.supabase.co"),
    ("PORTAL_SUPABASE_SERVICE_KEY", "sb_secret_portal"),
    ("BACKOFFICE_SUPABASE_URL", "https://backoffice.supabase.co"),
    ("BACKOFFICE_SUPABASE_SERVICE_KEY", "sb_secret_backoffice"),
    ("ZOHO_CLIENT_ID", "1000.TWIN"),
    ("ZOHO_CLIENT_SECRET", "twin-client-secret"),
    ("ZOHO_REFRESH_TOKEN", "1000.twin.refresh"),
    ("PUBLIC_URL", "https://concord.example"),
];

/// How a world is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its time.
    pub clock: Clock,
    /// A seed for its ids and jitter; `None`: the machine's own randomness.
    pub seed: Option<u64>,
    /// Where to keep table and twins; `None`: in memory.
    pub data: Option<PathBuf>,
    /// Settings that come before the template's and the local ones. An empty text unsets.
    pub variables: BTreeMap<String, String>,
}

impl Options {
    /// On a virtual clock, in memory, with a fixed seed: for tests.
    #[must_use]
    pub fn test(start: jiff::Timestamp) -> Self {
        Self {
            clock: Clock::starting_at(start),
            seed: Some(1),
            data: None,
            variables: BTreeMap::new(),
        }
    }
}

/// The bundle. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// Table and queues.
    pub aws: LocalAws,
    /// The outside systems.
    pub systems: Systems,
    /// Time.
    pub clock: Clock,
    /// The wiring.
    pub template: Arc<Template>,
    apps: Arc<BTreeMap<String, App>>,
}

impl World {
    /// Builds the bundle; nothing runs yet.
    ///
    /// # Errors
    /// When the template or the settings are not understood, or the data can't be opened.
    pub fn new(options: Options) -> Result<Self> {
        let template_options = TemplateOptions {
            queue_base: QUEUE_BASE.to_owned(),
            ..TemplateOptions::default()
        };
        let template = Template::parse(TEMPLATE, &template_options)?;
        let clock = options.clock.clone();
        let now: Now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let dynamo = match &options.data {
            None => Dynamo::memory_with_clock(now.clone())?,
            Some(dir) => {
                std::fs::create_dir_all(dir).with_context(|| format!("make {}", dir.display()))?;
                Dynamo::file(&dir.join("table.sqlite"))?
            }
        };
        let table = template.table.as_ref().context("the template has no table")?;
        dynamo.create_table(&table.name, &table.properties)?;
        let queues = Queues::new(QUEUE_BASE, Delivery::in_order());
        for queue in &template.queues {
            queues.create(&queue.name, queue.settings(&template.queues));
        }
        let aws = LocalAws::new(dynamo, queues, now.clone());
        let systems = Systems::new(now, options.data.as_deref())?;
        let mut world = Self {
            aws,
            systems,
            clock,
            template: Arc::new(template),
            apps: Arc::default(),
        };
        world.apps = Arc::new(world.build_apps(&options)?);
        Ok(world)
    }

    /// The same table, queues, systems and time behind functions that were deployed anew with other settings.
    ///
    /// # Errors
    /// When the settings are not understood.
    pub fn restart(&self, options: &Options) -> Result<Self> {
        let apps = Arc::new(self.build_apps(options)?);
        Ok(Self { apps, ..self.clone() })
    }

    fn build_apps(&self, options: &Options) -> Result<BTreeMap<String, App>> {
        let random = options.seed.map_or_else(Random::system, Random::seeded);
        let app = |it: &Function| {
            let app = self.app_for(&it.environment, options, random.clone());
            Ok((it.name.clone(), app.with_context(|| format!("build {}", it.name))?))
        };
        let mut apps: BTreeMap<String, App> = self.template.functions.iter().map(app).collect::<Result<_>>()?;
        let mut whole: BTreeMap<String, String> = BTreeMap::new();
        for function in &self.template.functions {
            whole.extend(
                function
                    .environment
                    .iter()
                    .filter(|it| !it.1.is_empty())
                    .map(|(k, v)| (k.clone(), v.clone())),
            );
        }
        apps.insert(String::new(), self.app_for(&whole, options, random)?);
        Ok(apps)
    }

    fn app_for(&self, environment: &BTreeMap<String, String>, options: &Options, random: Random) -> Result<App> {
        let has_secrets = environment.get("SECRETS").is_some_and(|it| !it.is_empty());
        let lookup = |name: &str| {
            if let Some(value) = options.variables.get(name) {
                return Some(value.clone()).filter(|it| !it.is_empty());
            }
            let local = || {
                LOCAL
                    .iter()
                    .find(|it| has_secrets && it.0 == name)
                    .map(|it| it.1.to_owned())
            };
            environment
                .get(name)
                .filter(|it| !it.is_empty())
                .cloned()
                .or_else(local)
        };
        let config = Config::load(&lookup).map_err(anyhow::Error::msg)?;
        let aws = |name: &str| match name {
            "AWS_REGION" => Some(arn::REGION.to_owned()),
            "AWS_ENDPOINT_URL" => Some(QUEUE_BASE.to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
            _ => None,
        };
        let aws = Access::from_environment(&aws, self.aws.http_client());
        let transport: Arc<dyn Transport> = Arc::new(self.systems.clone());
        App::new(Parts {
            config,
            clock: self.clock.clone(),
            random,
            aws,
            transport,
        })
    }

    /// An app with every setting, for operators' work and for looking into the table.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.apps[""]
    }

    /// The faults between the functions and the outside systems.
    #[must_use]
    pub fn system_faults(&self) -> &Faults {
        &self.systems.faults
    }

    fn handler(name: &str) -> Result<Handler> {
        let found = functions::ALL.iter().find(|it| it.0 == name);
        Ok(found.with_context(|| format!("no function is called {name}"))?.1)
    }
}
