//! Dead letters: work whose outcome could not even be written. The message is kept, its link tried again in an hour.

use crate::alert;
use crate::app::App;
use crate::job::Message;
use crate::model::{Class, LastError, Link, RecordKey, Status, System};
use crate::planted::{Bug, planted};
use crate::store::{DueIndex, Places, Put, keys};
use crate::sync::accept::link_places;
use crate::sync::token::instant;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

const AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// Dead letters are kept 90 days, in seconds.
const KEPT: i64 = 90 * 24 * 3600;

/// A dead letter as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The queue it died in.
    pub queue: String,
    /// What it said.
    pub body: String,
    /// When it was first sent.
    pub sent_at: Timestamp,
    /// When it was kept.
    pub kept_at: Timestamp,
}

/// Keeps a dead letter and sees to its work.
///
/// # Errors
/// When the table does not answer: the letter stays in its queue.
pub async fn bury(app: &App, queue: &str, id: &str, body: &str, sent_ms: i64) -> Result<()> {
    if planted(Bug::DeadLetterDropped) {
        return Ok(());
    }
    let sent_at = instant(sent_ms);
    let letter = DeadLetter {
        queue: queue.into(),
        body: body.into(),
        sent_at,
        kept_at: app.clock.now(),
    };
    let read = Message::read(body);
    let now = app.clock.now();
    let places = match &read {
        Ok(_) => Places {
            ttl: Some(now.as_second() + KEPT),
            ..Places::default()
        },
        Err(_) => {
            let due = DueIndex {
                system: "dead_letter".into(),
                bucket: "attention",
                class: Class::LIVE,
                at: now,
            };
            Places {
                due: Some(due),
                ..Places::default()
            }
        }
    };
    app.store
        .put(
            &keys::note(&format!("dead_letter#{queue}#{id}")),
            &letter,
            None,
            &places,
        )
        .await?;
    alert::raise(app, &format!("dead letters in {queue}"), id).await?;
    // Intakes and runs stand in the index: the sweep feeds them.
    if let Ok(Message::Sync(record, system)) = &read {
        retry(app, record, system, sent_at).await?;
    }
    Ok(())
}

/// If no outcome was committed since the message was sent, the link is tried again in an hour.
async fn retry(app: &App, record: &RecordKey, system: &System, sent_at: Timestamp) -> Result<()> {
    let at = keys::link(record, system);
    while let Some(stored) = app.store.get::<Link>(&at).await? {
        let mut link = stored.body;
        let committed = link
            .synced_at
            .into_iter()
            .chain(link.last_error.as_ref().map(|it| it.at))
            .max();
        if committed.is_some_and(|it| it >= sent_at) || !link.status.is_open() {
            return Ok(());
        }
        let now = app.clock.now();
        if link.status != Status::Syncing {
            link.status = Status::Retrying;
        }
        link.due_at = Some(now + AGAIN);
        link.trouble_since.get_or_insert(now);
        link.last_error = Some(LastError {
            outcome: "retry".into(),
            why: "its message died: no attempt could be written down".into(),
            at: now,
        });
        let places = link_places(&link);
        if matches!(
            app.store.put(&at, &link, Some(&stored.rev), &places).await?,
            Put::Done(_)
        ) {
            return Ok(());
        }
    }
    Ok(())
}
