//! Batches of messages: what is read, pushed, settled; and a panic that takes no other message along.

mod process;

use crate::app::App;
use crate::intake::{self, Ended};
use crate::job::{Incoming, Message};
use crate::model::{LastError, Link, Outcome, RecordKey, Status, System};
use crate::store::keys;
use crate::sync::push::push;
use crate::sync::target::Target;
use crate::sync::tell;
use anyhow::Result;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// Pushes the records of a batch, each by the target of its kind; returns the messages whose outcome could not be written
/// down. No targets: the system is not configured.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn work<T: Target>(app: &App, targets: &[T], batch: Vec<Incoming>) -> Result<Vec<String>> {
    let (mut wanted, mut failed) = (Vec::new(), Vec::new());
    for message in &batch {
        match Message::read(&message.body) {
            Ok(Message::Sync(key, system)) if is_for(targets, &key, &system) => wanted.push((message.id.clone(), key)),
            // Into the dead-letter queue, where it is kept and shown.
            _ => {
                tracing::error!(
                    message = message.id,
                    queue = message.queue,
                    "not a message for this function"
                );
                failed.push(message.id.clone());
            }
        }
    }
    let mut lost = Vec::new();
    // A system that is not configured counts as paused: its links stay pending, the messages end.
    for target in targets {
        let keys = wanted.iter().map(|it| it.1.clone());
        let keys: Vec<RecordKey> = keys.filter(|it| it.kind == target.kind()).collect();
        lost.extend(match AssertUnwindSafe(push(app, target, &keys)).catch_unwind().await {
            Ok(done) => errors(done?),
            Err(_) => one_by_one(app, target, &keys).await?,
        });
    }
    failed.extend(wanted.into_iter().filter(|it| lost.contains(&it.1)).map(|it| it.0));
    Ok(failed)
}

/// One kind's objects in one system: whatever else it were brought up to would be made as one of them.
fn is_for<T: Target>(targets: &[T], key: &RecordKey, system: &System) -> bool {
    let is_its = |it: &T| it.kind() == key.kind && it.system() == *system;
    targets.is_empty() || targets.iter().any(is_its)
}

type Ends = std::collections::BTreeMap<RecordKey, Result<crate::sync::push::Done>>;

fn errors(done: Ends) -> Vec<RecordKey> {
    let mut lost = Vec::new();
    for (key, end) in done {
        match end {
            Ok(done) => tracing::debug!(record = %key, ?done, "message ended"),
            Err(error) => {
                tracing::error!(record = %key, error = format!("{error:#}"), "outcome not written");
                lost.push(key);
            }
        }
    }
    lost
}

/// After a panic in a batch: each record alone, so that only the poisoned one fails.
async fn one_by_one<T: Target>(app: &App, target: &T, keys: &[RecordKey]) -> Result<Vec<RecordKey>> {
    let mut lost = Vec::new();
    for key in keys {
        match AssertUnwindSafe(push(app, target, std::slice::from_ref(key)))
            .catch_unwind()
            .await
        {
            Ok(done) => lost.extend(errors(done?)),
            Err(_) => poisoned(app, key, &target.system()).await?,
        }
    }
    Ok(lost)
}

async fn poisoned(app: &App, key: &RecordKey, system: &System) -> Result<()> {
    let at = keys::link(key, system);
    while let Some(stored) = app.store.get::<Link>(&at).await? {
        let mut link = stored.body.clone();
        let now = app.clock.now();
        link.status = Status::Failed;
        link.lease_until = None;
        link.doubt();
        link.fence += 1;
        link.due_at = Some(now);
        link.last_error = Some(LastError {
            outcome: "failed".into(),
            why: Outcome::PANIC.into(),
            at: now,
        });
        if tell::put(app, &stored, &link, None).await? {
            break;
        }
    }
    Ok(())
}

/// Applies stored webhooks, each alone; returns those that must come again.
pub async fn intakes(app: &App, batch: Vec<Incoming>) -> Vec<String> {
    let mut failed = Vec::new();
    for message in batch {
        if let Err(error) = intake_of(app, &message.body).await {
            tracing::error!(
                message = message.id,
                error = format!("{error:#}"),
                "webhook not applied"
            );
            failed.push(message.id);
        }
    }
    failed
}

async fn intake_of(app: &App, body: &str) -> Result<()> {
    let Ok(Message::Intake(source, id)) = Message::read(body) else {
        anyhow::bail!("not a message for this queue")
    };
    let Some(stored) = intake::read(app, &source, &id).await? else {
        return Ok(());
    };
    if stored.body.processed_at.is_some() {
        return Ok(());
    }
    let applied = AssertUnwindSafe(process::process(app, &stored.body))
        .catch_unwind()
        .await;
    // One that makes us panic would do so each time: it waits for a person.
    let ended = applied.unwrap_or_else(|_| Ok(Ended::Unreadable("panic".into())))?;
    if let Ended::Later(why) | Ended::Unreadable(why) = &ended {
        // Mostly the echo of a write of ours that is not committed yet.
        tracing::info!(source, id, why, "webhook not applied yet");
    }
    intake::settle(app, stored, ended).await
}
