//! Before a call: what each record needs, read consistently.

use super::check::{STOPPED, checked};
use super::park::Parked;
use super::read::Glanced;
use super::send::{self, Step};
use super::{Done, commit, look, park};
use crate::app::App;
use crate::model::{Fields, Link, Outcome, Record, RecordKey, Status, System};
use crate::planted::{Bug, planted};
use crate::store::{Item, Key, RawItem, decode, keys};
use crate::sync::accept::hold_words;
use crate::sync::budget::{self, Mode, Slot};
use crate::sync::fields::{KindSpec, Told, ToldOf, project};
use crate::sync::target::{Job, NO_WAY_TO_LOOK, Results, Standing, Target, WriteClass};
use crate::systems::CallError;
use anyhow::Result;
use jiff::Timestamp;
use std::collections::BTreeMap;

pub(super) type Ended = Vec<(RecordKey, Result<Step>)>;

/// One round over the records.
pub(super) async fn round<T: Target>(
    app: &App,
    target: &T,
    open: &[RecordKey],
    glanced: &mut Glanced,
) -> Result<Ended> {
    let mut ended = Ended::new();
    let mode = budget::mode(app, &target.system()).await?;
    if mode == Mode::Paused {
        return Ok(all(open, "the system is paused"));
    }
    let standing = target.standing().await?;
    if let Standing::Stopped(remedy) = &standing {
        tracing::error!(system = %target.system(), remedy, "writes are stopped");
        return Ok(all(open, STOPPED));
    }
    let mut sends = Vec::new();
    for (key, read) in read(app, &target.system(), open).await? {
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                ended.push((key, Err(error)));
                continue;
            }
        };
        match judge(app, target, read) {
            Judged::Left(why) => ended.push((key, Ok(Step::Done(Done::Left(why))))),
            Judged::Settle(job, outcome) => ended.push((key, commit::settle(app, target, *job, outcome).await)),
            Judged::Send(job) if mode == Mode::Mock => ended.push((key, mock(app, target, *job).await)),
            Judged::Send(job) => match park::parked(app, target, job).await {
                Ok(Parked::Waits(step)) => ended.push((key, Ok(step))),
                Ok(Parked::MayGo(job)) => sends.push(*job),
                Err(error) => ended.push((key, Err(error))),
            },
        }
    }
    if standing == Standing::Unchecked {
        sends = checked(app, target, sends, &mut ended).await?;
    }
    let (updates, creates) = sends.into_iter().partition(|it| it.link.remote_id.is_some());
    look::look(app, target, creates, &mut ended).await?;
    send::updates(app, target, updates, glanced, &mut ended).await;
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

type Read = Option<(Record, Item<Link>, ToldOf)>;

/// The own links first: a batch is not one moment, and what is read after a link is at least as new as the link, whose
/// write then fails if anything was accepted in between.
async fn read(app: &App, system: &System, open: &[RecordKey]) -> Result<Vec<(RecordKey, Result<Read>)>> {
    let own: Vec<Key> = open.iter().map(|it| keys::link(it, system)).collect();
    let mut wanted = Vec::new();
    for key in open {
        wanted.push(keys::record(key));
        let others = app.kind(&key.kind)?.routes.iter().filter(|it| it.system != *system);
        wanted.extend(others.map(|it| keys::link(key, &it.system)));
    }
    let mut items = app.store.get_many(&own).await?;
    items.extend(app.store.get_many(&wanted).await?);
    // What can't be understood is an error of that record alone.
    let assembled = open.iter().map(|key| (key.clone(), assemble(app, system, key, &items)));
    Ok(assembled.collect())
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
    let (mut own, mut told) = (None, ToldOf::new());
    for route in &app.kind(&key.kind)?.routes {
        let at = keys::link(key, &route.system);
        let Some(link) = items.get(&at).map(|raw| decode::<Link>(&at, raw.clone())).transpose()? else {
            continue;
        };
        if planted(Bug::GonePropagates) && link.body.gone.is_some() {
            return Ok(None);
        }
        told.insert(route.system.clone(), Told::from(&link.body));
        if route.system == *system {
            own = Some(link);
        }
    }
    Ok(own.map(|link| (record.body, link, told)))
}

