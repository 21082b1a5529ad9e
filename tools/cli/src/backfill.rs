//! `concord backfill`: reads everything from the sources once more, behind live traffic.

use crate::report::{Report, time};
use crate::runs::of_runs;
use crate::tied::Look;
use anyhow::{Context as _, Error, Result, bail};
use clap::ValueEnum;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::app::App;
use shared::model::{Kind, System};
use shared::sync::backfill::{begin, begin_billing};
use shared::sync::budget::{Forecast, forecast};
use shared::sync::deployment::{self, Deployment};
use shared::sync::run::{self, Run};
use std::time::Duration;

/// What to read.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The kind.
    pub kind: Kinds,
    /// Only count: what would change, how many calls that takes, which limit binds and when it would end.
    #[arg(long)]
    pub dry_run: bool,
    /// Don't wait for the end: the runs go on by themselves, as they do when this program is stopped.
    #[arg(long)]
    pub detach: bool,
}

/// The kinds that can be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kinds {
    /// From the portal and from Zoho CRM.
    Leads,
    /// From the app, as are all that follow.
    Customers,
    /// Of the app, if it has a table of them.
    Products,
    /// Of the app, if it has a table of them.
    Plans,
    /// Of the app.
    Services,
    /// Of the app.
    Invoices,
    /// Of the app.
    Payments,
    /// Everything that is billed.
    All,
}

/// The runs of a backfill.
#[derive(Clone, Debug, Serialize)]
pub struct Backfill {
    /// Whether all have ended.
    pub finished: bool,
    /// One for each source.
    pub runs: Vec<Run>,
    /// What a dry run foretells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// When the last call would be made, if the first one were made now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// How Zoho Billing stands in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    /// What is known of customers that Zoho itself ties to Zoho CRM; only where customers are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tied: Option<Look>,
}

/// What is still to be written, and what waits for people; each counted up to 10,000.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Left {
    /// Links that are still to be written.
    pub open: usize,
    /// Links that wait for a person.
    pub attention: usize,
    /// Links that a rule leaves out.
    pub skipped: usize,
}

