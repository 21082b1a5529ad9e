//! The outside systems of a local bundle: twins, reached by host name, with faults between; real ones over the network.

use super::zoho::{Zoho, is_billings};
use super::{LOCAL_URL, Options};
use crate::Now;
use crate::fault::{Failure, Faults};
use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use secrecy::ExposeSecret as _;
use shared::config::Config;
use shared::model::System;
use shared::systems::http::{Reqwest, Transport, TransportError};
use shared::systems::zoho_accounts::{DATA_CENTRES, DataCentre};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Notify;
use twins::{Lost, Netcash, Supabase, Twin, ZohoBilling, ZohoCrm, netcash, supabase};

/// The twins, and the way to each system. Cheap to clone.
#[derive(Clone)]
pub struct Systems {
    /// Zoho CRM.
    pub zoho: ZohoCrm,
    /// The portal's Supabase.
    pub portal: Supabase,
    /// The back office's Supabase.
    pub backoffice: Supabase,
    /// Zoho Billing, behind the accounts host of Zoho CRM.
    pub billing: ZohoBilling,
    /// The app's Supabase.
    pub app: Supabase,
    /// Netcash.
    pub netcash: Netcash,
    /// Faults on the way there and back.
    pub faults: Faults,
    ways: Arc<BTreeMap<String, Way>>,
    changed: Arc<Notify>,
}

/// As in the local settings.
const PORTAL_HOST: &str = "portal.supabase.co";
const BACKOFFICE_HOST: &str = "backoffice.supabase.co";
const APP_HOST: &str = "app.supabase.co";
const NETCASH_HOST: &str = "ws.netcash.co.za";

/// How a host is reached.
#[derive(Clone, Debug)]
enum Way {
    /// The twin of this system.
    Twin(System),
    /// Over the network.
    Real(System, Reqwest),
}

type Answer = Result<Response<Bytes>, TransportError>;

impl fmt::Debug for Systems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Systems")
            .field("hosts", &self.ways.keys())
            .finish_non_exhaustive()
    }
}

impl Systems {
    pub(super) fn new(now: Now, config: &Config, options: &Options) -> Result<Self> {
        let secret = config.portal_webhook_secret.as_ref();
        let secret = secret.map(|it| it.expose_secret().to_owned()).unwrap_or_default();
        let webhook_url = format!("{LOCAL_URL}/webhooks/supabase/portal");
        let mut portal = supabase::Settings::portal().webhook("leads", &webhook_url, "x-webhook-secret", &secret);
        let mut back_office = supabase::Settings::back_office(true);
        let mut app = app(config);
        for project in [&mut portal, &mut back_office, &mut app] {
            project.max_rows = options.most_rows;
        }
        let project = |settings, name: &str| match &options.data {
            None => Ok(Supabase::new(settings, now.clone())),
            Some(dir) => Supabase::open(settings, now.clone(), &dir.join(name))
                .with_context(|| format!("open the twin of the {name}'s Supabase")),
        };
        let (portal, backoffice, app) = (
            project(portal, "portal")?,
            project(back_office, "backoffice")?,
            project(app, "app")?,
        );
        let zoho = options.zoho.clone();
        let zoho = match &options.data {
            None => ZohoCrm::new(zoho, now.clone()),
            Some(dir) => ZohoCrm::open(zoho, now.clone(), &dir.join("zoho")).context("open Zoho CRM's twin")?,
        };
        let (organization, accounts) = (options.billing.clone(), zoho.accounts().clone());
        let billing = match &options.data {
            None => ZohoBilling::new(organization, now.clone(), accounts),
            Some(dir) => ZohoBilling::open(organization, now.clone(), accounts, &dir.join("billing"))
                .context("open Zoho Billing's twin")?,
        };
        Ok(Self {
            zoho,
            portal,
            backoffice,
            billing,
            app,
            netcash: Netcash::new(netcash::Settings::default(), now),
            faults: Faults::none(),
            ways: Arc::new(ways(config, options)?),
            changed: Arc::default(),
        })
    }

    /// Says that a twin may want to call back: after a person's doors, which don't say so themselves.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    /// Waits until a twin was used since the last time.
    pub async fn used(&self) {
        self.changed.notified().await;
    }

    /// Zoho's twins on one door.
    #[must_use]
    pub fn zohos(&self) -> Zoho {
        Zoho {
            crm: self.zoho.clone(),
            billing: self.billing.clone(),
        }
    }

    /// A twin's door for people and programs outside, which says when it was used.
    pub fn door<T: Twin>(&self, twin: T) -> Door<T> {
        Door {
            twin,
            changed: self.changed.clone(),
        }
    }

