//! Runs: one execution of a schedule or a backfill, page by page, under a lease, with its counts and its cursor.

mod item;
mod shown;

use item::FAILED;
pub use item::{Counts, Cursor, Run, source};
pub use shown::{find, list};

use crate::app::App;
use crate::model::Class;
use crate::store::{DueIndex, Item, Places, Put, keys};
use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// The jobs that pull.
pub const PULLS: [&str; 3] = ["billing_pull", "portal_pull", "zoho_crm_pull"];

/// A run's worker stops this long before its function's limit.
pub(crate) const STOP_BEFORE: Duration = Duration::from_secs(10);
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Runs are kept 90 days, in seconds.
const KEPT: i64 = 90 * 24 * 3600;

/// The name of a job's cursor: a backfill has its own.
#[must_use]
pub fn cursor_name(job: &str, class: Class) -> String {
    if class == Class::BACKFILL {
        format!("{job}.backfill")
    } else {
        job.to_owned()
    }
}

/// The queue on which a job is activated.
#[must_use]
pub fn queue(job: &str) -> String {
    format!("cron_{job}")
}

/// Answers an activation of `asked`: a run, unless the last one began its work after that and so did what was asked.
///
/// # Errors
/// When the table does not answer.
pub async fn activate(app: &App, job: &str, asked: Timestamp) -> Result<()> {
    let stored = app.store.get::<Cursor>(&keys::cursor(job)).await?;
    let cursor = stored.as_ref().map(|it| it.body.clone()).unwrap_or_default();
    // Leads go on as they came: their first run is not left to the backfill.
    let is_first = cursor.at.is_none() && job == "billing_pull";
    if is_first && is_under_way(app, job).await? {
        tracing::info!(
            job,
            "a backfill that is under way reads everything: the first run of the schedule waits"
        );
        return Ok(());
    }
    if cursor.current.is_some() {
        // It may have ended by now.
        return begin(app, job, Class::LIVE).await.map(|_| ());
    }
    if cursor.worked_from.is_some_and(|it| it >= asked) {
        tracing::info!(job, "already done by a run that began after this activation");
        return Ok(());
    }
    begin_from(app, stored, job, Class::LIVE, Value::Null).await.map(|_| ())
}

/// Whether a backfill of a job is under way.
async fn is_under_way(app: &App, job: &str) -> Result<bool> {
    let name = keys::cursor(&cursor_name(job, Class::BACKFILL));
    let cursor = app.store.get::<Cursor>(&name).await?;
    Ok(cursor.is_some_and(|it| it.body.current.is_some()))
}

/// The run under way, or a new one: two activations at once make one run.
///
/// # Errors
/// When the table does not answer.
pub async fn begin(app: &App, job: &str, class: Class) -> Result<String> {
    begin_at(app, job, class, Value::Null).await
}

/// The run under way, or a new one that begins at this position of its source.
///
/// # Errors
/// When the table does not answer.
pub async fn begin_at(app: &App, job: &str, class: Class, position: Value) -> Result<String> {
    let stored = app.store.get(&keys::cursor(&cursor_name(job, class))).await?;
    begin_from(app, stored, job, class, position).await
}

/// The same from the cursor as it was read; if somebody else was first, it is read again.
async fn begin_from(
    app: &App,
    mut stored: Option<Item<Cursor>>,
    job: &str,
    class: Class,
    position: Value,
) -> Result<String> {
    let name = keys::cursor(&cursor_name(job, class));
    loop {
        let mut cursor = stored.as_ref().map(|it| it.body.clone()).unwrap_or_default();
        if let Some(id) = cursor.current {
            if app.store.get::<Run>(&keys::run(job, &id)).await?.is_none() {
                make_run(app, job, class, &id, cursor.at, cursor.position).await?;
            }
            return Ok(id);
        }
        let id = format!("{job}.{}", app.random.ulid(&app.clock));
        cursor.current = Some(id.clone());
        cursor.position = position.clone();
        let rev = stored.as_ref().map(|it| it.rev.as_str());
        let put = app.store.put(&name, &cursor, rev, &Places::default()).await?;
        if matches!(put, Put::Done(_)) {
            make_run(app, job, class, &id, cursor.at, position).await?;
            return Ok(id);
        }
        stored = app.store.get(&name).await?;
    }
}

/// Writes the run that a cursor names, unless somebody else has.
async fn make_run(app: &App, job: &str, class: Class, id: &str, at: Option<Timestamp>, position: Value) -> Result<()> {
    let run = Run {
        id: id.to_owned(),
        job: job.to_owned(),
        class,
        status: "running".into(),
        started_at: app.clock.now(),
        finished_at: None,
        cursor_before: at.filter(|_| class != Class::BACKFILL),
        cursor_after: None,
        counts: Counts::default(),
        error: None,
        position,
        worked_from: None,
        lease_until: None,
    };
    let key = keys::run(job, id);
    app.store.put(&key, &run, None, &places(app, &run)).await.map(|_| ())
}

