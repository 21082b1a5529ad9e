//! The numbers that operators see, from the sparse index and the totals; never from a scan.

mod standing;
mod waiting;

pub use standing::{Attends, Standing};
pub use waiting::{HeldRow, Waiting};

use crate::app::App;
use crate::store::keys;
use crate::sync::deployment::{self, Deployment};
use crate::sync::run::{self, Counts, PULLS};
use crate::sync::{recount, token};
use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use standing::{There, standing};
use std::collections::BTreeMap;
use std::fmt;

/// More are not counted.
const CAP: usize = 10_000;
const BATCH: usize = 100;

/// A number that is counted up to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many, at least.
    pub number: usize,
    /// Whether there may be more.
    pub more: bool,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.more {
            f.write_str("10,000+")
        } else {
            write!(f, "{}", self.number)
        }
    }
}

/// The last run of a job.
#[derive(Clone, Debug, Serialize)]
pub struct LastRun {
    /// The job.
    pub job: String,
    /// The run's id.
    pub id: Option<String>,
    /// `running`, `done`, `failed`, `never`.
    pub status: String,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it did.
    pub counts: Counts,
    /// What went wrong last.
    pub error: Option<String>,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Numbers {
    /// When.
    pub at: Timestamp,
    /// Kind by kind, system by system.
    pub systems: Vec<Standing>,
    /// What waits at the door.
    pub waiting: Waiting,
    /// Job by job.
    pub jobs: Vec<LastRun>,
    /// Until when Zoho's present access token is good; it is renewed by whoever needs one.
    pub zoho_token_until: Option<Timestamp>,
    /// Until when Zoho's notification channel lives.
    pub zoho_channel_until: Option<Timestamp>,
    /// Whether Zoho keeps the portal's lead id unique; unknown before the first check.
    pub zoho_key_is_unique: Option<bool>,
}

/// Reads them.
///
/// # Errors
/// When the table does not answer.
pub async fn read(app: &App) -> Result<Numbers> {
    let deployment = deployment::read(&app.store).await?;
    let deployment = deployment.unwrap_or_else(|| Deployment::of(app));
    let mut systems = Vec::new();
    let mut seen = BTreeMap::new();
    for spec in &app.kinds {
        for route in &spec.routes {
            if !seen.contains_key(&route.system) {
                seen.insert(route.system.clone(), There::of(app, &route.system).await?);
            }
            systems.push(standing(app, &deployment, &spec.kind, route, &seen[&route.system]).await?);
        }
    }
    let mut jobs = Vec::new();
    for job in PULLS.iter().chain(&[recount::JOB]) {
        jobs.push(last_run(app, job).await?);
    }
    let zoho_token_until = match &deployment.zoho_account {
        Some(account) => token::expiry(&app.store, account).await?,
        None => None,
    };
    let channel = app.store.get(&keys::note("zoho_crm.channel.expiry")).await?;
    let unique = app.store.get(&keys::note("zoho_crm.portal_lead_id.unique")).await?;
    Ok(Numbers {
        at: app.clock.now(),
        systems,
        waiting: waiting::read(app).await?,
        jobs,
        zoho_token_until,
        zoho_channel_until: channel.and_then(|it| it.body),
        zoho_key_is_unique: unique.map(|it| it.body),
    })
}

async fn last_run(app: &App, job: &str) -> Result<LastRun> {
    let run = run::list(app, job, 1).await?.into_iter().next();
    Ok(LastRun {
        job: job.to_owned(),
        id: run.as_ref().map(|it| it.id.clone()),
        status: run.as_ref().map_or("never".to_owned(), |it| it.status.clone()),
        started_at: run.as_ref().map(|it| it.started_at),
        finished_at: run.as_ref().and_then(|it| it.finished_at),
        counts: run.as_ref().map(|it| it.counts.clone()).unwrap_or_default(),
        error: run.and_then(|it| it.error),
    })
}