fn judge<T: Target>(app: &App, target: &T, read: Read) -> Judged {
    let Some((record, link, told)) = read else {
        return Judged::Left("no such link");
    };
    if let Some(why) = not_now(&link.body, app.clock.now()) {
        return Judged::Left(why);
    }
    let Ok(spec) = app.kind(&record.key.kind) else {
        return Judged::Left("no such kind");
    };
    let unknown_create = link.body.status == Status::Syncing && link.body.remote_id.is_none();
    let job = Box::new(job_of(app, spec, record, link, &told));
    if let Some(gone) = &job.link.gone {
        let rule = format!("{gone} in {}", target.system());
        return Judged::Settle(job, Outcome::Skipped { rule });
    }
    if job.send.is_empty() {
        return Judged::Settle(job, Outcome::Unchanged);
    }
    if let Some(outcome) = target.rule(&job) {
        return Judged::Settle(job, outcome);
    }
    if unknown_create && target.create_class() == WriteClass::Unfindable && !planted(Bug::UnfindableSentAgain) {
        let why = NO_WAY_TO_LOOK.to_owned();
        return Judged::Settle(job, Outcome::Held { why });
    }
    Judged::Send(job)
}

/// What the system is to hold, and what of it differs.
pub(crate) fn job_of(app: &App, spec: &KindSpec, record: Record, link: Item<Link>, told: &ToldOf) -> Job {
    let Item { mut body, rev } = link;
    let (wanted, unmapped) = project(spec, &body.system, &record, told, &app.config.statuses);
    // The table of words may have changed since they were last looked up.
    hold_words(&mut body, &record, &unmapped);
    let send: Fields = body.differences(&wanted).into_iter().collect();
    Job {
        record,
        link: body,
        link_rev: rev,
        wanted,
        send,
        adopted: false,
        doubt: BTreeMap::new(),
        parents: BTreeMap::new(),
        is_part: false,
    }
}

/// A record as it would be looked up in a system, with those of its parents that are there. `None`: it has no link there.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn as_job(app: &App, system: &System, key: &RecordKey) -> Result<Option<Job>> {
    let mut found = read(app, system, std::slice::from_ref(key)).await?;
    let Some((record, link, told)) = found.pop().map(|it| it.1).transpose()?.flatten() else {
        return Ok(None);
    };
    let mut job = job_of(app, app.kind(&key.kind)?, record, link, &told);
    park::name_parents(app, system, &mut job).await?;
    Ok(Some(job))
}

/// Why a link is left as it is, without a write.
fn not_now(link: &Link, now: Timestamp) -> Option<&'static str> {
    match link.status {
        Status::Synced | Status::Skipped => Some("nothing to do"),
        Status::Held | Status::Failed => Some("waits for a person"),
        // A stated wait is never cut short by a message that comes early or twice.
        Status::Retrying if link.due_at.is_some_and(|it| it > now) => Some("not due yet"),
        Status::Syncing if link.is_under_way(now) => Some("another worker has it"),
        _ => None,
    }
}

/// Ends a call's slot, unless the system asked for a pause, or gave no answer and may still be at work on the call:
/// such slots end by themselves, and only a call that ended well ends the doubling of unstated waits.
pub(super) async fn slot_ended(app: &App, system: &System, slot: &Slot, error: Option<&CallError>) {
    if error.is_none_or(|it| !it.is_lost() && !is_of_the_system(it)) {
        budget::ended_well(app, system, slot).await;
    }
}

/// The error that tells how a write ended: of all of it, or of one record, if it is more than that record's own.
pub(super) fn gravest(answers: &Results) -> Option<&CallError> {
    let errors = answers.as_ref().map(|it| it.iter().filter_map(|it| it.as_ref().err()));
    match errors {
        Ok(mut errors) => errors.find(|it| it.is_lost() || is_of_the_system(it)),
        Err(error) => Some(error),
    }
}

/// A call's error, when it concerns the whole system.
pub(super) fn is_of_the_system(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Wait { .. } | CallError::Forbidden(_) | CallError::Unauthorised(_)
    )
}
