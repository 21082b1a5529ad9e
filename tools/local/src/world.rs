//! The whole bundle in one process: the real handlers, wired by `template.yaml`, on embedded models of AWS, with twins
//! in the place of the systems that are not configured.

mod door;
mod invoke;
mod settings;
mod systems;
mod zoho;

pub use invoke::handle;
pub use settings::{LOCAL, LOCAL_URL, STATUS_COLUMNS};
pub use systems::{Door, Systems};
pub use zoho::{Zoho, is_billings};

use crate::aws::LocalAws;
use crate::dynamo::Dynamo;
use crate::fault::Faults;
use crate::queues::Queues;
use crate::queues::delivery::Delivery;
use crate::template::{Options as TemplateOptions, Template};
use crate::{Now, arn};
use anyhow::{Context as _, Result};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use shared::app::{App, Parts};
use shared::aws::Access;
use shared::clock::Clock;
use shared::lambda::Handler;
use shared::model::System;
use shared::random::Random;
use shared::sync::fields::{KindSpec, kinds};
use shared::systems::http::Transport;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The template, as it stood when this was built.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");
/// Where the local AWS is, if nothing else is said.
pub const AWS_URL: &str = "http://127.0.0.1:4599";

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
    /// Systems that are reached over the network; the others are twins.
    pub real: BTreeSet<System>,
    /// Scheme and authority of the local AWS: the queues' URLs begin with it.
    pub aws_url: String,
    /// How Zoho CRM's twin is set up.
    pub zoho: twins::zoho::Settings,
    /// How Zoho Billing's twin is set up.
    pub billing: twins::billing::Settings,
    /// The most rows that one request to a Supabase twin returns.
    pub most_rows: usize,
}

impl Options {
    /// On the machine's clock, in memory, with twins only.
    #[must_use]
    pub fn live() -> Self {
        Self {
            clock: Clock::system(),
            seed: None,
            data: None,
            variables: BTreeMap::new(),
            real: BTreeSet::new(),
            aws_url: AWS_URL.to_owned(),
            zoho: twins::zoho::Settings::default(),
            billing: twins::billing::Settings::default(),
            most_rows: 1_000,
        }
    }

    /// On a virtual clock, in memory, with a fixed seed: for tests.
    #[must_use]
    pub fn test(start: jiff::Timestamp) -> Self {
        Self {
            clock: Clock::starting_at(start),
            seed: Some(1),
            ..Self::live()
        }
    }
}

/// The name under which the app with every setting is kept: no function's.
pub const WHOLE: &str = "";

/// What a world is told of beside the product: kinds of a stand-in flow, its systems, its queues' URLs by name.
#[derive(Clone, Debug, Default)]
pub struct Guests {
    /// Kinds of record.
    pub kinds: Vec<KindSpec>,
    /// Systems whose clients the flow brings.
    pub systems: BTreeSet<System>,
    /// Queues.
    pub queues: BTreeMap<String, String>,
}

/// Where an instance of a function runs: what it reaches AWS and the systems by, its own clock, its randomness.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The connector under the SDKs.
    pub http: SharedHttpClient,
    /// The way to the outside systems.
    pub transport: Arc<dyn Transport>,
    /// Its clock: no two machines agree on the time.
    pub clock: Clock,
    /// Randomness and ids.
    pub random: Random,
    /// What there is beside the product.
    pub guests: Guests,
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
        let template = template(&options.aws_url)?;
        let clock = options.clock.clone();
        let now: Now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let dynamo = database(&options, now.clone())?;
        let table = template.table.as_ref().context("the template has no table")?;
        dynamo.create_table(&table.name, &table.properties)?;
        let queues = Queues::new(&options.aws_url, Delivery::in_order());
        for queue in &template.queues {
            queues.create(&queue.name, queue.settings(&template.queues));
        }
        let aws = LocalAws::new(dynamo, queues, now.clone());
        let config = settings::config(&settings::whole(&template), &options)?;
        let systems = Systems::new(now, &config, &options)?;
        let mut world = Self {
            aws,
            systems,
            clock,
            template,
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
        let seat = Seat {
            http: self.aws.http_client(),
            transport: Arc::new(self.systems.clone()),
            clock: self.clock.clone(),
            random: options.seed.map_or_else(Random::system, Random::seeded),
            guests: Guests::default(),
        };
        let functions = self.template.functions.iter().map(|it| it.name.as_str());
        let app = |name: &str| Ok((name.to_owned(), self.instance(name, options, seat.clone())?));
        functions.chain([WHOLE]).map(app).collect()
    }

    /// One more instance of a function, as after a cold start; [`WHOLE`] has every setting.
    ///
    /// # Errors
    /// When there is no such function, or its settings are not understood.
    pub fn instance(&self, function: &str, options: &Options, seat: Seat) -> Result<App> {
        let environment = match self.template.functions.iter().find(|it| it.name == function) {
            Some(found) => found.environment.clone(),
            None => settings::whole(&self.template),
        };
        let mut config = settings::config(&environment, options).with_context(|| format!("build {function}"))?;
        config.queues.extend(seat.guests.queues);
        let aws = |name: &str| match name {
            "AWS_REGION" => Some(arn::REGION.to_owned()),
            "AWS_ENDPOINT_URL" => Some(options.aws_url.clone()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
            _ => None,
        };
        App::new(Parts {
            kinds: kinds(&config).into_iter().chain(seat.guests.kinds).collect(),
            config,
            clock: seat.clock,
            random: seat.random,
            aws: Access::from_environment(&aws, seat.http),
            transport: seat.transport,
            also: seat.guests.systems,
        })
    }

    /// An app with every setting, for operators' work and for looking into the table.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.apps[WHOLE]
    }

    /// The faults between the functions and the outside systems.
    #[must_use]
    pub fn system_faults(&self) -> &Faults {
        &self.systems.faults
    }

    /// The names of the functions that a schedule wakes, alphabetical.
    ///
    /// # Errors
    /// When a schedule is not understood.
    pub fn scheduled(&self) -> Result<BTreeSet<String>> {
        let timers = self.timers(self.clock.now())?;
        Ok(timers.into_iter().map(|it| it.2).collect())
    }

    /// A function's handler.
    ///
    /// # Errors
    /// When no function has this name.
    pub fn handler(name: &str) -> Result<Handler> {
        let found = functions::ALL.iter().find(|it| it.0 == name);
        Ok(found.with_context(|| format!("no function is called {name}"))?.1)
    }
}

/// The template with its queues at `aws_url`. Reading it is a third of making a world, so the usual one is kept.
fn template(aws_url: &str) -> Result<Arc<Template>> {
    static USUAL: OnceLock<Arc<Template>> = OnceLock::new();
    if let Some(usual) = USUAL.get().filter(|_| aws_url == AWS_URL) {
        return Ok(usual.clone());
    }
    let options = TemplateOptions {
        queue_base: aws_url.to_owned(),
        ..TemplateOptions::default()
    };
    let read = Arc::new(Template::parse(TEMPLATE, &options)?);
    if aws_url == AWS_URL {
        return Ok(USUAL.get_or_init(|| read).clone());
    }
    Ok(read)
}

fn database(options: &Options, now: Now) -> Result<Dynamo> {
    let Some(dir) = &options.data else {
        return Dynamo::memory_with_clock(now);
    };
    std::fs::create_dir_all(dir).with_context(|| format!("make {}", dir.display()))?;
    Dynamo::file(&dir.join("table.sqlite"))
}
