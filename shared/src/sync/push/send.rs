//! The call: slot, lease and intent, send.

use super::Done;
use super::answers::take_answers;
use super::commit;
use super::guard;
use super::lease::{self, Lease};
use super::prepare::{Ended, gravest, slot_ended};
use super::read::{self, Glanced};
use crate::app::App;
use crate::model::{Class, Outcome};
use crate::sync::budget::{self, NoSlot, Slot};
use crate::sync::target::{Job, Results, Target};
use crate::systems::CallError;
use crate::systems::http::WRITE_TIMEOUT;
use anyhow::Result;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{self, StreamExt as _};
use std::time::Duration;

/// How a record stands after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The message has ended.
    Done(Done),
    /// Newer work was found: go round once more.
    Again,
}

impl Step {
    pub(super) fn done(self) -> Done {
        match self {
            Self::Done(done) => done,
            Self::Again => Done::Left("newer work waits"),
        }
    }
}

/// What a commit may take after a call.
pub(super) const COMMIT: Duration = Duration::from_secs(5);
pub(super) const NO_TIME: &str = "no time left";

/// The highest class among the jobs of a call.
pub(super) fn class_of(jobs: &[Job]) -> Class {
    jobs.iter().map(|it| it.link.class).min().unwrap_or(Class::BACKFILL)
}

pub(super) async fn creates<T: Target>(app: &App, target: &T, jobs: Vec<Job>, ended: &mut Ended) {
    // What must not be found by its e-mail goes in calls of its own.
    let (usual, apart): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(Job::by_email);
    let chunks = [usual, apart].into_iter().flat_map(|it| batches(it, target.batch()));
    each(app, target, chunks.collect(), false, ended).await;
}

/// A call for each batch, as many at once as the target has under way.
async fn each<T: Target>(app: &App, target: &T, batches: Vec<Vec<Job>>, update: bool, ended: &mut Ended) {
    let calls = batches.into_iter().map(|jobs| {
        let call = async move {
            let mut ended = Ended::new();
            call(app, target, jobs, update, &mut ended).await;
            ended
        };
        // Boxed: the compiler can't see through a stream of borrowing futures that it is `Send`.
        Box::pin(call) as BoxFuture<'_, Ended>
    });
    let calls: Vec<_> = calls.collect();
    let done: Vec<Ended> = stream::iter(calls).buffer_unordered(target.at_once()).collect().await;
    ended.extend(done.into_iter().flatten());
}

pub(super) async fn updates<T: Target>(
    app: &App,
    target: &T,
    jobs: Vec<Job>,
    glanced: &mut Glanced,
    ended: &mut Ended,
) {
    let (settled, jobs): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|it| it.send.is_empty());
    for job in settled {
        let key = job.record.key.clone();
        ended.push((key, commit::settle(app, target, job, Outcome::Unchanged).await));
    }
    let (alone, together): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|it| target.alone(it));
    each(app, target, batches(together, target.batch()), true, ended).await;
    for job in alone {
        let key = job.record.key.clone();
        match read_first(app, target, &job, glanced).await {
            Ok(Some(step)) => ended.push((key, Ok(step))),
            Ok(None) => call(app, target, vec![job], true, ended).await,
            Err(error) => ended.push((key, Err(error))),
        }
    }
}

async fn read_first<T: Target>(app: &App, target: &T, job: &Job, glanced: &mut Glanced) -> Result<Option<Step>> {
    match read::is_hidden(app, target, job)? {
        true => read::glance(app, target, job, glanced).await,
        false => Ok(None),
    }
}

/// Batches of at most `most`, never two equal keys in one call.
fn batches(jobs: Vec<Job>, most: usize) -> Vec<Vec<Job>> {
    let mut batches: Vec<Vec<Job>> = Vec::new();
    for job in jobs {
        let clashes = |it: &Job| {
            it.record
                .keys
                .iter()
                .any(|(name, value)| job.record.keys.get(name) == Some(value))
        };
        match batches.iter_mut().find(|it| it.len() < most && !it.iter().any(clashes)) {
            Some(batch) => batch.push(job),
            None => batches.push(vec![job]),
        }
    }
    batches
}

async fn call<T: Target>(app: &App, target: &T, jobs: Vec<Job>, update: bool, ended: &mut Ended) {
    let keys: Vec<_> = jobs.iter().map(|it| it.record.key.clone()).collect();
    if let Err(error) = leased_call(app, target, jobs, update, ended).await {
        let text = format!("{error:#}");
        let rest = keys
            .into_iter()
            .filter(|key| !ended.iter().any(|it| it.0 == *key))
            .collect::<Vec<_>>();
        ended.extend(rest.into_iter().map(|key| (key, Err(anyhow::anyhow!(text.clone())))));
    }
}

