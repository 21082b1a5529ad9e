//! What nobody has checked of a system yet is checked before its first write.

use super::answers::outcome_of;
use super::prepare::{Ended, is_of_the_system, slot_ended};
use super::send::{Step, class_of, slot};
use super::{Done, commit};
use crate::app::App;
use crate::sync::target::{Job, Standing, Target};
use crate::systems::CallError;
use crate::systems::http::READ_TIMEOUT;
use anyhow::Result;

/// Said of each record that waits while writes are stopped.
pub(super) const STOPPED: &str = "writes are stopped until a person acts";

/// The jobs, if the check lets them go; else they have ended.
pub(super) async fn checked<T: Target>(app: &App, target: &T, jobs: Vec<Job>, ended: &mut Ended) -> Result<Vec<Job>> {
    if jobs.is_empty() {
        return Ok(jobs);
    }
    let (system, units) = (target.system(), target.units(1, false));
    let slot = match slot(app, target, units, class_of(&jobs), READ_TIMEOUT).await? {
        Ok(slot) => slot,
        Err(why) => {
            leave(&jobs, why, ended);
            return Ok(Vec::new());
        }
    };
    let answer = target.check().await;
    let refused = answer.as_ref().ok().and_then(|it| it.as_ref().err());
    slot_ended(app, &system, &slot, refused).await;
    if let Err(error) = answer? {
        for job in jobs {
            let key = job.record.key.clone();
            ended.push((key, not_checked(app, target, job, &error).await));
        }
        return Ok(Vec::new());
    }
    if let Standing::Stopped(remedy) = target.standing().await? {
        tracing::error!(%system, remedy, "writes are stopped");
        leave(&jobs, STOPPED, ended);
        return Ok(Vec::new());
    }
    Ok(jobs)
}

fn leave(jobs: &[Job], why: &'static str, ended: &mut Ended) {
    let left = |it: &Job| (it.record.key.clone(), Ok(Step::Done(Done::Left(why))));
    ended.extend(jobs.iter().map(left));
}

/// Tried again later, whatever the system said: it was not about this record.
async fn not_checked<T: Target>(app: &App, target: &T, job: Job, error: &CallError) -> Result<Step> {
    let error = match error {
        error if is_of_the_system(error) => error.clone(),
        error => CallError::Later(error.to_string()),
    };
    let outcome = outcome_of(app, target, &job, &error, false).await?;
    commit::settle(app, target, job, outcome).await
}
