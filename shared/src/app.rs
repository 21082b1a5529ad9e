//! What a function works with, built once per cold start. A cheap clone.

use crate::aws;
use crate::billing::day::day_of;
use crate::clock::Clock;
use crate::config::Config;
use crate::model::{Class, Kind, System};
use crate::queue::Queues;
use crate::random::Random;
use crate::store::Store;
use crate::sync::budget::{Last, Limits};
use crate::sync::fields::{KindSpec, check_status_columns};
use crate::sync::target::Billing;
use crate::sync::token::Tokens;
use crate::systems::http::{Http, Transport};
use crate::systems::netcash::Netcash;
use crate::systems::supabase::{Key, Supabase};
use crate::systems::zoho_crm::ZohoCrm;
use anyhow::{Context as _, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What is replaceable: everything that touches the world.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// Time.
    pub clock: Clock,
    /// Randomness and ids.
    pub random: Random,
    /// How AWS is reached.
    pub aws: aws::Access,
    /// How the outside systems are reached.
    pub transport: Arc<dyn Transport>,
    /// THE table of fields.
    pub kinds: Vec<KindSpec>,
    /// Systems whose clients the caller brings: a stand-in flow in tests and the simulation.
    pub also: BTreeSet<System>,
}

/// What a function works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    inner: Arc<Inner>,
    /// When this invocation ends.
    pub deadline: Timestamp,
}

/// The parts of an [`App`].
#[derive(Debug)]
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// Time.
    pub clock: Clock,
    /// Randomness and ids.
    pub random: Random,
    /// The table.
    pub store: Store,
    /// The queues.
    pub queues: Queues,
    /// The systems' budgets, as this process last saw them.
    pub budgets: Last,
    /// The HTTP client, for whoever brings a system of its own.
    pub http: Http,
    /// The kinds of record.
    pub kinds: Vec<KindSpec>,
    /// Zoho CRM's client and its tokens, if it is configured.
    pub zoho_crm: Option<(ZohoCrm, Tokens)>,
    /// The portal, if it is configured.
    pub portal: Option<Supabase>,
    /// The back office, if it is configured.
    pub backoffice: Option<Supabase>,
    /// The app, if it is configured.
    pub app: Option<Supabase>,
    /// Netcash, which is asked for what its postbacks announce.
    pub netcash: Option<Netcash>,
    /// Zoho Billing, its tokens and what is known of its lists, if it is configured.
    pub zoho_billing: Option<Billing>,
    also: BTreeSet<System>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl App {
    /// Builds the clients; nothing is called yet.
    ///
    /// # Errors
    /// When a setting contradicts the kinds: one line that names the variable.
    pub fn new(parts: Parts) -> Result<Self> {
        let Parts {
            config,
            clock,
            random,
            aws,
            transport,
            kinds,
            also,
        } = parts;
        check_status_columns(&kinds).map_err(anyhow::Error::msg)?;
        let http = Http::new(transport);
        let store = Store::new(
            aws.dynamodb(&clock),
            config.table.clone(),
            clock.clone(),
            random.clone(),
        );
        let queues = Queues::new(aws.sqs(&clock), config.queues.clone());
        let zoho_crm = config.zoho_crm.clone().map(|zoho| {
            let tokens = Tokens::new(store.clone(), http.clone(), clock.clone(), random.clone(), zoho.clone());
            (ZohoCrm::new(http.clone(), zoho.api), tokens)
        });
        let supabase =
            |it: &crate::config::SupabaseConfig| Supabase::new(http.clone(), it.base.clone(), Key::new(it.key.clone()));
        let deadline = clock.now() + Duration::from_secs(30);
        let inner = Inner {
            portal: config.portal.as_ref().map(supabase),
            backoffice: config.backoffice.as_ref().map(supabase),
            app: config.app.as_ref().map(supabase),
            netcash: config.billing.netcash.clone().map(|it| Netcash::new(http.clone(), it)),
            zoho_billing: config.zoho_billing.clone().map(|it| {
                let tokens = Tokens::new(
                    store.clone(),
                    http.clone(),
                    clock.clone(),
                    random.clone(),
                    it.zoho.clone(),
                );
                Billing::new(&http, tokens, it)
            }),
            kinds,
            config,
            clock,
            random,
            store,
            queues,
            budgets: Last::default(),
            http,
            zoho_crm,
            also,
        };
        Ok(Self {
            inner: Arc::new(inner),
            deadline,
        })
    }

    /// The same, for one invocation that ends at `deadline`.
    #[must_use]
    pub fn until(&self, deadline: Timestamp) -> Self {
        Self {
            inner: self.inner.clone(),
            deadline,
        }
    }

    /// How much of this invocation is left.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.clock.until(self.deadline)
    }

    /// The table of a kind.
    ///
    /// # Errors
    /// When there is no such kind.
    pub fn kind(&self, kind: &Kind) -> Result<&KindSpec> {
        self.kinds
            .iter()
            .find(|it| it.kind == *kind)
            .with_context(|| format!("no kind of record is called {kind}"))
    }

    /// The limits of a system that takes one record in a call: what goes there is fed at the pace that they let.
    #[must_use]
    pub fn pace(&self, system: &System) -> Option<Limits> {
        (*system == System::ZOHO_BILLING).then(|| Billing::limits(self.config.billing.calls))
    }

    /// The classes of what goes to a system, the first one first.
    #[must_use]
    pub fn classes(&self, system: &System) -> BTreeSet<Class> {
        let goes = |it: &&KindSpec| it.route(system).is_some_and(|it| it.written);
        let usual = self.kinds.iter().filter(goes).map(|it| it.class);
        usual.chain([Class::BACKFILL]).collect()
    }

    /// The day that it is where the billing organisation is.
    #[must_use]
    pub fn billing_day(&self) -> Date {
        day_of(self.clock.now(), self.config.billing.offset)
    }

    /// Whether a system has what it needs to be called.
    #[must_use]
    pub fn is_configured(&self, system: &System) -> bool {
        match system.as_str() {
            "zoho_crm" => self.zoho_crm.is_some(),
            "portal" => self.portal.is_some(),
            "backoffice" => self.backoffice.is_some(),
            "app" => self.app.is_some(),
            "app_status" => self.app.is_some() && !self.config.billing.status_columns.is_empty(),
            "zoho_billing" => self.zoho_billing.is_some(),
            _ => self.also.contains(system),
        }
    }
}