fn places(app: &App, run: &Run) -> Places {
    if let Some(finished) = run.finished_at {
        return Places {
            ttl: Some(finished.as_second() + KEPT),
            ..Places::default()
        };
    }
    let at = run.lease_until.unwrap_or(app.clock.now() + LEASE);
    let due = DueIndex {
        system: "run".into(),
        bucket: "open",
        class: run.class,
        at,
    };
    Places {
        due: Some(due),
        ..Places::default()
    }
}

/// The run under way of a job, taken under a lease; `None` if there is none or another worker has it.
///
/// # Errors
/// When the table does not answer.
pub async fn take(app: &App, job: &str, class: Class) -> Result<Option<Item<Run>>> {
    let cursor = app.store.get::<Cursor>(&keys::cursor(&cursor_name(job, class))).await?;
    let Some(Cursor {
        current: Some(id),
        at,
        position,
        ..
    }) = cursor.map(|it| it.body)
    else {
        return Ok(None);
    };
    let key = keys::run(job, &id);
    let mut stored = app.store.get::<Run>(&key).await?;
    if stored.is_none() {
        // Who began it died between the two writes.
        make_run(app, job, class, &id, at, position).await?;
        stored = app.store.get(&key).await?;
    }
    let mut stored = stored.context("the run is gone")?;
    let now = app.clock.now();
    if stored.body.finished_at.is_some() {
        // It ended, and the cursor was not told: a worker died between the two writes.
        close(app, &stored.body).await?;
        return Ok(None);
    }
    if stored.body.lease_until.is_some_and(|it| it > now) {
        return Ok(None);
    }
    stored.body.worked_from.get_or_insert(now);
    save(app, stored).await
}

/// Saves the run's progress and keeps the lease; `None`: another worker has it now.
///
/// # Errors
/// When the table does not answer.
pub async fn save(app: &App, mut run: Item<Run>) -> Result<Option<Item<Run>>> {
    run.body.lease_until = Some(app.clock.now() + LEASE);
    let key = keys::run(&run.body.job, &run.body.id);
    Ok(
        match app
            .store
            .put(&key, &run.body, Some(&run.rev), &places(app, &run.body))
            .await?
        {
            Put::Done(rev) => Some(Item { body: run.body, rev }),
            Put::Conflict => None,
        },
    )
}

/// Stops before the function's limit: the sweep goes on with the run.
///
/// # Errors
/// When the table does not answer.
pub async fn pause(app: &App, mut run: Item<Run>, error: Option<String>) -> Result<()> {
    let wait = if error.is_some() {
        SignedDuration::from_mins(5)
    } else {
        SignedDuration::ZERO
    };
    run.body.lease_until = Some(app.clock.now() + wait);
    run.body.error = error;
    let key = keys::run(&run.body.job, &run.body.id);
    app.store
        .put(&key, &run.body, Some(&run.rev), &places(app, &run.body))
        .await?;
    Ok(())
}

/// Ends the run: its row first, then the job's cursor. `None`: another worker has it now.
///
/// # Errors
/// When the table does not answer; the next activation closes it.
pub async fn finish(app: &App, mut run: Item<Run>, cursor_after: Option<Timestamp>) -> Result<Option<Run>> {
    run.body.status = "done".into();
    run.body.cursor_after = cursor_after.max(run.body.cursor_before);
    run.body.error = None;
    end(app, run).await
}

/// Ends the run of a source that refuses what is asked of it: asking again changes nothing before somebody has mended
/// it. The cursor stays, so that the next run reads what this one has not.
///
/// # Errors
/// As [`finish`].
pub async fn fail(app: &App, mut run: Item<Run>, why: String) -> Result<Option<Run>> {
    run.body.status = FAILED.into();
    run.body.cursor_after = None;
    run.body.error = Some(why);
    end(app, run).await
}

async fn end(app: &App, mut run: Item<Run>) -> Result<Option<Run>> {
    run.body.finished_at = Some(app.clock.now());
    run.body.lease_until = None;
    let key = keys::run(&run.body.job, &run.body.id);
    let put = app
        .store
        .put(&key, &run.body, Some(&run.rev), &places(app, &run.body))
        .await?;
    if put == Put::Conflict {
        return Ok(None);
    }
    close(app, &run.body).await?;
    Ok(Some(run.body))
}

async fn close(app: &App, run: &Run) -> Result<()> {
    let name = keys::cursor(&cursor_name(&run.job, run.class));
    loop {
        let Some(stored) = app.store.get::<Cursor>(&name).await? else {
            return Ok(());
        };
        if stored.body.current.as_deref() != Some(run.id.as_str()) {
            return Ok(());
        }
        let cursor = stored.body.after(run);
        if matches!(
            app.store
                .put(&name, &cursor, Some(&stored.rev), &Places::default())
                .await?,
            Put::Done(_)
        ) {
            return Ok(());
        }
    }
}
