//! Before a call: what each record needs, read consistently.

use super::send::{self, Step};
use super::{Done, commit, park};
use crate::app::App;
use crate::model::{Fields, Link, Outcome, Record, RecordKey, Status, System};
use crate::store::{Item, Key, RawItem, decode, keys};
use crate::sync::accept::{Accepted, accept};
use crate::sync::budget::{self, Mode, NoSlot};
use crate::sync::fields::{KindSpec, project, read_row};
use crate::sync::target::{Job, Target, WriteClass, zoho_arrival};
use crate::systems::{CallError, Seen};
use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What an expired lease still waits before its unknown outcome is looked at.
pub(super) const SETTLE: SignedDuration = SignedDuration::from_secs(10);

pub(super) type Ended = Vec<(RecordKey, Result<Step>)>;

/// One round over the records.
pub(super) async fn round<T: Target>(app: &App, target: &T, open: &[RecordKey]) -> Result<Ended> {
    let mut ended = Ended::new();
    let mode = budget::mode(app, &target.system()).await?;
    if mode == Mode::Paused {
        return Ok(all(open, "the system is paused"));
    }
    if let Some(remedy) = target.stopped().await? {
        tracing::error!(system = %target.system(), remedy, "writes are stopped");
        return Ok(all(open, "writes are stopped until a person acts"));
    }
    let (mut creates, mut updates) = (Vec::new(), Vec::new());
    for (key, read) in read(app, &target.system(), open).await? {
        match judge(app, target, read) {
            Judged::Left(why) => ended.push((key, Ok(Step::Done(Done::Left(why))))),
            Judged::Settle(job, outcome) => ended.push((key, commit::settle(app, target, *job, outcome).await)),
            Judged::Send(job) if mode == Mode::Mock => ended.push((key, mock(app, target, *job).await)),
            Judged::Send(job) => match park::parked(app, target, &job).await {
                Ok(Some(step)) => ended.push((key, Ok(step))),
                Ok(None) if job.link.remote_id.is_some() => updates.push(*job),
                Ok(None) => creates.push(*job),
                Err(error) => ended.push((key, Err(error))),
            },
        }
    }
    look(app, target, creates, &mut updates, &mut ended).await?;
    send::updates(app, target, updates, &mut ended).await;
    Ok(ended)
}

fn all(open: &[RecordKey], why: &'static str) -> Ended {
    open.iter()
        .map(|it| (it.clone(), Ok(Step::Done(Done::Left(why)))))
        .collect()
}

/// What would be sent is logged, never sent, not later either.
async fn mock<T: Target>(app: &App, target: &T, job: Job) -> Result<Step> {
    let fields: Vec<&String> = job.send.keys().collect();
    tracing::info!(record = %job.record.key, system = %target.system(), ?fields, "mock: would send");
    commit::settle(app, target, job, Outcome::Skipped { rule: "mock".into() }).await
}

