//! Leases: taken and given back by conditional writes, each with a fence of its own.

use super::Done;
use super::send::Step;
use crate::app::App;
use crate::model::{Event, Fields, Intent, Link, Receipt, RecordKey, SETTLE, Status, next};
use crate::planted::{Bug, planted};
use crate::store::{Item, Put, keys};
use crate::sync::accept::link_places;
use crate::sync::target::Job;
use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;

const ROUNDS: u32 = 12;

/// A worker's right to one call about one link, until it ends. A commit demands it.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) job: Job,
    pub(super) fence: u64,
    pub(super) attempt: String,
    /// The link as the lease was written; none: that is not known, and a commit reads it.
    pub(super) stored: Option<Item<Link>>,
}

const LEASE: SignedDuration = SignedDuration::from_secs(35);

/// Takes the lease and writes the intent with what it `sends`, if the link is still as it was read.
pub(super) async fn lease(app: &App, mut job: Job, what: &str, sends: Fields) -> (RecordKey, Result<Option<Lease>>) {
    let key = job.record.key.clone();
    let attempt = app.random.ulid(&app.clock);
    let now = app.clock.now();
    let Some(status) = next(job.link.status, Event::Leased) else {
        return (key, Ok(None));
    };
    job.link.status = status;
    job.link.fence += 1;
    job.link.lease_until = Some(now + LEASE);
    // A call that stands there still has ended without an answer.
    job.link.doubt();
    job.link.intent = Some(Intent {
        attempt: attempt.clone(),
        what: what.to_owned(),
        at: now,
        sends,
    });
    // Beyond the lease: a worker that dies is found by the sweep; mostly it stands there already (accept's due).
    let looked_at = now + LEASE + SETTLE;
    job.link.due_at = Some(job.link.due_at.map_or(looked_at, |it| it.max(looked_at)));
    let at = keys::link(&key, &job.link.system);
    let mut stored = job.link.clone();
    if job.adopted {
        // What a look-up found belongs to the coming commit, not to the lease.
        stored.remote_id = None;
        stored.receipt = Receipt {
            unsure: job.doubt.clone(),
            ..Receipt::default()
        };
    }
    if planted(Bug::SentBeforeAnswer) {
        stored.receipt.sent.extend(job.send.clone());
    }
    let put = app
        .store
        .put(&at, &stored, Some(&job.link_rev), &link_places(&stored))
        .await;
    let lease = put.map(|it| match it {
        Put::Conflict if !planted(Bug::LeaseForBatch) => None,
        put => {
            let rev = if let Put::Done(rev) = put { Some(rev) } else { None };
            job.link_rev = rev.clone().unwrap_or(job.link_rev);
            Some(Lease {
                fence: job.link.fence,
                job,
                attempt,
                stored: rev.map(|rev| Item { body: stored, rev }),
            })
        }
    });
    (key, lease)
}

/// Gives lease and intent back: nothing was sent.
pub(super) async fn give_back(app: &App, lease: &Lease, why: &'static str) -> Result<Step> {
    edit(app, lease, |link| {
        link.status = next(link.status, Event::Returned).unwrap_or(link.status);
        link.lease_until = None;
        link.intent = None;
    })
    .await?;
    Ok(Step::Done(Done::Left(why)))
}

/// Changes the link under the lease's fence; what others wrote meanwhile stays. `None`: the fence is not ours any more.
async fn edit(app: &App, lease: &Lease, change: impl Fn(&mut Link)) -> Result<Option<Link>> {
    let at = keys::link(&lease.job.record.key, &lease.job.link.system);
    for _ in 0..ROUNDS {
        let stored: Item<Link> = app.store.get(&at).await?.context("the link is gone")?;
        if stored.body.fence != lease.fence || stored.body.status != Status::Syncing {
            return Ok(None);
        }
        let mut link = stored.body;
        change(&mut link);
        if matches!(
            app.store
                .put(&at, &link, Some(&stored.rev), &link_places(&link))
                .await?,
            Put::Done(_)
        ) {
            return Ok(Some(link));
        }
    }
    bail!("another writer was first {ROUNDS} times")
}
