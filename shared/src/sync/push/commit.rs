//! Leases and commits: conditional, fenced, and each commit under the fence of its own lease.

use super::Done;
use super::adopted::is_adoption;
use super::lease::{self, Lease};
use super::look::{is_said, shown};
use super::park::release_children;
use super::send::Step;
use crate::app::App;
use crate::model::{Event, Fields, LastError, Link, Outcome, SETTLE, Status, next};
use crate::planted::{Bug, planted};
use crate::store::{Change, Item, Places, keys};
use crate::sync::find::id_key;
use crate::sync::ledger::{self, Attempt};
use crate::sync::target::{Job, Target};
use crate::sync::tell;
use crate::systems::Written;
use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;

const ROUNDS: u32 = 12;

/// Ends an attempt that needs no call.
pub(super) async fn settle<T: Target>(app: &App, target: &T, job: Job, outcome: Outcome) -> Result<Step> {
    let what = if job.link.remote_id.is_some() {
        "update"
    } else {
        "create"
    };
    match lease::lease(app, job, what, Fields::new()).await.1? {
        None => Ok(Step::Again),
        Some(lease) => commit(app, target, &lease, outcome, None).await,
    }
}

/// Writes the attempt down, then commits under the fence.
pub(super) async fn commit<T: Target>(
    app: &App,
    target: &T,
    lease: &Lease,
    outcome: Outcome,
    written: Option<Written>,
) -> Result<Step> {
    if !planted(Bug::LedgerAfterCommit) {
        write_attempt(app, lease, &outcome, written.as_ref()).await?;
    }
    let at = keys::link(&lease.job.record.key, &lease.job.link.system);
    // Mostly nobody has written since: then nothing need be read. Else the write is refused, and what stands there is read.
    let mut known = lease.stored.clone();
    for _ in 0..ROUNDS {
        let stored = match known.take() {
            Some(stored) => stored,
            None => app.store.get(&at).await?.context("the link is gone")?,
        };
        let Some(own) = under_lease(lease, &stored.body) else {
            tracing::warn!(record = %lease.job.record.key, system = %target.system(), "commit refused: the lease has passed on");
            return Ok(Step::Done(Done::Left("the lease has passed on")));
        };
        let link = committed(app, target, lease, own, &outcome, written.as_ref())?;
        if !store(app, lease, &stored, &link).await? {
            continue;
        }
        if planted(Bug::LedgerAfterCommit) {
            write_attempt(app, lease, &outcome, written.as_ref()).await?;
        }
        log(app, lease, &outcome, &link);
        let landed = link.remote_id.is_some() && stored.body.remote_id.is_none();
        if landed || link.status == Status::Skipped {
            release_children(app, &link.record, &link.system).await?;
        }
        let again = link.status == Status::Pending;
        return Ok(if again {
            Step::Again
        } else {
            Step::Done(Done::Ended(outcome))
        });
    }
    bail!("another writer was first {ROUNDS} times")
}

/// The link as it stands now, if it is still under this lease.
fn under_lease(lease: &Lease, stored: &Link) -> Option<Link> {
    if stored.fence == lease.fence && stored.status == Status::Syncing {
        return Some(stored.clone());
    }
    planted(Bug::UnfencedCommit).then(|| lease.job.link.clone())
}

async fn write_attempt(app: &App, lease: &Lease, outcome: &Outcome, written: Option<&Written>) -> Result<()> {
    let job = &lease.job;
    let adopted = written.is_some_and(|it| is_adoption(job, it));
    let intent = job.link.intent.as_ref().map_or("update", |it| it.what.as_str());
    let what = if adopted { "adopt" } else { intent };
    let remote_id = written.map(|it| it.id.clone());
    let attempt = Attempt {
        system: job.link.system.clone(),
        what: what.to_owned(),
        at: app.clock.now(),
        version: job.record.version,
        sent: job.send.clone(),
        outcome: Some(outcome.clone()),
        remote_id: remote_id.or_else(|| job.link.remote_id.clone()),
        note: adopted.then(|| "adopted: the object was there already, though the look-up had missed it".to_owned()),
    };
    ledger::write(app, &job.record.key, &lease.attempt, &attempt).await
}

