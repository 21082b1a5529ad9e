//! `concord backfill leads`: reads everything from the sources once more, behind live traffic.

use crate::report::Report;
use crate::runs::of_runs;
use anyhow::{Context as _, Result};
use clap::ValueEnum;
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::app::App;
use shared::sync::deployment::{self, Deployment};
use shared::sync::run::{self, Run};
use std::time::Duration;

/// What to read.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The kind.
    pub kind: Kinds,
    /// Don't wait for the end: the runs go on by themselves, as they do when this program is stopped.
    #[arg(long)]
    pub detach: bool,
}

/// The kinds that can be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kinds {
    /// From the portal and from Zoho CRM.
    Leads,
}

/// The runs of a backfill.
#[derive(Clone, Debug, Serialize)]
pub struct Backfill {
    /// Whether all have ended.
    pub finished: bool,
    /// One for each source.
    pub runs: Vec<Run>,
}

const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Begins the runs, or finds those under way, and follows them to their end. `watch` is shown how far they are.
///
/// # Errors
/// When no source is configured, or the table does not answer; the runs go on all the same.
pub async fn run(app: &App, args: &Args, mut watch: impl FnMut(&[Run])) -> Result<Backfill> {
    let Kinds::Leads = args.kind;
    let deployed = deployment::read(&app.store).await?;
    let configured = deployed.unwrap_or_else(|| Deployment::of(app)).configured;
    let mut runs = shared::sync::backfill::begin(app, &configured).await?;
    if !args.detach {
        follow(app, &mut runs, &mut watch).await?;
    }
    Ok(Backfill {
        finished: runs.iter().all(|it| it.finished_at.is_some()),
        runs,
    })
}

async fn follow(app: &App, runs: &mut [Run], watch: &mut impl FnMut(&[Run])) -> Result<()> {
    loop {
        watch(runs);
        if runs.iter().all(|it| it.finished_at.is_some()) {
            return Ok(());
        }
        app.clock.sleep(LOOK_AGAIN).await;
        for run in runs.iter_mut() {
            *run = run::find(app, &run.id).await?.context("the run is gone")?;
        }
    }
}

impl Report for Backfill {
    fn text(&self, zone: TimeZone) -> String {
        let next = if self.finished {
            "everything is read; concord status shows what is still on its way to the systems"
        } else {
            "the runs go on by themselves; concord runs shows how far they are"
        };
        format!("{}\n{next}", of_runs(&self.runs, &zone))
    }
}
