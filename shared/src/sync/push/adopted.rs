//! An upsert that changed an object which no look-up had found: adopted, and read back before anything more is sent.

use super::Done;
use super::answers::outcome_of;
use super::commit;
use super::lease::Lease;
use super::look::is_source;
use super::prepare::{is_of_the_system, slot_ended};
use super::send::{COMMIT, Step, slot};
use crate::app::App;
use crate::model::Outcome;
use crate::sync::accept::{Accepted, accept};
use crate::sync::target::{Job, Target, zoho_arrival};
use crate::systems::http::READ_TIMEOUT;
use crate::systems::{Action, Seen, Written};
use anyhow::Result;

/// Whether a new object was asked for, and one that was there was changed.
pub(super) fn is_adoption(job: &Job, written: &Written) -> bool {
    job.link.remote_id.is_none() && written.action == Action::Updated
}

/// Commits what was written. What an adopted object held already is taken in as an arrival, if its system is a source.
pub(super) async fn commit_written<T: Target>(app: &App, target: &T, lease: Lease, written: Written) -> Result<Step> {
    let (adopted, id) = (is_adoption(&lease.job, &written), written.id.clone());
    let step = commit::commit(app, target, &lease, Outcome::Synced, Some(written)).await?;
    let (job, system) = (&lease.job, target.system());
    let refused = matches!(&step, Step::Done(Done::Left(_)));
    if !adopted || refused || !is_source(app, target, job)? {
        return Ok(step);
    }
    tracing::info!(record = %job.record.key, %system, "adopted: the upsert changed an object that the look-up had missed");
    match read_back(app, target, job, &id).await? {
        Ok(Accepted::Changed { .. }) => Ok(Step::Again),
        Ok(_) => Ok(step),
        Err(why) => {
            tracing::warn!(record = %job.record.key, %system, why, "not read back; the next pull does it");
            Ok(step)
        }
    }
}

/// Takes in what the object shows; the inner error is why it could not be read.
async fn read_back<T: Target>(app: &App, target: &T, job: &Job, id: &str) -> Result<Result<Accepted, String>> {
    match read(app, target, job, id).await? {
        Ok(seen) => match zoho_arrival(app, &seen) {
            Ok(arrival) => accept(app, &arrival, job.link.class).await.map(Ok),
            Err(why) => Ok(Err(why)),
        },
        Err(NotRead::Absent) => Ok(Err("it is not there".to_owned())),
        Err(NotRead::Failed(why)) => Ok(Err(why)),
    }
}

/// Why an object could not be read.
pub(super) enum NotRead {
    /// It is not there.
    Absent,
    /// No slot, or no good answer.
    Failed(String),
}

/// Reads an object under a slot of its own; the inner error is why it could not be read.
pub(super) async fn read<T: Target>(app: &App, target: &T, job: &Job, id: &str) -> Result<Result<Seen, NotRead>> {
    let (units, needs) = (target.units(1, false), READ_TIMEOUT + COMMIT);
    let slot = match slot(app, target, units, job.link.class, needs).await? {
        Ok(slot) => slot,
        Err(why) => return Ok(Err(NotRead::Failed(why.to_owned()))),
    };
    let answer = target.read(id).await;
    slot_ended(app, &target.system(), &slot, answer.as_ref().err()).await;
    match answer {
        Ok(Some(seen)) => Ok(Ok(seen)),
        Ok(None) => Ok(Err(NotRead::Absent)),
        Err(error) => {
            if is_of_the_system(&error) {
                outcome_of(app, target, job, &error, false).await?;
            }
            Ok(Err(NotRead::Failed(error.to_string())))
        }
    }
}
