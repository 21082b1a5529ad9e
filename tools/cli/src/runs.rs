//! `concord runs`: what the jobs did.

use crate::report::{Report, table, time};
use anyhow::{Result, bail};
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::app::App;
use shared::model::Class;
use shared::sync::recount;
use shared::sync::run::{PULLS, Run, list};

/// Which runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Of this job only: billing_pull, portal_pull, zoho_crm_pull, renew.
    #[arg(long)]
    pub job: Option<String>,
    /// At most so many of each job.
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
}

/// Runs, newest first.
#[derive(Clone, Debug, Serialize)]
pub struct Runs {
    /// The runs.
    pub runs: Vec<Run>,
}

/// Lists them.
///
/// # Errors
/// When there is no such job, or the table does not answer.
pub async fn run(app: &App, args: &Args) -> Result<Runs> {
    let known: Vec<&str> = PULLS.into_iter().chain([recount::JOB]).collect();
    if let Some(job) = args.job.as_deref().filter(|it| !known.contains(it)) {
        bail!("{job}: is no job; there are {}", known.join(", "));
    }
    let mut runs = Vec::new();
    for job in known
        .into_iter()
        .filter(|it| args.job.as_deref().is_none_or(|job| job == *it))
    {
        runs.extend(list(app, job, args.limit).await?);
    }
    runs.sort_by_key(|it| std::cmp::Reverse(it.started_at));
    Ok(Runs { runs })
}

impl Report for Runs {
    fn text(&self, zone: TimeZone) -> String {
        if self.runs.is_empty() {
            return "no runs yet".to_owned();
        }
        of_runs(&self.runs, &zone)
    }
}

/// The table of some runs.
pub(crate) fn of_runs(runs: &[Run], zone: &TimeZone) -> String {
    let header = [
        "job",
        "class",
        "status",
        "started",
        "finished",
        "#read",
        "#created",
        "#updated",
        "#unchanged",
        "#held",
        "#failed",
        "#later",
        "error",
    ];
    let row = |it: &Run| {
        let (class, counts) = (class(it), &it.counts);
        let numbers = [
            counts.read,
            counts.created,
            counts.updated,
            counts.unchanged,
            counts.held,
            counts.failed,
            counts.later,
        ];
        let words = [&it.job, class, &it.status];
        let mut row: Vec<String> = words.into_iter().map(str::to_owned).collect();
        row.extend([time(Some(it.started_at), zone), time(it.finished_at, zone)]);
        row.extend(numbers.map(|it| it.to_string()));
        row.push(it.error.clone().unwrap_or_default());
        row
    };
    table(&header, runs.iter().map(row).collect())
}

fn class(run: &Run) -> &'static str {
    match run.class {
        Class::BACKFILL if run.is_dry() => "dry run",
        Class::BACKFILL => "backfill",
        _ => "live",
    }
}
