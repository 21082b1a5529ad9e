//! `concord status`: how everything stands.

use crate::report::{Report, lasted, table, time};
use anyhow::Result;
use jiff::tz::TimeZone;
use shared::app::App;
use shared::model::System;
use shared::sync::numbers::{self, Attends, Numbers, Standing};

/// None yet.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {}

/// Reads the numbers.
///
/// # Errors
/// When the table does not answer.
pub async fn run(app: &App) -> Result<Numbers> {
    numbers::read(app).await
}

impl Report for Numbers {
    fn text(&self, zone: TimeZone) -> String {
        let mut parts = vec![systems(self)];
        parts.extend(details(self, &zone));
        parts.push(jobs(self, &zone));
        parts.extend(door(self, &zone));
        parts.push(zoho(self, &zone));
        parts.join("\n\n")
    }
}

fn systems(numbers: &Numbers) -> String {
    let header = [
        "kind",
        "system",
        "mode",
        "#total",
        "#synced",
        "#open",
        "#attention",
        "#skipped",
        "oldest open",
    ];
    let row = |it: &Standing| {
        let writes = it.mode != "read only";
        let only = |text: String| if writes { text } else { "–".to_owned() };
        vec![
            it.kind.to_string(),
            it.system.to_string(),
            it.mode.to_owned(),
            it.total.to_string(),
            it.synced.map_or("–".to_owned(), |it| it.to_string()),
            only(it.open.to_string()),
            it.attention.to_string(),
            only(it.skipped.to_string()),
            it.oldest_open.map_or("–".to_owned(), |since| lasted(since, numbers.at)),
        ]
    };
    table(&header, numbers.systems.iter().map(row).collect())
}

/// A line for each thing that a person may have to do.
fn details(numbers: &Numbers, zone: &TimeZone) -> Option<String> {
    let mut lines = Vec::new();
    for it in &numbers.systems {
        let name = format!("{} in {}", it.kind, it.system);
        if !it.by_status.is_empty() {
            let counts: Vec<String> = it
                .by_status
                .iter()
                .map(|(status, count)| format!("{count} {status}"))
                .collect();
            lines.push(format!("{name}: {}", counts.join(", ")));
        }
        for (field, count) in &it.held_fields {
            lines.push(format!("{name}: held field {field} × {count}"));
        }
        if let Some(why) = &it.waits_why {
            lines.push(format!(
                "{name}: asked us to wait until {}: {why}",
                time(it.waits_until, zone)
            ));
        }
    }
    lines.extend(waits(numbers));
    lines.extend(attends(numbers));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The records that wait for a person, and how to try them again.
fn attends(numbers: &Numbers) -> Option<String> {
    let next = "once mended: concord retry RECORD, or all of a kind of trouble: \
        concord retry --all --system SYSTEM --status failed --yes; a choice: concord resolve RECORD";
    Some(format!("{}\n{next}", named(numbers, |it| &it.attends)?))
}

/// The records that wait for something else.
fn waits(numbers: &Numbers) -> Option<String> {
    let next = "these wait for no decision of their own: they go on when the parent is there, or at the next try";
    Some(format!("{}\n{next}", named(numbers, |it| &it.waits)?))
}

/// A line for each of the records, if there are any.
fn named(numbers: &Numbers, which: fn(&Standing) -> &Vec<Attends>) -> Option<String> {
    let row = |system: &System, it: &Attends| {
        let status = it.status.as_str().to_owned();
        vec![it.record.clone(), system.to_string(), status, it.why.clone()]
    };
    let of = |it: &Standing| which(it).iter().map(|at| row(&it.system, at)).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = numbers.systems.iter().flat_map(of).collect();
    (!rows.is_empty()).then(|| table(&["record", "system", "status", "why"], rows))
}

fn jobs(numbers: &Numbers, zone: &TimeZone) -> String {
    let rows = numbers.jobs.iter().map(|it| {
        vec![
            it.job.clone(),
            it.status.clone(),
            time(it.started_at, zone),
            time(it.finished_at, zone),
            it.counts.read.to_string(),
            it.error.clone().unwrap_or_default(),
        ]
    });
    table(
        &["job", "last run", "started", "finished", "#read", "error"],
        rows.collect(),
    )
}

fn door(numbers: &Numbers, zone: &TimeZone) -> Option<String> {
    let waiting = &numbers.waiting;
    let mut lines: Vec<String> = [
        (
            waiting.held_arrivals.to_string(),
            "arrivals wait for a person: concord resolve SOURCE/ROW with --as RECORD, --drop or, but for a gateway's, --new",
        ),
        (
            waiting.quarantined.to_string(),
            "rows could not be read and are set aside",
        ),
        (waiting.unreadable.to_string(), "webhooks could not be read"),
        (waiting.dead_letters.to_string(), "messages could not be read"),
    ]
    .into_iter()
    .filter(|it| it.0 != "0")
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    if !waiting.held.is_empty() {
        let rows = waiting.held.iter().map(|it| {
            vec![
                format!("{}/{}", it.source, it.row),
                it.why.clone(),
                it.candidates.join(", "),
                time(Some(it.since), zone),
            ]
        });
        lines.push(table(&["held arrival", "why", "could be", "since"], rows.collect()));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn zoho(numbers: &Numbers, zone: &TimeZone) -> String {
    let unique = match numbers.zoho_key_is_unique {
        None => "not checked yet",
        Some(true) => "unique",
        Some(false) => "NOT UNIQUE: writes are stopped",
    };
    format!(
        "Zoho CRM: token until {}, channel until {}, key field {unique}",
        time(numbers.zoho_token_until, zone),
        time(numbers.zoho_channel_until, zone),
    )
}
