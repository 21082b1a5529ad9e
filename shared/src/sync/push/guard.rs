//! A panic in a call: which record it was, while their leases are still ours.

use super::prepare::{gravest, slot_ended};
use super::send::{take_slot, twice};
use crate::app::App;
use crate::model::Outcome;
use crate::sync::target::{Job, Results, Target};
use crate::systems::{CallError, Written};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// Sends; after a panic each record alone, so that only the poisoned one fails.
pub(super) async fn guarded<T: Target>(app: &App, target: &T, jobs: &[Job], update: bool) -> Results {
    if let Ok(answers) = AssertUnwindSafe(twice(app, target, jobs, update)).catch_unwind().await {
        return answers;
    }
    tracing::error!(system = %target.system(), records = jobs.len(), "a call panicked");
    if let [_] = jobs {
        return Ok(vec![poisoned()]);
    }
    let mut answers = Vec::new();
    for job in jobs {
        answers.push(alone(app, target, job, update).await);
    }
    Ok(answers)
}

async fn alone<T: Target>(app: &App, target: &T, job: &Job, update: bool) -> Result<Written, CallError> {
    let job = std::slice::from_ref(job);
    let slot = match take_slot(app, target, job).await {
        Ok(Ok(slot)) => slot,
        Ok(Err(why)) => return Err(unknown(why)),
        Err(error) => return Err(unknown(&format!("{error:#}"))),
    };
    let answers = AssertUnwindSafe(twice(app, target, job, update)).catch_unwind().await;
    // Of a call that panicked nobody knows how far it came: its slot ends by itself.
    if let Ok(answers) = &answers {
        slot_ended(app, &target.system(), &slot, gravest(answers)).await;
    }
    answers.map_or_else(
        |_| poisoned(),
        |it| it?.pop().unwrap_or_else(|| Err(unknown("no result"))),
    )
}

fn poisoned() -> Result<Written, CallError> {
    Err(CallError::Rejected(Outcome::PANIC.to_owned()))
}

/// The call that panicked may have been acted upon.
fn unknown(why: &str) -> CallError {
    CallError::Unknown(why.to_owned())
}
