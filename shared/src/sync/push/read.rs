//! An object is read before, or after, a write of ours.

use super::answers::outcome_of;
use super::look::{LOOK, is_source};
use super::prepare::{is_of_the_system, slot_ended};
use super::send::{COMMIT, slot};
use crate::app::App;
use crate::model::RecordKey;
use crate::planted::{Bug, planted};
use crate::sync::accept::{Accepted, accept};
use crate::sync::target::{Job, Target, zoho_arrival};
use crate::systems::Seen;
use crate::systems::http::{READ_TIMEOUT, WRITE_TIMEOUT};
use anyhow::Result;
use std::collections::BTreeSet;
use std::time::Duration;

/// The records whose objects were read before their writes: once is enough.
pub(super) type Glanced = BTreeSet<RecordKey>;

/// Whether an object is to be read before it is changed: both sides may change what is to be sent, and the system refuses
/// a change only if its own time is another, in whole seconds. What else was changed in the second that is known is not
/// seen by that.
pub(super) fn is_hidden<T: Target>(app: &App, target: &T, job: &Job) -> Result<bool> {
    let is_known = job.link.receipt.over_at().is_some() && !job.link.receipt.is_whole;
    Ok(is_known && is_source(app, target, job)? && !planted(Bug::HiddenEditOverwritten))
}

/// Reads the object when the known second is over, and takes in what it says; whether that could be done. If not, the
/// write goes under the system's own guard alone.
pub(super) async fn glance<T: Target>(app: &App, target: &T, job: &Job) -> Result<bool> {
    let (Some(over_at), Some(id)) = (job.link.receipt.over_at(), job.link.remote_id.as_deref()) else {
        return Ok(false);
    };
    let wait = Duration::try_from(over_at.duration_since(app.clock.now())).unwrap_or_default();
    if app.time_left() < wait + LOOK + WRITE_TIMEOUT + COMMIT {
        return Ok(false);
    }
    app.clock.sleep(wait).await;
    let Ok(seen) = read(app, target, job, id).await? else {
        return Ok(false);
    };
    let Ok(arrival) = zoho_arrival(app, &seen) else {
        return Ok(false);
    };
    let accepted = accept(app, &arrival, job.link.class).await?;
    Ok(matches!(accepted, Accepted::Changed { .. } | Accepted::Same { .. }))
}

/// Reads an object under a slot of its own; the inner error is why it could not be read.
pub(super) async fn read<T: Target>(app: &App, target: &T, job: &Job, id: &str) -> Result<Result<Seen, String>> {
    let (units, needs) = (target.units(1, false), READ_TIMEOUT + COMMIT);
    let slot = match slot(app, target, units, job.link.class, needs).await? {
        Ok(slot) => slot,
        Err(why) => return Ok(Err(why.to_owned())),
    };
    let answer = target.read(id).await;
    slot_ended(app, &target.system(), &slot, answer.as_ref().err()).await;
    match answer {
        Ok(Some(seen)) => Ok(Ok(seen)),
        Ok(None) => Ok(Err("it is not there".to_owned())),
        Err(error) => {
            if is_of_the_system(&error) {
                outcome_of(app, target, job, &error, false).await?;
            }
            Ok(Err(error.to_string()))
        }
    }
}
