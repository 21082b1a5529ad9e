//! `concord retry`: another try now, of one record or of all that match.

use crate::report::{Report, table};
use anyhow::{Result, bail};
use clap::builder::PossibleValuesParser;
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::app::App;
use shared::model::{Link, RecordKey, Status, System};
use shared::sync::find::find_record;
use shared::sync::modes::written;
use shared::sync::retry::{Retried, matching, retry};

/// What to try again.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The record: its id, KIND#ID where kinds share ids, the portal's lead id, or an id of Zoho's.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub record: Option<String>,
    /// In this system only.
    #[arg(long)]
    pub system: Option<String>,
    /// All records whose link to --system has --status.
    #[arg(long, requires = "system", requires = "status")]
    pub all: bool,
    /// With --all: links of this status.
    #[arg(long, requires = "all", value_parser = PossibleValuesParser::new(["failed", "held", "retrying", "parked", "skipped"]))]
    pub status: Option<String>,
    /// With --all: do it, after the count was shown.
    #[arg(long, requires = "all")]
    pub yes: bool,
}

/// What was done.
#[derive(Clone, Debug, Serialize)]
pub struct Retries {
    /// How many links match.
    pub matching: usize,
    /// How many were opened.
    pub opened: usize,
    /// How many were left, with the reasons in `links`.
    pub left: usize,
    /// Whether anything was done at all: `--all` asks for `--yes`.
    pub confirmed: bool,
    /// Link by link; of `--all` only those that were left.
    pub links: Vec<Line>,
}

/// One link.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The record.
    pub record: String,
    /// The system.
    pub system: System,
    /// What became of it.
    #[serde(flatten)]
    pub retried: Retried,
}

/// Tries again. `watch` is told how many are done, of how many.
///
/// # Errors
/// When there is no such record or system, or the table does not answer.
pub async fn run(app: &App, args: &Args, watch: impl FnMut(usize, usize)) -> Result<Retries> {
    let system = args.system.as_deref().map(|it| written(app, it)).transpose()?;
    match (&args.record, system) {
        (Some(record), system) => one(app, &find_record(app, record).await?, system).await,
        (None, Some(system)) => all(app, args, &system, watch).await,
        (None, None) => bail!("--system: is missing"),
    }
}

async fn one(app: &App, key: &RecordKey, system: Option<System>) -> Result<Retries> {
    let mut retries = Retries::new(0, true);
    let links = app.store.list::<Link>(&key.to_string(), "link#", 100).await?;
    let spec = app.kind(&key.kind)?;
    for (_, link) in links {
        let link = link.body;
        let written = spec.route(&link.system).is_some_and(|it| it.written);
        if written && system.as_ref().is_none_or(|it| *it == link.system) {
            retries.matching += 1;
            let retried = retry(app, key, &link.system).await?;
            retries.take(key, &link.system, retried, true);
        }
    }
    Ok(retries)
}

async fn all(app: &App, args: &Args, system: &System, mut watch: impl FnMut(usize, usize)) -> Result<Retries> {
    let wanted = args.status.as_deref().unwrap_or_default();
    let Some(status) = Status::ALL.into_iter().find(|it| it.as_str() == wanted) else {
        bail!("--status: {wanted} is no status");
    };
    let records = matching(app, system, status).await?;
    let mut retries = Retries::new(records.len(), args.yes);
    if !args.yes {
        return Ok(retries);
    }
    for (done, key) in records.iter().enumerate() {
        watch(done, records.len());
        let retried = retry(app, key, system).await?;
        retries.take(key, system, retried, false);
    }
    watch(records.len(), records.len());
    Ok(retries)
}

impl Retries {
    fn new(matching: usize, confirmed: bool) -> Self {
        Self {
            matching,
            opened: 0,
            left: 0,
            confirmed,
            links: Vec::new(),
        }
    }

    fn take(&mut self, key: &RecordKey, system: &System, retried: Retried, listed: bool) {
        let opened = matches!(retried, Retried::Opened { .. });
        if opened {
            self.opened += 1;
        } else {
            self.left += 1;
        }
        if listed || !opened {
            self.links.push(Line {
                record: key.to_string(),
                system: system.clone(),
                retried,
            });
        }
    }
}

impl Report for Retries {
    fn text(&self, _: TimeZone) -> String {
        if !self.confirmed {
            return format!("{} match; nothing is done without --yes", self.matching);
        }
        let count = format!("{} match, {} opened, {} left", self.matching, self.opened, self.left);
        if self.links.is_empty() {
            return count;
        }
        let row = |it: &Line| {
            let (was, now) = match &it.retried {
                Retried::Opened { was } => (was, "opened: goes within a minute".to_owned()),
                Retried::Left { was, why } => (was, format!("left: {why}")),
            };
            vec![it.record.clone(), it.system.to_string(), was.as_str().to_owned(), now]
        };
        let rows = self.links.iter().map(row).collect();
        format!("{}\n{count}", table(&["record", "system", "was", "now"], rows))
    }
}
