//! A backfill: runs of the ordinary pulls with their cursors at zero, in a class that yields to live traffic.

use crate::app::App;
use crate::job::Message;
use crate::model::{Class, Kind, System};
use crate::store::{DueIndex, Places, keys};
use crate::sync::pull::BillingPosition as Position;
use crate::sync::run::{self, Run};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;

/// The pulls that read leads.
const LEADS: [&str; 2] = ["portal_pull", "zoho_crm_pull"];

/// Begins a backfill's runs, or finds those that are under way. Jobs of a source that is not configured are left out.
///
/// # Errors
/// When no source is configured, or the table does not answer.
pub async fn begin(app: &App, configured: &BTreeSet<System>) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for job in LEADS {
        if configured.contains(&run::source(job)) {
            runs.push(begin_one(app, job, serde_json::Value::Null).await?);
        }
    }
    if runs.is_empty() {
        bail!("no source is configured: set PORTAL_SUPABASE_URL or ZOHO_CLIENT_ID in the deployment");
    }
    Ok(runs)
}

/// Begins a backfill of these kinds of the app (none: of all), or finds the same one under way; a dry one only counts.
/// The inner error: another one is under way.
///
/// # Errors
/// When the table does not answer.
pub async fn begin_billing(app: &App, kinds: &[Kind], dry: bool) -> Result<Result<Run, String>> {
    let wanted = Position {
        kinds: kinds.to_vec(),
        dry,
        ..Position::default()
    };
    let run = begin_one(app, "billing_pull", serde_json::to_value(&wanted)?).await?;
    let there: Position = serde_json::from_value(run.position.clone()).unwrap_or_default();
    if (there.dry, &there.kinds) == (dry, &wanted.kinds) {
        return Ok(Ok(run));
    }
    let (sort, id) = (if there.dry { "a dry run" } else { "a backfill" }, &run.id);
    Ok(Err(format!(
        "{sort} of other kinds or another sort is under way ({id}); try again when it has ended"
    )))
}

async fn begin_one(app: &App, job: &str, position: serde_json::Value) -> Result<Run> {
    let id = run::begin_at(app, job, Class::BACKFILL, position).await?;
    let at = keys::run(job, &id);
    let stored = app.store.get::<Run>(&at).await?.context("the run is gone")?;
    if stored.body.lease_until.is_none() && stored.body.finished_at.is_none() {
        // Due now: where no queue is known (at the command line) the next sweep wakes the job.
        let due = DueIndex {
            system: "run".into(),
            bucket: "open",
            class: Class::BACKFILL,
            at: app.clock.now(),
        };
        let places = Places {
            due: Some(due),
            ..Places::default()
        };
        // A lost race is a worker that has begun.
        app.store.put(&at, &stored.body, Some(&stored.rev), &places).await?;
    }
    if let Err(error) = app.queues.send(&run::queue(job), &[Message::Activate]).await {
        tracing::debug!(job, error = format!("{error:#}"), "not activated; the sweep will");
    }
    Ok(stored.body)
}