/// The link after the attempt. `stored` may be newer than what the worker read: its opens are kept.
fn committed<T: Target>(
    app: &App,
    target: &T,
    lease: &Lease,
    mut link: Link,
    outcome: &Outcome,
    written: Option<&Written>,
) -> Result<Link> {
    let now = app.clock.now();
    let (event, due) = match outcome {
        Outcome::Synced | Outcome::Unchanged => (Event::Agreed, None),
        Outcome::Skipped { .. } => (Event::Skipped, None),
        Outcome::Retry { at, .. } => (Event::Retry, Some(*at)),
        Outcome::Parked { .. } => (Event::Parked, Some(now + SignedDuration::from_mins(15))),
        Outcome::Held { .. } => (Event::Held, Some(now)),
        Outcome::Failed { .. } => (Event::Failed, Some(now)),
        Outcome::Unknown { .. } => (Event::Unknown, link.lease_until.map(|it| it + SETTLE)),
    };
    link.status = next(link.status, event).context("the table of transitions forbids this commit")?;
    link.due_at = due;
    if link.status != Status::Syncing {
        link.lease_until = None;
        if outcome.is_unsure() {
            link.doubt();
        }
        link.intent = None;
    }
    if event == Event::Agreed || written.is_some() {
        agree(app, target, lease, &mut link, written)?;
    }
    note_trouble(&mut link, outcome, now);
    // What was accepted meanwhile was no part of this call: it goes at once, and may mend what was refused.
    let settled = matches!(link.status, Status::Synced | Status::Skipped | Status::Failed);
    let is_newer = link.opens > lease.job.link.opens && !planted(Bug::OpensIgnored);
    let goes_on = lease.job.is_part && link.status == Status::Synced;
    if goes_on || (settled && is_newer) {
        link.status = Status::Pending;
        link.due_at = Some(now);
    }
    Ok(link)
}

fn note_trouble(link: &mut Link, outcome: &Outcome, now: jiff::Timestamp) {
    let Some(why) = outcome.why() else { return };
    link.last_error = Some(LastError {
        outcome: outcome.name().into(),
        why: why.into(),
        at: now,
    });
    if matches!(outcome, Outcome::Retry { .. } | Outcome::Unknown { .. }) {
        link.attempts += 1;
        link.trouble_since.get_or_insert(now);
    }
}

/// `sent` is stored only here, after the success answer.
fn agree<T: Target>(app: &App, target: &T, lease: &Lease, link: &mut Link, written: Option<&Written>) -> Result<()> {
    let now = app.clock.now();
    let job = &lease.job;
    link.agreed(now);
    link.synced_version = link.synced_version.max(agreed_version(lease, link));
    if link.remote_id.is_none() {
        link.remote_id.clone_from(&job.link.remote_id);
        link.receipt = job.link.receipt.clone();
    }
    if let Some(written) = written {
        link.remote_id = Some(written.id.clone());
        link.receipt.learn(written.modified, now);
        for (field, value) in &job.send {
            link.receipt.sent.insert(field.clone(), value.clone());
            link.receipt.seen.remove(field);
            link.receipt.unsure.remove(field);
        }
        if let Some(row) = &written.seen {
            let spec = app.kind(&job.record.key.kind)?;
            let mut shown = shown(spec, &target.system(), row);
            shown.retain(|name, _| !target.fills() || is_said(&job.wanted, name));
            link.receipt.seen.extend(shown);
        }
    }
    if link.remote_id.is_some() {
        link.chosen = None;
    }
    Ok(())
}

/// The version that the system agrees with: what was accepted meanwhile and opened nothing says the same there.
fn agreed_version(lease: &Lease, link: &Link) -> u64 {
    let job = &lease.job;
    if link.opens == job.link.opens {
        return link.wanted_version.max(job.record.version);
    }
    job.record.version
}

/// The link, with the first remote id its alias, and each other link that shows what is new in it.
async fn store(app: &App, lease: &Lease, stored: &Item<Link>, link: &Link) -> Result<bool> {
    let key = &lease.job.record.key;
    let (mut link, mut alias) = (link.clone(), None);
    if let Some(id) = link.remote_id.clone().filter(|_| stored.body.remote_id.is_none()) {
        let named = keys::alias(&key.kind, &id_key(link.system.as_str()), &id);
        match app.store.get::<String>(&named).await? {
            None => alias = Some(Change::put(&named, &key.id, None, &Places::default())?),
            Some(owner) if owner.body == key.id => {}
            Some(owner) => {
                let why = format!("{id} there already belongs to {}#{}", key.kind, owner.body);
                hold(&mut link, &stored.body, why, app.clock.now());
            }
        }
    }
    tell::put(app, stored, &link, alias).await
}

fn hold(link: &mut Link, before: &Link, why: String, now: jiff::Timestamp) {
    link.status = Status::Held;
    link.remote_id.clone_from(&before.remote_id);
    link.receipt = before.receipt.clone();
    link.due_at = Some(now);
    link.last_error = Some(LastError {
        outcome: "held".into(),
        why,
        at: now,
    });
}

fn log(app: &App, lease: &Lease, outcome: &Outcome, link: &Link) {
    let waited = link.opened_at.map(|it| app.clock.now().duration_since(it).as_millis());
    let (record, system) = (&lease.job.record.key, &link.system);
    let why = outcome.why().unwrap_or_default();
    tracing::info!(%record, %system, outcome = outcome.name(), why, open_ms = waited, "attempt ended");
}
