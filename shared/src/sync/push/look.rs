//! What has no remote id yet is looked up in bulk: found and adopted, or made, before the next look-up.

use super::answers::outcome_of;
use super::prepare::{Ended, slot_ended};
use super::read::Glanced;
use super::send::{self, COMMIT, Step};
use super::{Done, commit};
use crate::app::App;
use crate::model::{Fields, Link, Outcome, RecordKey, Status, System};
use crate::planted::{Bug, planted};
use crate::store::{Item, keys};
use crate::sync::accept::{Accepted, accept, accept_into};
use crate::sync::fields::{KindSpec, read_row};
use crate::sync::find::alias_owner;
use crate::sync::target::{Job, Target, WriteClass, zoho_arrival};
use crate::systems::http::WRITE_TIMEOUT;
use crate::systems::{CallError, Seen};
use anyhow::{Context as _, Result};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// In which another record's row is brought up to date.
const OTHERS_TURN: SignedDuration = SignedDuration::from_secs(60);
/// What a look-up takes, mostly; after one that took longer the write may be left to a later message.
pub(super) const LOOK: Duration = Duration::from_secs(2);

/// Looks up, in bulk, what has no remote id yet. Found: adopted; several: held; none: made. Chunk by chunk: else the
/// look-ups of a batch could use up a small window, or the time, and never leave any for a write.
pub(super) async fn look<T: Target>(app: &App, target: &T, jobs: Vec<Job>, ended: &mut Ended) -> Result<()> {
    if planted(Bug::NoLookBeforeCreate) {
        send::creates(app, target, jobs, ended).await;
        return Ok(());
    }
    let (chosen, usual): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|it| it.chosen_id().is_some());
    let chunks = chosen.chunks(1).chain(usual.chunks(target.batch()));
    let chunks = chunks.map(|it| Box::pin(chunk(app, target, it)) as BoxFuture<'_, Result<Ended>>);
    let done: Vec<Result<Ended>> = stream::iter(chunks.collect::<Vec<_>>())
        .buffer_unordered(target.at_once())
        .collect()
        .await;
    for some in done {
        ended.extend(some?);
    }
    Ok(())
}

/// Looks a chunk up, and makes or changes what it finds; one by one where the system refuses the look-up as a whole.
async fn chunk<T: Target>(app: &App, target: &T, jobs: &[Job]) -> Result<Ended> {
    let (mut ended, mut chunks) = (Ended::new(), VecDeque::from([jobs]));
    while let Some(chunk) = chunks.pop_front() {
        match find(app, target, chunk).await? {
            Err(NotFound::Refused) => chunks.extend(chunk.chunks(1)),
            Err(why) => ended.extend(chunk.iter().map(|it| (it.record.key.clone(), why.clone_step()))),
            Ok(found) => write(app, target, chunk.iter().cloned().zip(found), &mut ended).await,
        }
    }
    Ok(ended)
}

/// Makes, or changes, what was looked up.
async fn write<T: Target>(
    app: &App,
    target: &T,
    found: impl Iterator<Item = (Job, Vec<Seen>)> + Send,
    ended: &mut Ended,
) {
    let (mut creates, mut updates) = (Vec::new(), Vec::new());
    for (job, seen) in found {
        let key = job.record.key.clone();
        match adopt(app, target, job, seen).await {
            Ok(Adopted::Absent(job)) => creates.push(*job),
            Ok(Adopted::Mirror(job)) => updates.push(*job),
            Ok(Adopted::Done(step)) => ended.push((key, Ok(step))),
            Err(error) => ended.push((key, Err(error))),
        }
    }
    send::creates(app, target, creates, ended).await;
    send::updates(app, target, updates, &mut Glanced::new(), ended).await;
}

