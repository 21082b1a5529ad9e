//! The one read path: cursor on (time, id) with an overlap, saved after each page, de-duplicated by `accept`.

mod aside;
mod billing;
mod portal;
mod zoho_crm;

pub use billing::Position as BillingPosition;
pub(crate) use billing::table as app_table;
pub(crate) use portal::table as portal_table;

use crate::app::App;
use crate::intake;
use crate::job::Incoming;
use crate::model::{Arrival, Class, Kind, MOST_SKEW, System};
use crate::planted::{Bug, planted};
use crate::store::Item;
use crate::sync::accept::{Accepted, accept};
use crate::sync::billing::take_in;
use crate::sync::run::{self, Counts, Run, STOP_BEFORE};
use crate::sync::sweep::feed_paced;
use crate::systems::CallError;
use anyhow::Result;
use aside::Aside;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::panic::AssertUnwindSafe;

/// A row of a page.
#[derive(Debug)]
pub(super) enum Row {
    /// It says this.
    Says(Box<Arrival>),
    /// The remote object is gone: marked, never propagated.
    Gone(String, &'static str),
    /// It can't be read.
    Unreadable(String, String),
}

/// A page, and where to go on; `None`: that was all.
#[derive(Debug)]
pub(super) struct Page {
    rows: Vec<Row>,
    next: Option<serde_json::Value>,
}

/// A row younger than this may still be changing: its time has whole seconds.
const YOUNG: SignedDuration = SignedDuration::from_secs(2);

/// Answers the activations of a job: begins a run if they ask for one, and works on what is under way until it ends or
/// the time is up.
///
/// # Errors
/// When the table does not answer.
pub async fn pull(app: &App, job: &str, activations: &[Incoming]) -> Result<()> {
    let asked = activations.iter().map(|it| it.sent_ms).max();
    let asked = asked.and_then(|it| Timestamp::from_millisecond(it).ok());
    run::activate(app, job, asked.unwrap_or(app.clock.now())).await?;
    for class in [Class::LIVE, Class::BACKFILL] {
        if let Some(taken) = run::take(app, job, class).await? {
            work(app, taken).await?;
        }
    }
    Ok(())
}

async fn work(app: &App, mut run: Item<Run>) -> Result<()> {
    let aside = Aside::of(app, run::source(&run.body.job).as_str()).await?;
    loop {
        if app.time_left() < STOP_BEFORE {
            return run::pause(app, run, None).await;
        }
        let page = match page(app, &run.body).await? {
            Ok(page) => page,
            Err(CallError::Restart(why)) => {
                tracing::info!(job = run.body.job, why, "paging begins again from the last time read");
                run.body.position = restart(&run.body);
                continue;
            }
            Err(error) => return stop(app, run, &error).await,
        };
        run.body.error = None;
        if planted(Bug::CursorBeforePage)
            && let Some(next) = page.next.clone()
        {
            run.body.position = next;
            let Some(saved) = run::save(app, run).await? else {
                return Ok(());
            };
            run = saved;
        }
        for row in page.rows {
            if run.body.is_dry() {
                billing::count(app, &mut run.body.counts, row).await?;
                continue;
            }
            apply(app, &mut run.body, &aside, row).await?;
        }
        if run.body.class == Class::BACKFILL && run.body.job == "billing_pull" && !run.body.is_dry() {
            feed_paced(app).await?;
        }
        let Some(next) = page.next else {
            return end(app, run).await;
        };
        run.body.position = next;
        match run::save(app, run).await? {
            Some(saved) => run = saved,
            None => return Ok(()),
        }
    }
}

async fn page(app: &App, run: &Run) -> Result<Result<Page, CallError>> {
    match run.job.as_str() {
        "billing_pull" => billing::page(app, run).await,
        "portal_pull" => portal::page(app, run).await,
        _ => zoho_crm::page(app, run).await,
    }
}

fn restart(run: &Run) -> serde_json::Value {
    if run.job == "zoho_crm_pull" {
        zoho_crm::restart(&run.position)
    } else {
        run.position.clone()
    }
}

async fn end(app: &App, mut run: Item<Run>) -> Result<()> {
    // The latest time that a row showed; a run that read nothing leaves the cursor where it was.
    // A row may show a time that has not come: the rows until then are still to be read.
    let latest = run.body.worked_from.unwrap_or(run.body.started_at);
    let seen = run.body.cursor_after.map(|it| it.min(latest));
    run.body.cursor_after = None;
    let Some(run) = run::finish(app, run, seen).await? else {
        return Ok(());
    };
    tracing::info!(job = run.job, run = run.id, counts = ?run.counts, "run ended");
    crate::sync::metadata::write(app, &run).await;
    Ok(())
}

async fn stop(app: &App, run: Item<Run>, error: &CallError) -> Result<()> {
    let why = error.to_string();
    // Said twice of the same page, a refusal is no mishap.
    let is_refused = matches!(error, CallError::Rejected(_)) && run.body.error.as_ref() == Some(&why);
    match is_refused {
        true => fail(app, run, why).await,
        false => run::pause(app, run, Some(why)).await,
    }
}

/// A table that is not there, a column that is none: somebody must mend it. Health shows it, and the alarm on the log's
/// "run ended" misses it.
async fn fail(app: &App, run: Item<Run>, why: String) -> Result<()> {
    let Some(run) = run::fail(app, run, why).await? else {
        return Ok(());
    };
    tracing::warn!(job = run.job, run = run.id, why = run.error, "run failed");
    crate::sync::metadata::write(app, &run).await;
    Ok(())
}

async fn apply(app: &App, run: &mut Run, aside: &Aside, row: Row) -> Result<()> {
    run.counts.read += 1;
    match row {
        Row::Unreadable(id, why) => {
            run.counts.failed += 1;
            aside::set_aside(app, run::source(&run.job).as_str(), &id, &why).await
        }
        Row::Gone(id, how) => {
            run.counts.unchanged += 1;
            crate::sync::gone::mark(app, &Kind::LEAD, run::source(&run.job).as_str(), &id, how).await
        }
        Row::Says(arrival) => {
            run.cursor_after = run.cursor_after.max(arrival.modified);
            let accepted = if is_young(&arrival, app.clock.now()) {
                None
            } else {
                match accepted(app, &arrival, run.class).await {
                    Ok(accepted) => Some(accepted),
                    Err(why) => {
                        run.counts.failed += 1;
                        let row = arrival.row().unwrap_or_default();
                        return aside::set_aside(app, run::source(&run.job).as_str(), &row, &why).await;
                    }
                }
            };
            if matches!(accepted, Some(Accepted::Changed { .. } | Accepted::Same { .. })) {
                aside.take_back(app, &arrival).await?;
            }
            count(app, &mut run.counts, &arrival, accepted).await
        }
    }
}

fn is_young(arrival: &Arrival, now: Timestamp) -> bool {
    arrival
        .modified
        .is_some_and(|it| it + YOUNG > now && it <= now + MOST_SKEW)
}

/// One row that can't be accepted (an item that can't be read, a panic) stops no pull; when the table itself does not
/// answer, setting it aside fails, too, and the page is read again.
async fn accepted(app: &App, arrival: &Arrival, class: Class) -> Result<Accepted, String> {
    let accepted: BoxFuture<'_, Result<Accepted>> = match arrival.source == System::APP {
        true => Box::pin(take_in(app, arrival.clone(), class)),
        false => accept(app, arrival, class),
    };
    match AssertUnwindSafe(accepted).catch_unwind().await {
        Ok(Ok(accepted)) => Ok(accepted),
        Ok(Err(error)) => Err(format!("not accepted: {error}")),
        Err(_) => Err("not accepted: it makes us panic".to_owned()),
    }
}

async fn count(app: &App, counts: &mut Counts, arrival: &Arrival, accepted: Option<Accepted>) -> Result<()> {
    match accepted {
        Some(Accepted::Changed { new: true, .. }) => counts.created += 1,
        Some(Accepted::Changed { .. }) => counts.updated += 1,
        Some(Accepted::Same { .. }) => counts.unchanged += 1,
        Some(Accepted::Held { .. }) => counts.held += 1,
        Some(Accepted::Later { .. }) | None => {
            counts.later += 1;
            let id = arrival.source_id.as_deref().unwrap_or_default();
            let table = app.config.billing.table(&arrival.kind);
            intake::read_again(app, arrival.source.as_str(), table, id).await?;
        }
    }
    Ok(())
}

/// The time from which a run reads: its job's cursor less the overlap.
fn since(run: &Run, overlap: SignedDuration) -> Option<Timestamp> {
    let known = run.cursor_before.map(|it| it.min(run.started_at));
    known.and_then(|it| it.checked_sub(overlap).ok())
}