async fn leased_call<T: Target>(app: &App, target: &T, jobs: Vec<Job>, update: bool, ended: &mut Ended) -> Result<()> {
    let slot = match take_slot(app, target, &jobs).await? {
        Ok(slot) => slot,
        Err(why) => {
            let left = |it: &Job| (it.record.key.clone(), Ok(Step::Done(Done::Left(why))));
            ended.extend(jobs.iter().map(left));
            return Ok(());
        }
    };
    let what = if update { "update" } else { "create" };
    let lease = |mut job: Job| {
        let part = target.part(&job);
        job.is_part = part.len() < job.send.len();
        job.send = part;
        let sends = job.send.clone();
        lease::lease(app, job, what, sends)
    };
    let taken = join_all(jobs.into_iter().map(lease)).await;
    let mut leased = Vec::new();
    for (key, lease) in taken {
        match lease {
            Ok(Some(lease)) => leased.push(lease),
            Ok(None) => ended.push((key, Ok(Step::Again))),
            Err(error) => ended.push((key, Err(error))),
        }
    }
    let slot = match renewed(app, target, slot, &leased).await? {
        Ok(slot) => slot,
        Err(why) => {
            for lease in leased {
                ended.push((lease.job.record.key.clone(), lease::give_back(app, &lease, why).await));
            }
            return Ok(());
        }
    };
    if leased.is_empty() {
        budget::give_back(app, &target.system(), &slot).await;
        return Ok(());
    }
    let jobs: Vec<Job> = leased.iter().map(|it| it.job.clone()).collect();
    let answers = guard::guarded(app, target, &jobs, update).await;
    slot_ended(app, &target.system(), &slot, gravest(&answers)).await;
    take_answers(app, target, leased, answers, ended).await;
    Ok(())
}

/// A slot for a write, and time enough for the call and its commit.
pub(super) async fn take_slot<T: Target>(app: &App, target: &T, jobs: &[Job]) -> Result<Result<Slot, &'static str>> {
    let units = target.units(jobs.len(), true);
    slot(app, target, units, class_of(jobs), WRITE_TIMEOUT + COMMIT).await
}

/// A slot for calls of so many units; none where the target takes the slots of its calls itself.
pub(super) async fn slot_of<T: Target>(
    app: &App,
    target: &T,
    units: u64,
    class: Class,
    needs: Duration,
) -> Result<Result<Option<Slot>, &'static str>> {
    if units == 0 {
        return Ok(Ok(None));
    }
    Ok(slot(app, target, units, class, needs).await?.map(Some))
}

/// A slot for a call, and the time that the call and what follows need; else why there is none.
pub(super) async fn slot<T: Target>(
    app: &App,
    target: &T,
    units: u64,
    class: Class,
    needs: Duration,
) -> Result<Result<Slot, &'static str>> {
    let is_short = || app.time_left() < needs;
    if is_short() {
        return Ok(Err(NO_TIME));
    }
    let system = target.system();
    match budget::slot(app, &system, &target.limits(), units, class, needs).await? {
        // Waiting for the slot took time of its own.
        Ok(slot) if is_short() => {
            budget::give_back(app, &system, &slot).await;
            Ok(Err(NO_TIME))
        }
        Ok(slot) => Ok(Ok(slot)),
        Err(NoSlot::Paused) => Ok(Err("the system is paused")),
        Err(NoSlot::Until(..)) => Ok(Err("no slot now")),
    }
}

/// A slot that grew old while leases were taken is taken anew; the old one counts as used.
async fn renewed<T: Target>(app: &App, target: &T, slot: Slot, leased: &[Lease]) -> Result<Result<Slot, &'static str>> {
    if leased.is_empty() || slot.is_fresh(app.clock.now()) {
        return Ok(Ok(slot));
    }
    budget::give_back(app, &target.system(), &slot).await;
    let jobs: Vec<Job> = leased.iter().map(|it| it.job.clone()).collect();
    take_slot(app, target, &jobs).await
}

/// Sends; once more after one to three seconds where the system surely did not act and the leases last.
pub(super) async fn twice<T: Target>(app: &App, target: &T, jobs: &[Job], update: bool) -> Results {
    let first = send(target, jobs, update).await;
    if !matches!(first, Err(CallError::Later(_))) || app.time_left() < WRITE_TIMEOUT + COMMIT + Duration::from_secs(3) {
        return first;
    }
    app.clock
        .sleep(Duration::from_secs(1) + app.random.up_to(Duration::from_secs(2)))
        .await;
    match take_slot(app, target, jobs).await {
        Ok(Ok(slot)) => {
            let second = send(target, jobs, update).await;
            slot_ended(app, &target.system(), &slot, gravest(&second)).await;
            second
        }
        _ => first,
    }
}

async fn send<T: Target>(target: &T, jobs: &[Job], update: bool) -> Results {
    if update {
        target.update(jobs).await
    } else {
        target.create(jobs).await
    }
}
