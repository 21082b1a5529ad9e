//! The nightly recount: the one scan of the table, page by page, as a run that saves its position.
//!
//! Records made after it began are not its business: whoever made them has counted them. So what is wrong with a total
//! is what was counted, less what the total said at the beginning, and is added in one step beside all others.

use crate::app::App;
use crate::model::{Class, Kind, RecordKey, System};
use crate::planted::{Bug, planted};
use crate::store::{Item, Key, keys};
use crate::sync::run::{self, Cursor, Run, STOP_BEFORE};
use anyhow::Result;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The job whose function recounts.
pub const JOB: &str = "renew";
/// Once a night, however often its function is woken.
const EVERY: SignedDuration = SignedDuration::from_hours(20);
/// Items looked at for a page: DynamoDB reads at most 1 MB at once.
const PAGE: i32 = 1_000;

/// The totals of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Records.
    #[serde(default)]
    pub total: i64,
}

/// Where the count stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Position {
    after: Option<(String, String)>,
    /// Records counted so far, by kind.
    counted: BTreeMap<String, i64>,
    /// What the totals said at the beginning.
    before: BTreeMap<String, i64>,
}

/// The key of a kind's totals.
#[must_use]
pub fn totals_key(kind: &Kind) -> Key {
    keys::counts(kind, &System::of("all"))
}

/// How many records of a kind there are.
///
/// # Errors
/// When the table does not answer.
pub async fn total(app: &App, kind: &Kind) -> Result<i64> {
    let stored = app.store.get::<Totals>(&totals_key(kind)).await?;
    Ok(stored.map_or(0, |it| it.body.total))
}

/// Whether a count has begun and not ended.
///
/// # Errors
/// When the table does not answer.
pub async fn is_under_way(app: &App) -> Result<bool> {
    Ok(cursor(app).await?.current.is_some())
}

async fn cursor(app: &App) -> Result<Cursor> {
    let stored: Option<Item<Cursor>> = app.store.get(&keys::cursor(JOB)).await?;
    Ok(stored.map(|it| it.body).unwrap_or_default())
}

/// Counts on, or begins if the last count is a night ago; stops before the time is up, and the sweep goes on with it.
///
/// # Errors
/// When the table does not answer: what was counted stays counted.
pub async fn recount(app: &App) -> Result<()> {
    let known = cursor(app).await?;
    let recent = known.finished_at.is_some_and(|it| it + EVERY > app.clock.now());
    if known.current.is_none() && recent {
        return Ok(());
    }
    run::begin(app, JOB, Class::LIVE).await?;
    match run::take(app, JOB, Class::LIVE).await? {
        Some(taken) => count(app, taken).await,
        None => Ok(()),
    }
}

async fn count(app: &App, mut run: Item<Run>) -> Result<()> {
    loop {
        let mut position = position(app, &run.body).await?;
        let after = position.after.take().map(|(pk, sk)| Key::from_parts(&pk, &sk));
        let (records, next) = app.store.scan_records(after.as_ref(), PAGE).await?;
        for record in records.iter().filter(|it| it.made_at <= run.body.started_at) {
            if let Some(key) = RecordKey::parse(&record.pk) {
                *position.counted.entry(key.kind.to_string()).or_default() += 1;
            }
        }
        run.body.counts.read = position.counted.values().sum::<i64>().unsigned_abs();
        position.after = next.map(|it| (it.pk, it.sk));
        // As text: numbers inside a JSON value are no numbers to the table's own format.
        run.body.position = serde_json::to_string(&position)?.into();
        if position.after.is_none() {
            return heal(app, run, &position).await;
        }
        if app.time_left() < STOP_BEFORE {
            return run::pause(app, run, None).await;
        }
        match run::save(app, run).await? {
            Some(saved) => run = saved,
            None => return Ok(()),
        }
    }
}

async fn position(app: &App, run: &Run) -> Result<Position> {
    if let Some(text) = run.position.as_str() {
        return Ok(serde_json::from_str(text)?);
    }
    let mut position = Position::default();
    for spec in &app.kinds {
        position
            .before
            .insert(spec.kind.to_string(), total(app, &spec.kind).await?);
    }
    Ok(position)
}

async fn heal(app: &App, mut run: Item<Run>, position: &Position) -> Result<()> {
    for spec in &app.kinds {
        let of = |them: &BTreeMap<String, i64>| them.get(spec.kind.as_str()).copied().unwrap_or(0);
        let wrong = of(&position.counted) - of(&position.before);
        if wrong != 0 && !planted(Bug::RecountOnlyReports) {
            run.body.counts.updated += 1;
            tracing::warn!(kind = %spec.kind, wrong, "a total is healed");
            app.store
                .add_once(&totals_key(&spec.kind), "total", wrong, &run.body.id)
                .await?;
        }
    }
    run::finish(app, run, None).await?;
    Ok(())
}