/// How far a backfill is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// It has not begun, and a person should know this.
    Warns(&'a str),
    /// It is being read.
    Reads(&'a [Run]),
    /// It is being written: of so many links so many are no longer open.
    Writes(usize, usize),
}

const LOOK_AGAIN: Duration = Duration::from_secs(2);
const CAP: usize = 10_000;

/// Begins the runs, or finds those under way, and follows them to their end. `watch` is shown how far they are.
///
/// # Errors
/// When no source is configured, or the table does not answer; the runs go on all the same.
pub async fn run(app: &App, args: &Args, mut watch: impl FnMut(Progress<'_>)) -> Result<Backfill> {
    let billed = args.kind.billed();
    let tied = look(app, billed.as_deref(), &mut watch).await?;
    let mut runs = begun(app, args, billed.as_deref()).await?;
    if !args.detach {
        follow(app, &mut runs, &mut watch).await?;
        refused(&runs)?;
    }
    let finished = runs.iter().all(|it| it.finished_at.is_some());
    let mut told = Backfill {
        finished,
        runs,
        forecast: None,
        ends_at: None,
        left: None,
        tied,
    };
    if args.dry_run && finished {
        told.foretell(app);
    } else if billed.is_some() && finished && !args.detach {
        told.left = Some(written(app, &mut watch).await?);
    }
    Ok(told)
}

/// What a person is to know before customers are read; said before anything is begun.
async fn look(app: &App, billed: Option<&[Kind]>, watch: &mut impl FnMut(Progress<'_>)) -> Result<Option<Look>> {
    if billed.is_none_or(|it| !it.is_empty() && !it.contains(&Kind::CUSTOMER)) {
        return Ok(None);
    }
    let look = Look::of(app).await?;
    if let Some(warning) = &look.warning {
        watch(Progress::Warns(warning));
    }
    Ok(Some(look))
}

async fn begun(app: &App, args: &Args, billed: Option<&[Kind]>) -> Result<Vec<Run>> {
    let deployed = deployment::read(&app.store).await?;
    let configured = deployed.unwrap_or_else(|| Deployment::of(app)).configured;
    match billed {
        None if args.dry_run => bail!("--dry-run: leads go in calls of a hundred; there is nothing to foretell"),
        None => begin(app, &configured).await,
        Some(_) if !configured.contains(&System::APP) => {
            bail!("no source is configured: set APP_SUPABASE_URL in the deployment")
        }
        Some(kinds) => {
            let run = begin_billing(app, &known(app, kinds)?, args.dry_run).await?;
            Ok(vec![run.map_err(Error::msg)?])
        }
    }
}

impl Kinds {
    /// The kinds that are billed; none in the list: all of them.
    fn billed(self) -> Option<Vec<Kind>> {
        Some(match self {
            Self::Leads => return None,
            Self::All => Vec::new(),
            Self::Customers => vec![Kind::CUSTOMER],
            Self::Products => vec![Kind::PRODUCT],
            Self::Plans => vec![Kind::PLAN],
            Self::Services => vec![Kind::SERVICE],
            Self::Invoices => vec![Kind::INVOICE],
            Self::Payments => vec![Kind::PAYMENT],
        })
    }
}

/// The kinds, if the app has a table of each.
fn known(app: &App, kinds: &[Kind]) -> Result<Vec<Kind>> {
    match kinds.iter().find(|it| app.config.billing.table(it).is_none()) {
        Some(kind) => {
            bail!("{kind}: the app has no table of it: name one in APP_TABLES, or send them to POST /{kind}s")
        }
        None => Ok(kinds.to_vec()),
    }
}

impl Backfill {
    fn foretell(&mut self, app: &App) {
        let Some(limits) = app.pace(&System::ZOHO_BILLING) else {
            return;
        };
        let forecast = forecast(self.runs.iter().map(|it| it.counts.calls).sum(), &limits);
        let lasts = SignedDuration::from_secs(i64::try_from(forecast.seconds).unwrap_or(i64::MAX));
        self.ends_at = app.clock.now().checked_add(lasts).ok();
        self.forecast = Some(forecast);
    }
}

async fn follow(app: &App, runs: &mut [Run], watch: &mut impl FnMut(Progress<'_>)) -> Result<()> {
    loop {
        watch(Progress::Reads(runs));
        if runs.iter().all(|it| it.finished_at.is_some()) {
            return Ok(());
        }
        app.clock.sleep(LOOK_AGAIN).await;
        for run in runs.iter_mut() {
            *run = run::find(app, &run.id).await?.context("the run is gone")?;
        }
    }
}

/// A source that refuses what is asked of it must be mended before anything is read.
fn refused(runs: &[Run]) -> Result<()> {
    let Some(failed) = runs.iter().find(|it| it.has_failed()) else {
        return Ok(());
    };
    let why = failed.error.as_deref().unwrap_or_default();
    bail!(
        "{}: {why}; what was read before is in; mend it and begin again",
        failed.id
    )
}

/// Waits until everything is written that can be; what waits for people, or for its parents, is no reason to stay.
async fn written(app: &App, watch: &mut impl FnMut(Progress<'_>)) -> Result<Left> {
    let (mut most, mut before, mut still) = (0, usize::MAX, 0);
    loop {
        let left = left(app).await?;
        most = most.max(left.open);
        watch(Progress::Writes(most - left.open, most));
        still = if left.open < before { 0 } else { still + 1 };
        before = left.open;
        if left.open == 0 || still > PATIENCE {
            return Ok(left);
        }
        app.clock.sleep(LOOK_AGAIN).await;
    }
}

/// Looks without any progress after which this program ends; the work goes on.
const PATIENCE: u32 = 60;

async fn left(app: &App) -> Result<Left> {
    let count = async |bucket| app.store.count_due(System::ZOHO_BILLING.as_str(), bucket, CAP).await;
    Ok(Left {
        open: count("open").await?,
        attention: count("attention").await?,
        skipped: count("skipped").await?,
    })
}

impl Report for Backfill {
    fn text(&self, zone: TimeZone) -> String {
        let warning = self.tied.as_ref().and_then(|it| it.warning.as_ref());
        let table = of_runs(&self.runs, &zone) + &warning.map(|it| format!("\n{it}")).unwrap_or_default();
        if let Some(forecast) = &self.forecast {
            return format!("{table}\n{}", foretold(forecast, self.ends_at, &zone));
        }
        let next = match (self.finished, self.left) {
            (true, Some(left)) => format!(
                "in Zoho Billing: {} still to be written, {} wait for a person, {} left out by a rule",
                left.open, left.attention, left.skipped
            ),
            (true, None) => {
                "everything is read; concord status shows what is still on its way to the systems".to_owned()
            }
            (false, _) => "the runs go on by themselves; concord runs shows how far they are".to_owned(),
        };
        format!("{table}\n{next}")
    }
}

fn foretold(forecast: &Forecast, ends_at: Option<Timestamp>, zone: &TimeZone) -> String {
    let end = time(ends_at, zone);
    match forecast.binds {
        None => format!(
            "nothing was written; {} calls, which fit into the limits at once",
            forecast.calls
        ),
        Some(limit) => format!(
            "nothing was written; {} calls, bound by the limit of the {limit}; begun now, the last is made at {end}",
            forecast.calls
        ),
    }
}
