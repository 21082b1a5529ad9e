//! An object is read before, or after, a write of ours.

use super::Done;
use super::answers::outcome_of;
use super::commit;
use super::look::{LOOK, is_source};
use super::prepare::{is_of_the_system, slot_ended};
use super::send::{COMMIT, NO_TIME, Step, slot};
use crate::app::App;
use crate::model::RecordKey;
use crate::planted::{Bug, planted};
use crate::sync::accept::{Accepted, accept};
use crate::sync::target::{Job, Target, zoho_arrival};
use crate::systems::http::{READ_TIMEOUT, WRITE_TIMEOUT};
use crate::systems::{CallError, Seen};
use anyhow::Result;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// When the records' objects were asked for, for the write that comes next.
pub(super) type Glanced = BTreeMap<RecordKey, Timestamp>;

/// Whether an object is to be read before it is changed: both sides may change what is to be sent, and the system refuses
/// a change only if its own time is another, in whole seconds. What else was changed in the second that is known is not
/// seen by that.
pub(super) fn is_hidden<T: Target>(app: &App, target: &T, job: &Job) -> Result<bool> {
    let is_known = job.link.receipt.over_at().is_some() && !job.link.receipt.is_whole;
    Ok(is_known && is_source(app, target, job)? && !planted(Bug::HiddenEditOverwritten))
}

/// Reads the object when the known second is over, and takes in what it says. `None`: nothing can be learned from a read,
/// and the write goes under the system's own guard alone.
///
/// Once for each such second: while the answer was under way, somebody else may have written, and learned of another.
pub(super) async fn glance<T: Target>(app: &App, target: &T, job: &Job, glanced: &mut Glanced) -> Result<Option<Step>> {
    let (Some(over_at), Some(id)) = (job.link.receipt.over_at(), job.link.remote_id.as_deref()) else {
        return Ok(None);
    };
    if glanced.get(&job.record.key).is_some_and(|asked| *asked >= over_at) {
        return Ok(None);
    }
    let wait = app.clock.until(over_at);
    if app.time_left() < wait + LOOK + WRITE_TIMEOUT + COMMIT {
        return Ok(Some(left(NO_TIME)));
    }
    app.clock.sleep(wait).await;
    let asked = app.clock.now();
    let seen = match ask(app, target, job, id).await? {
        Ok(seen) => seen.filter(|it| it.gone.is_none()),
        Err(Unread::Error(CallError::Rejected(_) | CallError::Gone(_))) => None,
        Err(Unread::NoSlot(why)) => return Ok(Some(left(why))),
        // What was not answered is no look: where the link has changed meanwhile, the next round asks again.
        Err(Unread::Error(error)) => {
            let outcome = outcome_of(app, target, job, &error, false).await?;
            return commit::settle(app, target, job.clone(), outcome).await.map(Some);
        }
    };
    glanced.insert(job.record.key.clone(), asked);
    // Where it is not there, or can't be understood, the write tells.
    let Some(arrival) = seen.and_then(|it| zoho_arrival(app, &it).ok()) else {
        return Ok(None);
    };
    Ok(match accept(app, &arrival, job.link.class).await? {
        // What then still differs is sent in the next round.
        Accepted::Changed { .. } | Accepted::Same { .. } => Some(Step::Again),
        Accepted::Later { .. } => Some(left("its system is to be read again first")),
        Accepted::Held { .. } => None,
    })
}

fn left(why: &'static str) -> Step {
    Step::Done(Done::Left(why))
}

/// Reads an object under a slot of its own; the inner error is why it could not be read.
pub(super) async fn read<T: Target>(app: &App, target: &T, job: &Job, id: &str) -> Result<Result<Seen, String>> {
    Ok(match ask(app, target, job, id).await? {
        Ok(Some(seen)) => Ok(seen),
        Ok(None) => Err("it is not there".to_owned()),
        Err(Unread::NoSlot(why)) => Err(why.to_owned()),
        Err(Unread::Error(error)) => {
            if is_of_the_system(&error) {
                outcome_of(app, target, job, &error, false).await?;
            }
            Err(error.to_string())
        }
    })
}

/// Why an object could not be read.
enum Unread {
    NoSlot(&'static str),
    Error(CallError),
}

async fn ask<T: Target>(app: &App, target: &T, job: &Job, id: &str) -> Result<Result<Option<Seen>, Unread>> {
    let (units, needs) = (target.units(1, false), READ_TIMEOUT + COMMIT);
    let slot = match slot(app, target, units, job.link.class, needs).await? {
        Ok(slot) => slot,
        Err(why) => return Ok(Err(Unread::NoSlot(why))),
    };
    let answer = target.read(id).await;
    slot_ended(app, &target.system(), &slot, answer.as_ref().err()).await;
    Ok(answer.map_err(Unread::Error))
}
