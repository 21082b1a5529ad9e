//! Health: what the table says, without calling any system.

use crate::app::App;
use crate::model::System;
use crate::store::keys;
use crate::sync::budget::{self, Mode};
use crate::sync::deployment::{self, Deployment};
use crate::sync::run::{Cursor, PULLS, source};
use anyhow::Result;
use futures_util::future::{Either, select};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `ok`, `off`, `degraded`.
    pub status: &'static str,
    /// In words.
    pub detail: String,
}

/// All checks.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// `healthy` or `degraded`.
    pub status: &'static str,
    /// When.
    pub timestamp: Timestamp,
    /// By name.
    pub checks: BTreeMap<String, Check>,
}

const CAP: usize = 10_000;
/// How long the table has to answer all of it.
const PATIENCE: Duration = Duration::from_secs(5);

impl Health {
    /// Whether nothing is degraded.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.status == "healthy"
    }
}

/// Reads stored results.
pub async fn check(app: &App) -> Health {
    let mut checks = BTreeMap::new();
    let failed = match select(pin!(all(app, &mut checks)), pin!(app.clock.sleep(PATIENCE))).await {
        Either::Left((read, _)) => read.err().map(|it| format!("{it:#}")),
        Either::Right(_) => Some("does not answer".to_owned()),
    };
    if let Some(why) = failed {
        checks.insert("database".to_owned(), degraded(why));
    }
    let healthy = checks.values().all(|it| it.status != "degraded");
    Health {
        status: if healthy { "healthy" } else { "degraded" },
        timestamp: app.clock.now(),
        checks,
    }
}

fn degraded(detail: String) -> Check {
    Check {
        status: "degraded",
        detail,
    }
}

fn off(detail: &str) -> Check {
    Check {
        status: "off",
        detail: detail.to_owned(),
    }
}

fn ok(detail: String) -> Check {
    Check { status: "ok", detail }
}

async fn all(app: &App, checks: &mut BTreeMap<String, Check>) -> Result<()> {
    // What is configured tells who has the secrets: this function is open to everyone, and has none.
    let deployed = deployment::read(&app.store).await?;
    let systems = [
        System::APP,
        System::APP_STATUS,
        System::BACKOFFICE,
        System::PORTAL,
        System::ZOHO_BILLING,
        System::ZOHO_CRM,
    ];
    for system in systems {
        checks.insert(system.to_string(), of_system(app, &system, deployed.as_ref()).await?);
    }
    for job in PULLS {
        checks.insert(job.to_owned(), of_job(app, job, deployed.as_ref()).await?);
    }
    let waiting = app.store.count_due("intake", "attention", CAP).await?;
    checks.insert("intake".to_owned(), ok(format!("{waiting} wait for a person")));
    let dead = app.store.count_due("dead_letter", "attention", CAP).await?;
    checks.insert(
        "queues".to_owned(),
        ok(format!("{dead} dead letters wait for a person")),
    );
    let unique = app
        .store
        .get::<bool>(&keys::note("zoho_crm.portal_lead_id.unique"))
        .await?;
    if unique.is_some_and(|it| !it.body) {
        let remedy = "the portal's lead id is not unique in Zoho CRM: forbid duplicate values in that field";
        checks.insert("zoho_crm_key".to_owned(), degraded(remedy.to_owned()));
    }
    checks.insert("database".to_owned(), ok("answers".to_owned()));
    Ok(())
}

/// How a pull's last run ended. Why one failed is told to those who have a key.
async fn of_job(app: &App, job: &str, deployed: Option<&Deployment>) -> Result<Check> {
    if deployed.is_some_and(|it| !it.configured.contains(&source(job))) {
        return Ok(off("its source is not configured"));
    }
    let cursor = app.store.get::<Cursor>(&keys::cursor(job)).await?;
    let cursor = cursor.map(|it| it.body).unwrap_or_default();
    if let Some(at) = cursor.failed_at {
        return Ok(degraded(format!(
            "the run that ended at {at} failed: GET /runs?job={job} says why"
        )));
    }
    let last = cursor.finished_at.map_or("never".to_owned(), |it| it.to_string());
    Ok(ok(format!("last finished: {last}")))
}

async fn of_system(app: &App, system: &System, deployed: Option<&Deployment>) -> Result<Check> {
    let Some(deployed) = deployed else {
        return Ok(off("not known before the first sweep"));
    };
    if !deployed.configured.contains(system) {
        return Ok(off("not configured: counts as paused"));
    }
    let budget = budget::read(app, system).await?.map(|it| it.body).unwrap_or_default();
    if budget.mode != Mode::On {
        return Ok(off(&format!("{:?}", budget.mode).to_lowercase()));
    }
    if budget.open_until_ms > app.clock.now_ms() {
        let until = crate::sync::token::instant(budget.open_until_ms);
        return Ok(degraded(format!("asked us to wait until {until}: {}", budget.open_why)));
    }
    let open = app.store.count_due(system.as_str(), "open", CAP).await?;
    let attention = app.store.count_due(system.as_str(), "attention", CAP).await?;
    Ok(ok(format!("{open} open, {attention} wait for a person")))
}
