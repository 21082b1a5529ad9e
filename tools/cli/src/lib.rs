//! Operators' work on a deployment's table: one module per verb, each a function of the app and its arguments that
//! returns a report, which is a table for people and JSON for programs.

pub mod backfill;
pub mod bars;
pub mod connect;
pub mod keys;
pub mod mock;
pub mod pause;
pub mod report;
pub mod resolve;
pub mod resume;
pub mod retry;
pub mod runs;
pub mod status;
pub mod tied;

use anyhow::Result;
use bars::Bars;
use clap::{Parser, Subcommand};
use report::Report;
use shared::app::App;

/// Keeps a business's records and its outside systems in agreement: the operators' side.
///
/// Works on the deployment's table directly and needs no vendor's secret. Set TABLE_NAME (default: concord-records),
/// AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN with temporary ones). Profiles and
/// single sign-on are not read: `eval "$(aws configure export-credentials --format env)"` first. For the local bundle
/// AWS_ENDPOINT_URL and TABLE_NAME, as `cargo run` prints them, are enough.
#[derive(Debug, Parser)]
#[command(name = "concord", version)]
pub struct Cli {
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show how everything stands.
    Status(status::Args),
    /// Try again now: one record, or all that match.
    Retry(retry::Args),
    /// Settle what is held: a link, an arrival or a field.
    Resolve(resolve::Args),
    /// Stop writing to a system; its work waits.
    Pause(pause::Args),
    /// Write to a system again.
    Resume(resume::Args),
    /// Log what would be written to a system instead of writing it; it is not written later either.
    Mock(mock::Args),
    /// List the runs of the pulls and of the nightly upkeep.
    Runs(runs::Args),
    /// Read everything from the sources once more, behind live traffic.
    Backfill(backfill::Args),
    /// Make, list and revoke keys of the API.
    Keys(keys::Args),
}

/// Runs a verb; what it reports, as a table or as JSON.
///
/// # Errors
/// When it can't be done: one line that says why.
pub async fn run(app: &App, cli: &Cli, bars: &mut Bars) -> Result<String> {
    let json = cli.json;
    match &cli.verb {
        Verb::Status(_) => show(json, &status::run(app).await?),
        Verb::Retry(args) => show(json, &retry::run(app, args, |done, of| bars.retry(done, of)).await?),
        Verb::Resolve(args) => show(json, &resolve::run(app, args).await?),
        Verb::Pause(args) => show(json, &pause::run(app, args).await?),
        Verb::Resume(args) => show(json, &resume::run(app, args).await?),
        Verb::Mock(args) => show(json, &mock::run(app, args).await?),
        Verb::Runs(args) => show(json, &runs::run(app, args).await?),
        Verb::Backfill(args) => show(json, &backfill::run(app, args, |it| bars.backfill(it)).await?),
        Verb::Keys(args) => show(json, &keys::run(app, args).await?),
    }
}

fn show(json: bool, report: &impl Report) -> Result<String> {
    if json {
        Ok(serde_json::to_string_pretty(report)?)
    } else {
        Ok(report.text(report::zone()))
    }
}