    async fn go(self, way: Way, request: Request<Bytes>) -> Answer {
        let operation = format!("{} {}", request.method(), request.uri().path());
        let (system, answer): (_, BoxFuture<'_, Answer>) = match way {
            Way::Twin(system) => {
                let answer = self.twin(system.clone(), request);
                (system, Box::pin(answer))
            }
            Way::Real(system, network) => (system, network.send(request)),
        };
        let answer = self.faults.around(system.as_str(), &operation, answer).await;
        self.wake();
        match answer {
            Ok(answer) => answer,
            Err(Failure::NotSent) => Err(TransportError::NotSent("the fault says so".into())),
            Err(Failure::Throttled) => Ok(status(429)),
            Err(Failure::ServerError | Failure::Conflict) => Ok(status(503)),
            Err(Failure::NoAnswer) => Err(TransportError::NoAnswer("the fault says so".into())),
        }
    }

    async fn twin(&self, system: System, request: Request<Bytes>) -> Answer {
        let answer = match system.as_str() {
            "portal" => self.portal.call(request).await,
            "backoffice" => self.backoffice.call(request).await,
            "app" => self.app.call(request).await,
            "netcash" => self.netcash.call(request).await,
            "zoho_billing" => self.billing.call(request).await,
            _ => self.zoho.call(request).await,
        };
        answer.map_err(|it| TransportError::NoAnswer(it.to_string()))
    }
}

/// The hosts of all systems that are configured, each with the way to it.
fn ways(config: &Config, options: &Options) -> Result<BTreeMap<String, Way>> {
    let mut hosts = twins_hosts();
    if let Some(zoho) = &config.zoho_crm {
        hosts.extend([&zoho.accounts, &zoho.api].map(|it| (it.host().to_owned(), System::ZOHO_CRM)));
    }
    let projects = [
        (&config.portal, System::PORTAL),
        (&config.backoffice, System::BACKOFFICE),
        (&config.app, System::APP),
    ];
    if let Some(netcash) = &config.billing.netcash {
        hosts.push((netcash.host().to_owned(), System::NETCASH));
    }
    for (project, system) in projects {
        hosts.extend(project.as_ref().map(|it| (it.base.host().to_owned(), system)));
    }
    let network = match options.real.is_empty() {
        true => None,
        false => Some(Reqwest::new()?),
    };
    let way = |system: System| match &network {
        Some(network) if options.real.contains(&system) => Way::Real(system, network.clone()),
        _ => Way::Twin(system),
    };
    Ok(hosts.into_iter().map(|(host, system)| (host, way(system))).collect())
}

/// Where the twins are by the local settings, and all of Zoho's hosts: a token's answer names the one to use.
fn twins_hosts() -> Vec<(String, System)> {
    let of = |it: &DataCentre| {
        let named = ["www.", "sandbox.", "developer."].map(|name| it.api.replacen("www.", name, 1));
        named.into_iter().chain([it.accounts.to_owned()])
    };
    let zoho = DATA_CENTRES.iter().flat_map(of).map(|host| (host, System::ZOHO_CRM));
    let projects = [
        (PORTAL_HOST, System::PORTAL),
        (BACKOFFICE_HOST, System::BACKOFFICE),
        (APP_HOST, System::APP),
        (NETCASH_HOST, System::NETCASH),
    ];
    zoho.chain(projects.map(|it| (it.0.to_owned(), it.1))).collect()
}

impl Transport for Systems {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Answer> {
        let host = request.uri().host().unwrap_or_default().to_ascii_lowercase();
        let of_billing = is_billings(request.uri().path());
        match self.ways.get(&host) {
            Some(Way::Twin(system)) if *system == System::ZOHO_CRM && of_billing => {
                Box::pin(self.clone().go(Way::Twin(System::ZOHO_BILLING), request))
            }
            Some(way) => Box::pin(self.clone().go(way.clone(), request)),
            None => Box::pin(async move { Err(TransportError::NotSent(format!("no system is at {host}"))) }),
        }
    }
}

/// The app's project, whose webhooks tell of its four tables.
fn app(config: &Config) -> supabase::Settings {
    let secret = config.billing.app_webhook_secret.as_ref();
    let secret = secret.map(|it| it.expose_secret().to_owned()).unwrap_or_default();
    let url = format!("{LOCAL_URL}/webhooks/supabase/app");
    let tables = [
        "customers",
        "customer_services",
        "customer_invoices",
        "payment_transactions",
    ];
    tables.iter().fold(supabase::Settings::app(), |project, table| {
        project.webhook(table, &url, "x-webhook-secret", &secret)
    })
}

fn status(code: u16) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or_default();
    response
}

/// A twin as it is served on a port.
#[derive(Clone)]
pub struct Door<T> {
    twin: T,
    changed: Arc<Notify>,
}

impl<T> fmt::Debug for Door<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a twin's door")
    }
}

impl<T: Twin> Twin for Door<T> {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let answer = self.twin.call(request).await;
        self.changed.notify_one();
        answer
    }
}
