//! What each record's answer means, and what an error asks for. One success never speaks for the batch.

use super::Done;
use super::adopted;
use super::commit;
use super::lease::Lease;
use super::look::{is_source, take_in_seen};
use super::prepare::Ended;
use super::read;
use super::send::Step;
use crate::app::App;
use crate::model::{Link, Outcome, Status};
use crate::planted::{Bug, planted};
use crate::store::{Item, keys};
use crate::sync::budget;
use crate::sync::target::{Job, Results, Target};
use crate::systems::{CallError, Written};
use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::time::Duration;

const FIRST_RETRY: Duration = Duration::from_secs(60);
const LONGEST_RETRY: Duration = Duration::from_secs(3600);

pub(super) async fn take_answers<T: Target>(
    app: &App,
    target: &T,
    leased: Vec<Lease>,
    answers: Results,
    ended: &mut Ended,
) {
    let answers = one_each(answers, leased.len());
    let all_well = planted(Bug::OneSuccessForBatch) && answers.iter().any(Result::is_ok);
    let commits = leased.into_iter().zip(answers).map(|(lease, answer)| async move {
        let key = lease.job.record.key.clone();
        if all_well && answer.is_err() {
            return (key, commit::commit(app, target, &lease, Outcome::Synced, None).await);
        }
        (key, take_answer(app, target, lease, answer).await)
    });
    // Boxed one by one: each commit is small, and the compiler need not see through a hundred of them.
    let commits: Vec<futures_util::future::BoxFuture<'_, _>> = commits
        .map(|it| Box::pin(it) as futures_util::future::BoxFuture<'_, _>)
        .collect();
    ended.extend(join_all(commits).await);
}

/// An answer for each of so many records.
fn one_each(answers: Results, records: usize) -> Vec<Result<Written, CallError>> {
    let answers = answers.unwrap_or_else(|error| vec![Err(error); records]);
    match answers.iter().find_map(|it| it.as_ref().err().cloned()) {
        Some(error) if planted(Bug::OneErrorForBatch) => vec![Err(error); records],
        _ => answers,
    }
}

async fn take_answer<T: Target>(
    app: &App,
    target: &T,
    lease: Lease,
    answer: Result<Written, CallError>,
) -> Result<Step> {
    let error = match answer {
        Ok(written) => return adopted::commit_written(app, target, lease, written).await,
        Err(error) => error,
    };
    let outcome = outcome_of(app, target, &lease.job, &error, true).await?;
    let step = commit::commit(app, target, &lease, outcome, None).await?;
    if matches!(step, Step::Done(Done::Left(_))) {
        return Ok(step);
    }
    if matches!(error, CallError::Stepped(_)) {
        return Ok(Step::Again);
    }
    let id = match &error {
        CallError::Modified(_) => lease.job.link.remote_id.clone(),
        CallError::Exists { id, .. } => id.clone(),
        _ => None,
    };
    let is_source = is_source(app, target, &lease.job)?;
    match id.filter(|_| is_source) {
        // What the system holds is taken in now; the next round sends what then still differs.
        Some(id) => match read::read(app, target, &lease.job, &id).await? {
            Ok(seen) => match as_committed(app, lease).await? {
                Some(job) => take_in_seen(app, target, &job, &seen).await,
                None => Ok(step),
            },
            Err(_) => Ok(step),
        },
        None => Ok(step),
    }
}

/// The job with its link as the commit left it: what else is to be settled goes by that. `None`: another worker has taken
/// the link meanwhile, and goes by its own lease.
async fn as_committed(app: &App, lease: Lease) -> Result<Option<Job>> {
    let mut job = lease.job;
    let at = keys::link(&job.record.key, &job.link.system);
    let stored: Item<Link> = app.store.get(&at).await?.context("the link is gone")?;
    if stored.body.fence != lease.fence || stored.body.status == Status::Syncing {
        return Ok(None);
    }
    (job.link, job.link_rev) = (stored.body, stored.rev);
    Ok(Some(job))
}

/// What an error means for one record. Errors that concern the whole system open its breaker.
pub(super) async fn outcome_of<T: Target>(
    app: &App,
    target: &T,
    job: &Job,
    error: &CallError,
    wrote: bool,
) -> Result<Outcome> {
    let why = error.to_string();
    let at = match error {
        CallError::Wait { wait, .. } => budget::open_breaker(app, &target.system(), *wait, &why).await?,
        CallError::Forbidden(_) | CallError::Unauthorised(_) => {
            let wait = Some(Duration::from_secs(300));
            budget::open_breaker(app, &target.system(), wait, &why).await?
        }
        CallError::Unknown(_) if wrote && !planted(Bug::UnknownTakenForUnsent) => return Ok(Outcome::Unknown { why }),
        // There never was one, and it is not ours to make.
        CallError::Gone(why) if job.link.remote_id.is_none() => return Ok(Outcome::Skipped { rule: why.clone() }),
        CallError::Gone(_) => {
            return Ok(Outcome::Skipped {
                rule: format!("gone from {}", target.system()),
            });
        }
        CallError::Exists { id, .. } if is_settled_by_nobody(job) => {
            let there = id.as_ref().map_or_else(String::new, |it| format!(" ({it} has it)"));
            return Ok(Outcome::Held { why: why + &there });
        }
        CallError::Held(_) => return Ok(Outcome::Held { why }),
        CallError::Rejected(_) => return Ok(Outcome::Failed { why }),
        CallError::Stepped(_) => app.clock.now(),
        // Another look finds what is there.
        CallError::Exists { .. } | CallError::Modified(_) if job.link.attempts == 0 => app.clock.now(),
        _ => backoff(app, job.link.attempts),
    };
    Ok(Outcome::Retry { at, why })
}

/// Another object there has a value that must be unique, and looking again finds no other way: what a person asked to
/// be apart, or a known object that has been refused for a while.
fn is_settled_by_nobody(job: &Job) -> bool {
    !job.by_email() || (job.link.remote_id.is_some() && job.link.attempts >= 3)
}

/// From one minute, doubling with full jitter, at most an hour.
fn backoff(app: &App, attempts: u32) -> Timestamp {
    let most = FIRST_RETRY.saturating_mul(1 << attempts.min(6)).min(LONGEST_RETRY);
    let least = Duration::from_secs(5);
    app.clock.now() + least.max(app.random.up_to(most))
}
