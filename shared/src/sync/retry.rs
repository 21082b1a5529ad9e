//! Another try, asked for by a person: the link is opened now and goes the one write path.

use crate::app::App;
use crate::job::{Message, sync_queue};
use crate::model::{Event, Kind, Link, RecordKey, Status, System, next};
use crate::store::{Put, decode, keys};
use crate::sync::accept::link_places;
use crate::sync::ledger;
use crate::sync::target::NO_WAY_TO_LOOK;
use anyhow::{Result, bail};
use serde::Serialize;

/// What became of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "retry")]
pub enum Retried {
    /// Open now; it was this before.
    Opened {
        /// Its status before.
        was: Status,
    },
    /// Left as it is.
    Left {
        /// Its status.
        was: Status,
        /// Why.
        why: String,
    },
}

/// Links read at once.
const BATCH: usize = 100;
/// More can't be asked for at once.
const MOST: usize = 100_000;

/// Opens a record's link to a system now. Each request is another try; what is held is looked at once more.
///
/// # Errors
/// When there is no such link, or the table does not answer.
pub async fn retry(app: &App, key: &RecordKey, system: &System) -> Result<Retried> {
    opened(app, key, system, asked).await
}

/// The same, of what agrees, too: everything is sent once more. A payment never is.
///
/// # Errors
/// As [`retry`].
pub async fn force(app: &App, key: &RecordKey, system: &System) -> Result<Retried> {
    opened(app, key, system, forced).await
}

async fn opened(
    app: &App,
    key: &RecordKey,
    system: &System,
    asked: fn(&App, Link) -> Result<Link, String>,
) -> Result<Retried> {
    let at = keys::link(key, system);
    loop {
        let Some(stored) = app.store.get::<Link>(&at).await? else {
            bail!("{key}: has no link to {system}");
        };
        let was = stored.body.status;
        let link = match asked(app, stored.body) {
            Ok(link) => link,
            Err(why) => return Ok(Retried::Left { was, why }),
        };
        let put = app
            .store
            .put(&at, &link, Some(&stored.rev), &link_places(&link))
            .await?;
        if put == Put::Conflict {
            continue;
        }
        ledger::note(
            app,
            key,
            system,
            &format!("a person asked for another try of what was {}", was.as_str()),
        )
        .await?;
        wake(app, key, system).await;
        return Ok(Retried::Opened { was });
    }
}

/// The link, open now; or why it is left.
fn asked(app: &App, mut link: Link) -> Result<Link, String> {
    let rule = link.last_error.as_ref().map_or("", |it| it.why.as_str());
    let why = match link.status {
        Status::Synced => Some("it agrees".to_owned()),
        Status::Held if rule == NO_WAY_TO_LOOK => Some(format!("{rule}: concord resolve")),
        Status::Skipped if link.is_dropped() => Some("a person keeps it out: concord resolve".to_owned()),
        Status::Skipped if rule != "mock" => Some(format!("a rule keeps it out: {rule}")),
        _ => None,
    };
    if let Some(why) = why {
        return Err(why);
    }
    let Some(status) = next(link.status, Event::Asked) else {
        return Err("a call is under way".to_owned());
    };
    open(app, &mut link, status);
    Ok(link)
}

/// The link, open now, and with nothing known of what the system holds.
fn forced(app: &App, mut link: Link) -> Result<Link, String> {
    if link.status != Status::Synced {
        return asked(app, link);
    }
    if link.record.kind == Kind::PAYMENT && link.system == System::ZOHO_BILLING {
        return Err("it is recorded, and money is not sent twice".to_owned());
    }
    link.receipt.sent.clear();
    link.receipt.seen.clear();
    open(app, &mut link, Status::Pending);
    Ok(link)
}

/// Opens a link now, as a person asked.
pub(crate) fn open(app: &App, link: &mut Link, status: Status) {
    let now = app.clock.now();
    if !link.status.is_open() {
        link.opened_at = Some(now);
    }
    link.status = status;
    link.opens += 1;
    link.attempts = 0;
    link.trouble_since = None;
    link.due_at = Some(now);
}

/// Asks for it at once. Without the queues' URLs (at the command line) the sweep does.
pub(crate) async fn wake(app: &App, key: &RecordKey, system: &System) {
    let message = Message::Sync(key.clone(), system.clone());
    let queue = sync_queue(&key.kind, system);
    if let Err(error) = app.queues.send(&queue, &[message]).await {
        tracing::debug!(record = %key, %system, error = format!("{error:#}"), "not enqueued; the sweep will");
    }
}

/// The records whose link to a system has a status, at most 100,000.
///
/// # Errors
/// When no link ever waits in that status, or the table does not answer.
pub async fn matching(app: &App, system: &System, status: Status) -> Result<Vec<RecordKey>> {
    let bucket = match status {
        Status::Synced => bail!("synced: what agrees is not tried again"),
        Status::Failed | Status::Held => "attention",
        Status::Skipped => "skipped",
        _ => "open",
    };
    let mut found = Vec::new();
    let due = app.store.all_after(system.as_str(), bucket, None, MOST).await?;
    for chunk in due.chunks(BATCH) {
        let wanted: Vec<_> = chunk.iter().map(|it| it.key.clone()).collect();
        for (at, raw) in app.store.get_many(&wanted).await? {
            let link = decode::<Link>(&at, raw)?.body;
            if link.status == status {
                found.push(link.record);
            }
        }
    }
    Ok(found)
}