enum Judged {
    Left(&'static str),
    Settle(Box<Job>, Outcome),
    Send(Box<Job>),
}

type Read = Option<(Record, Item<Link>, BTreeMap<System, String>)>;

async fn read(app: &App, system: &System, open: &[RecordKey]) -> Result<Vec<(RecordKey, Read)>> {
    let mut wanted = Vec::new();
    for key in open {
        wanted.push(keys::record(key));
        wanted.extend(app.kind(&key.kind)?.routes.iter().map(|it| keys::link(key, &it.system)));
    }
    let items = app.store.get_many(&wanted).await?;
    open.iter()
        .map(|key| Ok((key.clone(), assemble(app, system, key, &items)?)))
        .collect()
}

fn assemble(app: &App, system: &System, key: &RecordKey, items: &BTreeMap<Key, RawItem>) -> Result<Read> {
    let at = keys::record(key);
    let Some(record) = items
        .get(&at)
        .map(|raw| decode::<Record>(&at, raw.clone()))
        .transpose()?
    else {
        return Ok(None);
    };
    let (mut own, mut remote_ids) = (None, BTreeMap::new());
    for route in &app.kind(&key.kind)?.routes {
        let at = keys::link(key, &route.system);
        let Some(link) = items.get(&at).map(|raw| decode::<Link>(&at, raw.clone())).transpose()? else {
            continue;
        };
        if let Some(id) = &link.body.remote_id {
            remote_ids.insert(route.system.clone(), id.clone());
        }
        if route.system == *system {
            own = Some(link);
        }
    }
    Ok(own.map(|link| (record.body, link, remote_ids)))
}

fn judge<T: Target>(app: &App, target: &T, read: Read) -> Judged {
    let Some((record, link, remote_ids)) = read else {
        return Judged::Left("no such link");
    };
    if let Some(why) = not_now(&link.body, app.clock.now()) {
        return Judged::Left(why);
    }
    let Ok(spec) = app.kind(&record.key.kind) else {
        return Judged::Left("no such kind");
    };
    let (wanted, _) = project(spec, &target.system(), &record, &remote_ids, &app.config.statuses);
    let send: Fields = link.body.differences(&wanted).into_iter().collect();
    let unknown_create = link.body.status == Status::Syncing && link.body.remote_id.is_none();
    let Item {
        body: link,
        rev: link_rev,
    } = link;
    let job = Box::new(Job {
        record,
        link,
        link_rev,
        wanted,
        send,
        adopted: false,
    });
    if let Some(gone) = &job.link.gone {
        let rule = format!("{gone} in {}", target.system());
        return Judged::Settle(job, Outcome::Skipped { rule });
    }
    if job.send.is_empty() {
        return Judged::Settle(job, Outcome::Unchanged);
    }
    if unknown_create && target.create_class() == WriteClass::Unfindable {
        let why = "a call of unknown outcome, and no way to look".to_owned();
        return Judged::Settle(job, Outcome::Held { why });
    }
    Judged::Send(job)
}

/// Why a link is left as it is, without a write.
fn not_now(link: &Link, now: Timestamp) -> Option<&'static str> {
    match link.status {
        Status::Synced | Status::Skipped => Some("nothing to do"),
        Status::Held | Status::Failed => Some("waits for a person"),
        // A stated wait is never cut short by a message that comes early or twice.
        Status::Retrying if link.due_at.is_some_and(|it| it > now) => Some("not due yet"),
        Status::Syncing if link.lease_until.is_some_and(|it| it + SETTLE > now) => Some("another worker has it"),
        _ => None,
    }
}

/// Looks up, in bulk, what has no remote id yet. Found: adopted; several: held; none: made.
async fn look<T: Target>(
    app: &App,
    target: &T,
    jobs: Vec<Job>,
    updates: &mut Vec<Job>,
    ended: &mut Ended,
) -> Result<()> {
    let mut creates = Vec::new();
    for chunk in jobs.chunks(target.batch()) {
        match find(app, target, chunk).await? {
            Err(why) => ended.extend(chunk.iter().map(|it| (it.record.key.clone(), why.clone_step()))),
            Ok(found) => {
                for (job, seen) in chunk.iter().cloned().zip(found) {
                    let key = job.record.key.clone();
                    match adopt(app, target, job, seen).await {
                        Ok(Adopted::Absent(job)) => creates.push(*job),
                        Ok(Adopted::Mirror(job)) => updates.push(*job),
                        Ok(Adopted::Done(step)) => ended.push((key, Ok(step))),
                        Err(error) => ended.push((key, Err(error))),
                    }
                }
            }
        }
    }
    send::creates(app, target, creates, ended).await;
    Ok(())
}

enum NotFound {
    Left(&'static str),
    Failed(Vec<Step>),
}

impl NotFound {
    fn clone_step(&self) -> Result<Step> {
        match self {
            Self::Left(why) => Ok(Step::Done(Done::Left(why))),
            Self::Failed(steps) => steps.first().cloned().context("no step"),
        }
    }
}

async fn find<T: Target>(app: &App, target: &T, jobs: &[Job]) -> Result<Result<Vec<Vec<Seen>>, NotFound>> {
    let (system, class) = (target.system(), send::class_of(jobs));
    let units = target.units(jobs.len(), false);
    let slot = match budget::slot(app, &system, &target.limits(), units, class).await? {
        Ok(slot) => slot,
        Err(no_slot) => return Ok(Err(NotFound::Left(left(&no_slot)))),
    };
    let answer = target.find(jobs).await;
    budget::give_back(app, &system, &slot).await;
    match answer {
        Ok(found) => Ok(Ok(found)),
        Err(error) => {
            let mut steps = Vec::new();
            for job in jobs {
                let outcome = send::outcome_of(app, target, job, &error, false).await?;
                steps.push(commit::settle(app, target, job.clone(), outcome).await?);
            }
            Ok(Err(NotFound::Failed(steps)))
        }
    }
}

pub(super) fn left(no_slot: &NoSlot) -> &'static str {
    match no_slot {
        NoSlot::Paused => "the system is paused",
        NoSlot::Until(..) => "no slot now",
    }
}

