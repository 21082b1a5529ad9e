//! The only timer and the only feeder of what waits; it heals what messages, crashes and people lose.

mod feed;
mod words;

use crate::app::App;
use crate::intake::Intake;
use crate::job::Message;
use crate::model::Class;
use crate::store::{Candidate, DueIndex, Item, Places, Put, keys};
use crate::sync::deployment;
use crate::sync::run::{self, Cursor, Run};
use anyhow::Result;
use jiff::SignedDuration;

/// What was fed is looked at again after this, should its message be lost.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// Two turns' work of the fastest system: more would only wait in the queue.
const MOST: usize = 2_000;
const CLASSES: [Class; 2] = [Class::LIVE, Class::BACKFILL];
/// A daily run that was not made within this is begun (the day on which 02:00 does not exist).
const OVERDUE: SignedDuration = SignedDuration::from_hours(25);

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Links enqueued.
    pub links: usize,
    /// Webhooks enqueued.
    pub intakes: usize,
    /// Runs woken.
    pub runs: usize,
}

/// One turn.
///
/// # Errors
/// When the table or a queue does not answer; the next turn does the rest.
pub async fn sweep(app: &App) -> Result<Swept> {
    deployment::publish(app).await?;
    words::reopen(app).await?;
    let mut swept = Swept::default();
    for (system, kinds) in feed::written(app) {
        swept.links += feed::links(app, &system, &kinds).await?;
    }
    swept.intakes = feed_intakes(app).await?;
    swept.runs = feed_runs(app).await?;
    begin_overdue(app).await?;
    Ok(swept)
}

/// Feeds the systems that are fed at a pace: after a page of a backfill, so that a small one does not wait for a turn.
///
/// # Errors
/// When the table or a queue does not answer; the next turn does it.
pub(crate) async fn feed_paced(app: &App) -> Result<()> {
    for (system, kinds) in feed::written(app) {
        if app.pace(&system).is_some() {
            feed::fill(app, &system, &kinds).await?;
        }
    }
    Ok(())
}

/// One that can't be read or moved keeps its place in the index, and nobody else's.
fn left(candidate: &Candidate, error: &anyhow::Error) {
    tracing::error!(item = %candidate.key, error = format!("{error:#}"), "not fed");
}

async fn feed_intakes(app: &App) -> Result<usize> {
    if !app.queues.has("intake") {
        return Ok(0);
    }
    let mut messages = Vec::new();
    for candidate in app
        .store
        .due("intake", "open", Class::LIVE, app.clock.now(), MOST)
        .await?
    {
        match take_intake(app, &candidate).await {
            Ok(message) => messages.extend(message),
            Err(error) => left(&candidate, &error),
        }
    }
    app.queues.send("intake", &messages).await?;
    Ok(messages.len())
}

async fn take_intake(app: &App, candidate: &Candidate) -> Result<Option<Message>> {
    let Some((source, id)) = candidate.key.as_intake() else {
        return Ok(None);
    };
    let Some(stored) = app.store.get::<Intake>(&candidate.key).await? else {
        return Ok(None);
    };
    if stored.body.processed_at.is_some() {
        return Ok(None);
    }
    let due = DueIndex {
        system: "intake".into(),
        bucket: "open",
        class: Class::LIVE,
        at: app.clock.now() + AGAIN,
    };
    let places = Places {
        due: Some(due),
        ..Places::default()
    };
    let put = app
        .store
        .put(&candidate.key, &stored.body, Some(&stored.rev), &places)
        .await?;
    Ok(matches!(put, Put::Done(_)).then_some(Message::Intake(source, id)))
}

async fn feed_runs(app: &App) -> Result<usize> {
    let mut woken = Vec::new();
    for class in CLASSES {
        for candidate in app.store.due("run", "open", class, app.clock.now(), 100).await? {
            let Some(run) = app.store.get::<Run>(&candidate.key).await? else {
                continue;
            };
            let works = app.queues.has(&run::queue(&run.body.job));
            if works && run.body.finished_at.is_none() && !woken.contains(&run.body.job) {
                woken.push(run.body.job);
            }
        }
    }
    for job in &woken {
        app.queues.send(&run::queue(job), &[Message::Activate]).await?;
    }
    Ok(woken.len())
}

async fn begin_overdue(app: &App) -> Result<()> {
    if app.portal.is_none() || !app.queues.has(&run::queue("portal_pull")) {
        return Ok(());
    }
    let cursor: Option<Item<Cursor>> = app.store.get(&keys::cursor("portal_pull")).await?;
    let Some(cursor) = cursor else { return Ok(()) };
    let now = app.clock.now();
    // What was refused is asked again by the schedule.
    let is_overdue = cursor.body.failed_at.is_none() && cursor.body.finished_at.is_some_and(|it| it + OVERDUE < now);
    if cursor.body.current.is_none() && is_overdue {
        run::begin(app, "portal_pull", Class::LIVE).await?;
        app.queues
            .send(&run::queue("portal_pull"), &[Message::Activate])
            .await?;
    }
    Ok(())
}