enum NotFound {
    Refused,
    Left(&'static str),
    Failed(Vec<Step>),
}

impl NotFound {
    fn clone_step(&self) -> Result<Step> {
        match self {
            Self::Refused => Ok(Step::Again),
            Self::Left(why) => Ok(Step::Done(Done::Left(why))),
            Self::Failed(steps) => steps.first().cloned().context("no step"),
        }
    }
}

async fn find<T: Target>(app: &App, target: &T, jobs: &[Job]) -> Result<Result<Vec<Vec<Seen>>, NotFound>> {
    let chosen = jobs.first().and_then(Job::chosen_id);
    if chosen.is_none() && target.create_class() == WriteClass::Unfindable {
        return Ok(Ok(vec![Vec::new(); jobs.len()]));
    }
    let units = target.units(jobs.iter().map(Job::values_of_a_key).sum(), false);
    let needs = LOOK + WRITE_TIMEOUT + COMMIT;
    let slot = match send::slot_of(app, target, units, send::class_of(jobs), needs).await? {
        Ok(slot) => slot,
        Err(why) => return Ok(Err(NotFound::Left(why))),
    };
    let answer = match chosen {
        Some(id) => target.read(id).await.map(|it| vec![it.into_iter().collect()]),
        None => target.find(jobs).await,
    };
    if let Some(slot) = slot {
        slot_ended(app, &target.system(), &slot, answer.as_ref().err()).await;
    }
    match answer {
        Ok(found) => Ok(Ok(found)),
        Err(CallError::Unmade(why)) => Ok(Err(NotFound::Left(why))),
        // One of them may be what the system refuses: each is asked for alone.
        Err(CallError::Rejected(_)) if jobs.len() > 1 => Ok(Err(NotFound::Refused)),
        Err(error) => {
            let mut steps = Vec::new();
            for job in jobs {
                let outcome = outcome_of(app, target, job, &error, false).await?;
                steps.push(commit::settle(app, target, job.clone(), outcome).await?);
            }
            Ok(Err(NotFound::Failed(steps)))
        }
    }
}

enum Adopted {
    Absent(Box<Job>),
    Mirror(Box<Job>),
    Done(Step),
}

async fn adopt<T: Target>(app: &App, target: &T, job: Job, found: Vec<Seen>) -> Result<Adopted> {
    let seen = its_own(app, target, &job, found).await?;
    let [seen] = seen.as_slice() else {
        let ids: Vec<&str> = seen.iter().map(|it| it.id.as_str()).collect();
        let why = match job.chosen_id() {
            Some(id) => format!("{id}, which a person chose, is not there"),
            None if seen.is_empty() => return absent(app, target, job).await,
            None => format!("several objects there have its keys: {}", ids.join(", ")),
        };
        return Ok(Adopted::Done(
            commit::settle(app, target, job, Outcome::Held { why }).await?,
        ));
    };
    if is_source(app, target, &job)? {
        return take_in_seen(app, target, &job, seen).await.map(Adopted::Done);
    }
    if let Some(outcome) = belongs_to_another(app, &target.system(), &job, seen).await? {
        return Ok(Adopted::Done(commit::settle(app, target, job, outcome).await?));
    }
    Ok(mirror(
        app.kind(&job.record.key.kind)?,
        target,
        job,
        seen,
        app.clock.now(),
    ))
}

/// What was found without those that have none of its present keys and are another record's, or show keys that are now
/// another record's: that one has found what a call without an answer made, or has made its own.
async fn its_own<T: Target>(app: &App, target: &T, job: &Job, found: Vec<Seen>) -> Result<Vec<Seen>> {
    let mut own = Vec::new();
    for seen in found {
        let is_kept = job.chosen_id().is_some() || target.has_its_key(job, &seen);
        if is_kept || !is_anothers(app, target, job, &seen).await? {
            own.push(seen);
        }
    }
    Ok(own)
}

async fn is_anothers<T: Target>(app: &App, target: &T, job: &Job, seen: &Seen) -> Result<bool> {
    let key = &job.record.key;
    for (name, value) in target.keys_of(seen) {
        let owner = alias_owner(app, &key.kind, &name, &value).await?;
        if owner.is_some_and(|it| it != key.id) {
            return Ok(true);
        }
    }
    Ok(owner_of(app, &target.system(), job, seen).await?.is_some())
}

/// The other record that an object belongs to.
async fn owner_of(app: &App, system: &System, job: &Job, seen: &Seen) -> Result<Option<RecordKey>> {
    let key = &job.record.key;
    let owner = alias_owner(app, &key.kind, system.as_str(), &seen.id).await?;
    let other = owner.filter(|it| *it != key.id);
    Ok(other.map(|it| RecordKey::new(key.kind.clone(), it)))
}

/// A call without an answer has not made it: what a rule keeps out stays out.
async fn absent<T: Target>(app: &App, target: &T, job: Job) -> Result<Adopted> {
    let mut known = job.clone();
    known.link.intent = None;
    known.link.receipt.unsure.clear();
    // `syncing` says that it may be there, too: a service that was cancelled meanwhile must not be made now.
    known.link.status = Status::Pending;
    match target.rule(&known) {
        Some(outcome) => Ok(Adopted::Done(commit::settle(app, target, job, outcome).await?)),
        None => Ok(Adopted::Absent(Box::new(job))),
    }
}

/// Whether the system is one whose word counts, too.
pub(super) fn is_source<T: Target>(app: &App, target: &T, job: &Job) -> Result<bool> {
    let spec = app.kind(&job.record.key.kind)?;
    Ok(spec.route(&target.system()).is_some_and(|it| it.source))
}

/// A found object of a system that is a source is accepted first, as if pulled; then what still differs is sent.
pub(super) async fn take_in_seen<T: Target>(app: &App, target: &T, job: &Job, seen: &Seen) -> Result<Step> {
    let held = async |why: String| commit::settle(app, target, job.clone(), Outcome::Held { why }).await;
    let arrival = match zoho_arrival(app, seen) {
        Ok(arrival) => arrival,
        Err(why) => return held(format!("the object there can't be read: {why}")).await,
    };
    let accepted = match job.chosen_id() {
        Some(_) => accept_into(app, &arrival, &job.record.key.id, job.link.class).await?,
        None => accept(app, &arrival, job.link.class).await?,
    };
    match accepted {
        Accepted::Changed { key, .. } | Accepted::Same { key, .. } if key == job.record.key => Ok(Step::Again),
        Accepted::Later { .. } => Ok(Step::Done(Done::Left("its system is to be read again first"))),
        Accepted::Held { why } => held(why).await,
        Accepted::Changed { key, .. } | Accepted::Same { key, .. } => {
            held(format!("{} there belongs to {key}", seen.id)).await
        }
    }
}

/// What becomes of a record whose keys stand in another record's row: nothing is written there. While that record waits
/// to be written, its row may be about to show its own keys again; else a person decides.
async fn belongs_to_another(app: &App, system: &System, job: &Job, seen: &Seen) -> Result<Option<Outcome>> {
    let Some(owner) = owner_of(app, system, job, seen).await? else {
        return Ok(None);
    };
    let why = format!("{} there belongs to {owner}", seen.id);
    let link: Option<Item<Link>> = app.store.get(&keys::link(&owner, system)).await?;
    if link.is_some_and(|it| it.body.status.is_open()) {
        let at = app.clock.now() + OTHERS_TURN;
        return Ok(Some(Outcome::Retry { at, why }));
    }
    Ok(Some(Outcome::Held { why }))
}

/// A mirror's row is ours in the listed columns: only what differs from what it shows is sent.
fn mirror<T: Target>(spec: &KindSpec, target: &T, mut job: Job, seen: &Seen, now: Timestamp) -> Adopted {
    job.adopted = true;
    // What it shows is what became of a call without an answer.
    job.link.doubt();
    job.doubt = std::mem::take(&mut job.link.receipt.unsure);
    job.link.remote_id = Some(seen.id.clone());
    job.link.receipt.learn(seen.modified, now);
    job.link.receipt.seen = shown(spec, &target.system(), &seen.fields);
    if target.fills() {
        job.link.receipt.seen.retain(|name, _| is_said(&job.wanted, name));
    }
    job.send = job.link.differences(&job.wanted).into_iter().collect();
    Adopted::Mirror(Box::new(job))
}

/// Whether a record says something of a field.
pub(super) fn is_said(wanted: &Fields, name: &str) -> bool {
    wanted.get(name).is_some_and(|it| !it.is_empty())
}

/// What a row shows of every field that the system has, keys included.
pub(crate) fn shown(spec: &KindSpec, system: &System, row: &serde_json::Map<String, serde_json::Value>) -> Fields {
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
