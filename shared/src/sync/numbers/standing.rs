//! How each kind stands in each system.

use super::{BATCH, CAP, Count};
use crate::app::App;
use crate::model::{Kind, Link, Status, System};
use crate::store::{Key, decode};
use crate::sync::budget::{self, Budget, Mode};
use crate::sync::deployment::Deployment;
use crate::sync::fields::Route;
use crate::sync::{recount, token};
use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Links of a bucket are looked at one by one up to this many.
const LOOKED_AT: usize = 2_000;
/// Records are named up to this many.
const SHOWN: usize = 50;

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
    /// The first fifty that wait for a person.
    pub attends: Vec<Attends>,
    /// The first fifty that wait for a parent, or for another try: they go on by themselves.
    pub waits: Vec<Attends>,
    /// Since when the oldest open work has been open.
    pub oldest_open: Option<Timestamp>,
}

/// A record that waits in a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attends {
    /// The record, as `concord retry` and `resolve` take it: `lead#0b9f…`.
    pub record: String,
    /// How its link stands. What waits for a person is `failed` or `held`, unless only a field waits.
    pub status: Status,
    /// Why: the system's own words, or the fields with what is wrong with them.
    pub why: String,
}

/// A system's budget, and what waits there, kind by kind: read once for all its kinds.
pub(super) struct There {
    budget: Budget,
    open: Bucket,
    attention: Bucket,
    skipped: Bucket,
}

impl There {
    pub(super) async fn of(app: &App, system: &System) -> Result<Self> {
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

pub(super) async fn standing(
    app: &App,
    known: &Deployment,
    kind: &Kind,
    route: &Route,
    there: &There,
) -> Result<Standing> {
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
        attends: Vec::new(),
        waits: Vec::new(),
        oldest_open: None,
    };
    // What waits for a person comes first: it is what is named.
    for bucket in [&there.attention, &there.open, &there.skipped] {
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
    if standing.attends.len() < SHOWN {
        standing.attends.extend(attends(link));
    }
    if standing.waits.len() < SHOWN {
        standing.waits.extend(waits(link));
    }
    if link.status.is_open() {
        let oldest = standing.oldest_open.into_iter().chain(link.opened_at).min();
        standing.oldest_open = oldest;
    }
    // A field of what is kept out waits for nobody.
    if link.status != Status::Skipped {
        note_fields(standing, link);
    }
}

fn note_fields(standing: &mut Standing, link: &Link) {
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
}

/// The record of a link that waits for a person: as a whole, or in some fields.
fn attends(link: &Link) -> Option<Attends> {
    let fields = || {
        link.held_fields
            .iter()
            .map(|(field, held)| format!("{field}: {}", held.why))
    };
    let why = match link.status {
        Status::Failed | Status::Held => link.last_error.as_ref().map(|it| it.why.clone()).unwrap_or_default(),
        Status::Skipped => return None,
        _ if link.held_fields.is_empty() => return None,
        _ => fields().collect::<Vec<_>>().join(", "),
    };
    Some(of(link, why))
}

/// The record of a link that goes on by itself, and what it waits for.
fn waits(link: &Link) -> Option<Attends> {
    let waits = matches!(link.status, Status::Parked | Status::Retrying);
    let error = link.last_error.as_ref().filter(|_| waits)?;
    Some(of(link, error.why.clone()))
}

fn of(link: &Link, why: String) -> Attends {
    Attends {
        record: link.record.to_string(),
        status: link.status,
        why,
    }
}
