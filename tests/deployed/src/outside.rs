//! The outside systems: the twins, on ports of their own, and what they call back.

use crate::door::Door;
use anyhow::{Context as _, Result};
use local::run::sam::architecture;
use local::world::Zoho;
use serde_json::{Value, json};
use shared::clock::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;
use twins::{Now, Supabase, Twin, ZohoBilling, ZohoCrm, billing, serve, supabase, zoho};

/// What the portal's database webhook shows.
const WEBHOOK_SECRET: &str = "deployed-portal-secret";
/// What the app's database webhooks show.
const APP_SECRET: &str = "deployed-app-secret";
/// What starts a pull by hand.
pub(crate) const CRON_SECRET: &str = "deployed-cron-secret";
/// Whose lead makes `sync_zoho_crm_lead` panic.
pub(crate) const POISON: &str = "poison@example.com";
/// Where the twins believe that Concord is: Zoho calls back over https only.
const PUBLIC_URL: &str = "https://concord.example";

/// A call of a twin's: address, headers, body.
type Call = (String, Vec<(String, String)>, bytes::Bytes);

/// The twins and their addresses.
#[derive(Clone)]
pub(crate) struct Outside {
    /// Zoho CRM.
    pub(crate) zoho: ZohoCrm,
    /// The portal's project.
    pub(crate) portal: Supabase,
    /// The back office's project.
    pub(crate) backoffice: Supabase,
    /// Zoho Billing, behind Zoho CRM's door.
    pub(crate) billing: ZohoBilling,
    /// The app's project.
    pub(crate) app: Supabase,
    urls: [String; 4],
}

impl Outside {
    /// Serves all of them.
    ///
    /// # Errors
    /// When no port is free.
    pub(crate) async fn open() -> Result<Self> {
        let now: Now = {
            let clock = Clock::system();
            Arc::new(move || clock.now())
        };
        let hook = format!("{PUBLIC_URL}/webhooks/supabase/portal");
        let portal = supabase::Settings::portal().webhook("leads", &hook, "x-webhook-secret", WEBHOOK_SECRET);
        let listeners = [listen().await?, listen().await?, listen().await?, listen().await?];
        let url = |it: &TcpListener| Ok::<_, std::io::Error>(format!("http://{}", it.local_addr()?));
        let urls = [
            url(&listeners[0])?,
            url(&listeners[1])?,
            url(&listeners[2])?,
            url(&listeners[3])?,
        ];
        let zoho = ZohoCrm::new(zoho::Settings::default(), now.clone());
        let accounts = zoho.accounts().clone();
        let outside = Self {
            billing: ZohoBilling::new(billing::Settings::default(), now.clone(), accounts),
            zoho,
            portal: Supabase::new(portal, now.clone()),
            backoffice: Supabase::new(supabase::Settings::back_office(true), now.clone()),
            app: Supabase::new(app_project(), now),
            urls,
        };
        let [zoho, portal, backoffice, app] = listeners;
        let both = Zoho {
            crm: outside.zoho.clone(),
            billing: outside.billing.clone(),
        };
        open(zoho, both);
        open(app, outside.app.clone());
        open(portal, outside.portal.clone());
        open(backoffice, outside.backoffice.clone());
        Ok(outside)
    }

    /// What the stack is deployed with: parameters, secrets, and queues whose messages die soon.
    #[must_use]
    pub(crate) fn settings(&self, aws: &str) -> Value {
        let [zoho, portal, backoffice, app] = &self.urls;
        json!({
            "parameters": {
                "Architecture": architecture(),
                "AwsEndpointUrl": aws,
                "PublicUrl": PUBLIC_URL,
                "PortalSupabaseUrl": portal,
                "BackofficeSupabaseUrl": backoffice,
                "AppSupabaseUrl": app,
                "ZohoBillingOrganizationId": "10234695",
            },
            "secrets": {
                "zoho": {
                    "ZOHO_CLIENT_ID": "1000.TWIN",
                    "ZOHO_CLIENT_SECRET": "twin-client-secret",
                    "ZOHO_REFRESH_TOKEN": "1000.twin.refresh",
                    "ZOHO_ACCOUNTS_URL": zoho,
                    "ZOHO_API_URL": zoho,
                },
                "portal": { "PORTAL_SUPABASE_SERVICE_KEY": "sb_secret_portal" },
                "backoffice": { "BACKOFFICE_SUPABASE_SERVICE_KEY": "sb_secret_backoffice" },
                "app": { "APP_SUPABASE_SERVICE_KEY": "sb_secret_app" },
                "concord": {
                    "APP_WEBHOOK_SECRET": APP_SECRET,
                    "CRON_SECRET": CRON_SECRET,
                    "PORTAL_WEBHOOK_SECRET": WEBHOOK_SECRET,
                    "ZOHO_CRM_WEBHOOK_TOKEN": "deployed-zoho-token",
                },
            },
            "impatient": ["IntakeQueue"],
            "poisoned": { "SyncZohoCrmLead": POISON },
        })
    }

    /// Delivers what the twins call back, until the task is dropped.
    pub(crate) async fn call_back(self, door: Door) {
        loop {
            let zoho = self.zoho.take_notifications().into_iter();
            let zoho = zoho.map(|it| (it.url, Vec::new(), it.body.to_string().into()));
            let portal = self.portal.take_webhooks().into_iter();
            let rows = portal.chain(self.app.take_webhooks());
            let rows = rows.map(|it| (it.url, it.headers, it.body.to_string().into()));
            for (url, headers, body) in zoho.chain(rows).collect::<Vec<Call>>() {
                let path = url.strip_prefix(PUBLIC_URL).unwrap_or(&url).to_owned();
                // A sender of theirs may try again or not; the pulls make up for what is lost.
                drop(door.post(&path, &headers, body).await);
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// The app's project, whose webhooks tell of its tables.
fn app_project() -> supabase::Settings {
    let hook = format!("{PUBLIC_URL}/webhooks/supabase/app");
    let tables = [
        "customers",
        "customer_services",
        "customer_invoices",
        "payment_transactions",
    ];
    tables.iter().fold(supabase::Settings::app(), |project, table| {
        project.webhook(table, &hook, "x-webhook-secret", APP_SECRET)
    })
}

async fn listen() -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await.context("a port for a twin")
}

fn open(listener: TcpListener, twin: impl Twin) {
    tokio::spawn(serve(listener, twin));
}