enum Adopted {
    Absent(Box<Job>),
    Mirror(Box<Job>),
    Done(Step),
}

async fn adopt<T: Target>(app: &App, target: &T, job: Job, seen: Vec<Seen>) -> Result<Adopted> {
    let [seen] = seen.as_slice() else {
        if seen.is_empty() {
            return Ok(Adopted::Absent(Box::new(job)));
        }
        let ids: Vec<&str> = seen.iter().map(|it| it.id.as_str()).collect();
        let why = format!("several objects there have its keys: {}", ids.join(", "));
        return Ok(Adopted::Done(
            commit::settle(app, target, job, Outcome::Held { why }).await?,
        ));
    };
    let spec = app.kind(&job.record.key.kind)?;
    if spec.route(&target.system()).is_some_and(|it| it.source) {
        return take_in(app, target, job, seen).await;
    }
    Ok(mirror(spec, target, job, seen))
}

/// A found object of a system that is a source is accepted first, as if pulled; then what still differs is sent.
pub(super) async fn take_in_seen<T: Target>(app: &App, target: &T, job: Job, seen: &Seen) -> Result<Step> {
    match take_in(app, target, job, seen).await? {
        Adopted::Done(step) => Ok(step),
        Adopted::Absent(_) | Adopted::Mirror(_) => Ok(Step::Again),
    }
}

async fn take_in<T: Target>(app: &App, target: &T, job: Job, seen: &Seen) -> Result<Adopted> {
    let arrival = match zoho_arrival(app, seen) {
        Ok(arrival) => arrival,
        Err(why) => {
            let why = format!("the object there can't be read: {why}");
            return Ok(Adopted::Done(
                commit::settle(app, target, job, Outcome::Held { why }).await?,
            ));
        }
    };
    Ok(Adopted::Done(match accept(app, &arrival, job.link.class).await? {
        Accepted::Changed { key, .. } | Accepted::Same { key, .. } if key == job.record.key => Step::Again,
        Accepted::Later { .. } => Step::Done(Done::Left("being written right now")),
        Accepted::Held { why } => commit::settle(app, target, job, Outcome::Held { why }).await?,
        Accepted::Changed { key, .. } | Accepted::Same { key, .. } => {
            let why = format!("{} there belongs to {key}", seen.id);
            commit::settle(app, target, job, Outcome::Held { why }).await?
        }
    }))
}

/// A mirror's row is ours in the listed columns: only what differs from what it shows is sent.
fn mirror<T: Target>(spec: &KindSpec, target: &T, mut job: Job, seen: &Seen) -> Adopted {
    job.adopted = true;
    job.link.remote_id = Some(seen.id.clone());
    job.link.receipt.modified = seen.modified;
    job.link.receipt.seen = shown(spec, &target.system(), &seen.fields);
    job.send = job.link.differences(&job.wanted).into_iter().collect();
    Adopted::Mirror(Box::new(job))
}

/// What a row shows of every field that the system has, keys included.
pub(super) fn shown(spec: &KindSpec, system: &System, row: &serde_json::Map<String, serde_json::Value>) -> Fields {
    let mut all = spec.clone();
    all.fields
        .iter_mut()
        .for_each(|it| it.origin = crate::sync::fields::Origin::Field);
    let patches = read_row(&all, system, row).unwrap_or_default();
    patches
        .into_iter()
        .filter_map(|(name, patch)| Some((name, patch.value()?)))
        .collect()
}

/// A call's error, when it concerns the whole system.
pub(super) fn is_of_the_system(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Wait { .. } | CallError::Forbidden(_) | CallError::Unauthorised(_)
    )
}
