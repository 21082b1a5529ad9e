//! An upsert that changed an object which no look-up had found: adopted, and read back before anything more is sent.

use super::Done;
use super::commit;
use super::lease::Lease;
use super::look::is_source;
use super::read::read;
use super::send::Step;
use crate::app::App;
use crate::intake;
use crate::model::Outcome;
use crate::sync::accept::{Accepted, accept};
use crate::sync::target::{Job, Target, zoho_arrival};
use crate::systems::{Action, Written};
use anyhow::Result;

/// Whether a new object was asked for, and one that was there was changed.
pub(super) fn is_adoption(job: &Job, written: &Written) -> bool {
    job.link.remote_id.is_none() && written.action == Action::Updated
}

/// Commits what was written. What an adopted object held already is taken in as an arrival, if its system is a source.
pub(super) async fn commit_written<T: Target>(app: &App, target: &T, lease: Lease, written: Written) -> Result<Step> {
    let (adopted, id) = (is_adoption(&lease.job, &written), written.id.clone());
    let outcome = match written.held.clone() {
        Some(why) => Outcome::Held { why },
        None => Outcome::Synced,
    };
    let step = commit::commit(app, target, &lease, outcome, Some(written)).await?;
    let (job, system) = (&lease.job, target.system());
    let refused = matches!(&step, Step::Done(Done::Left(_)));
    if !adopted || refused || !is_source(app, target, job)? {
        return Ok(step);
    }
    tracing::info!(record = %job.record.key, %system, "adopted: the upsert changed an object that the look-up had missed");
    match read_back(app, target, job, &id).await? {
        Ok(Accepted::Changed { .. }) => Ok(Step::Again),
        Ok(Accepted::Later { .. }) => {
            intake::read_again(app, system.as_str(), None, &id).await?;
            Ok(step)
        }
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
        Err(why) => Ok(Err(why)),
    }
}
