//! The numbers that operators see, from the sparse index and the totals; never from a scan.

mod waiting;

pub use waiting::{HeldRow, Waiting};

use crate::app::App;
use crate::model::{Kind, Link, System};
use crate::store::{Key, decode, keys};
use crate::sync::budget::{self, Budget, Mode};
use crate::sync::deployment::{self, Deployment};
use crate::sync::fields::Route;
use crate::sync::run::{self, Counts, PULLS};
use crate::sync::{recount, token};
use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// More are not counted.
const CAP: usize = 10_000;
/// Links of a bucket are looked at one by one up to this many.
const LOOKED_AT: usize = 2_000;
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

/// How a kind stands in a system.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The kind.
    pub kind: Kind,
    /// The system.
    pub system: System,
    /// `on`, `paused`, `mock`, `not configured`, or `read only`.
    pub mode: &'static str,
    /// No call before this: the system asked for it.
    pub waits_until: Option<Timestamp>,
    /// Its own words.
    pub waits_why: Option<String>,
    /// Records of the kind.
    pub total: i64,
    /// Those that agree: the total less the others; unknown where one of these was not counted to its end.
    pub synced: Option<i64>,
    /// Pending, syncing, retrying, parked.
    pub open: Count,
    /// Failed, held, or with a field that is held.
    pub attention: Count,
    /// Kept out by a rule or a person.
    pub skipped: Count,
    /// The same by status; of a bucket with more than 2,000 links of the kind the first 2,000 only.
    pub by_status: BTreeMap<&'static str, usize>,
    /// Fields that are held, by name, reason and word.
    pub held_fields: BTreeMap<String, usize>,
    /// Since when the oldest open work has been open.
    pub oldest_open: Option<Timestamp>,
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

/// A system's budget, and what waits there, kind by kind: read once for all its kinds.
struct There {
    budget: Budget,
    open: Bucket,
    attention: Bucket,
    skipped: Bucket,
}

impl There {
    async fn of(app: &App, system: &System) -> Result<Self> {
        Ok(Self {
            budget: budget::read(app, system).await?.map(|it| it.body).unwrap_or_default(),
            open: Bucket::of(app, system, "open").await?,
            attention: Bucket::of(app, system, "attention").await?,
            skipped: Bucket::of(app, system, "skipped").await?,
        })
    }
}

/// The links of a bucket, by kind, the first 10,000 of all kinds.
struct Bucket {
    by_kind: BTreeMap<Kind, Vec<Key>>,
    more: bool,
}

impl Bucket {
    async fn of(app: &App, system: &System, name: &str) -> Result<Self> {
        let due = app.store.all_after(system.as_str(), name, None, CAP).await?;
        let (mut by_kind, more) = (BTreeMap::<Kind, Vec<Key>>::new(), due.len() >= CAP);
        for candidate in due {
            if let Some((record, _)) = candidate.key.as_link() {
                by_kind.entry(record.kind).or_default().push(candidate.key);
            }
        }
        Ok(Self { by_kind, more })
    }

    fn keys(&self, kind: &Kind) -> &[Key] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    fn count(&self, kind: &Kind) -> Count {
        Count {
            number: self.keys(kind).len(),
            more: self.more,
        }
    }
}

async fn standing(app: &App, known: &Deployment, kind: &Kind, route: &Route, there: &There) -> Result<Standing> {
    let (system, written) = (&route.system, route.written);
    let budget = &there.budget;
    let waits = budget.open_until_ms > app.clock.now_ms();
    let mode = match budget.mode {
        _ if !known.configured.contains(system) => "not configured",
        _ if !written => "read only",
        Mode::On => "on",
        Mode::Paused => "paused",
        Mode::Mock => "mock",
    };
    let buckets = [&there.open, &there.attention, &there.skipped];
    let [open, attention, skipped] = buckets.map(|it| it.count(kind));
    let total = recount::total(app, kind).await?;
    let mut standing = Standing {
        kind: kind.clone(),
        system: system.clone(),
        mode,
        waits_until: waits.then(|| token::instant(budget.open_until_ms)),
        waits_why: waits.then(|| budget.open_why.clone()),
        total,
        synced: synced(total, [open, attention, skipped]).filter(|_| written),
        open,
        attention,
        skipped,
        by_status: BTreeMap::new(),
        held_fields: BTreeMap::new(),
        oldest_open: None,
    };
    for bucket in buckets {
        look(app, bucket.keys(kind), &mut standing).await?;
    }
    Ok(standing)
}

fn synced(total: i64, others: [Count; 3]) -> Option<i64> {
    let exact = others.iter().all(|it| !it.more);
    let others: usize = others.iter().map(|it| it.number).sum();
    exact.then(|| (total - i64::try_from(others).unwrap_or(0)).max(0))
}

/// Looks at links one by one.
async fn look(app: &App, links: &[Key], standing: &mut Standing) -> Result<()> {
    let looked_at = links.get(..LOOKED_AT).unwrap_or(links);
    for chunk in looked_at.chunks(BATCH) {
        for (at, raw) in app.store.get_many(chunk).await? {
            note(standing, &decode::<Link>(&at, raw)?.body);
        }
    }
    Ok(())
}

fn note(standing: &mut Standing, link: &Link) {
    *standing.by_status.entry(link.status.as_str()).or_default() += 1;
    for (field, held) in &link.held_fields {
        let word = if held.why == "no word" {
            &held.ours
        } else {
            &held.theirs
        };
        let name = match word.as_text().filter(|_| held.why != "conflict") {
            Some(word) => format!("{field}: {} {word:?}", held.why),
            None => format!("{field}: {}", held.why),
        };
        *standing.held_fields.entry(name).or_default() += 1;
    }
    if link.status.is_open() {
        let oldest = standing.oldest_open.into_iter().chain(link.opened_at).min();
        standing.oldest_open = oldest;
    }
}
