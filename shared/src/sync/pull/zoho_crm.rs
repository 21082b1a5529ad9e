//! Leads modified in Zoho since the cursor, past 2,000 rows by page token, converted ones too; then the deleted ones.

use super::{Page, Row, since};
use crate::app::App;
use crate::sync::run::Run;
use crate::sync::target::{ZohoLead, zoho_arrival};
use crate::systems::{BadRow, CallError, Gone, Seen};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

const OVERLAP: SignedDuration = SignedDuration::from_hours(1);
const MODULE: &str = "Leads";

/// Where the read stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Position {
    /// Reading the deleted ones.
    deleted: bool,
    /// Zoho's page token, bound to `since`.
    token: Option<String>,
    /// From when this chain of pages reads, if it is not the run's own beginning.
    since: Option<Timestamp>,
    /// The latest time read so far.
    last: Option<Timestamp>,
}

/// A lost chain of pages begins again from the latest time read.
pub(super) fn restart(position: &serde_json::Value) -> serde_json::Value {
    let mut position: Position = serde_json::from_value(position.clone()).unwrap_or_default();
    position.token = None;
    position.since = position.last.or(position.since);
    serde_json::to_value(position).unwrap_or_default()
}

pub(super) async fn page(app: &App, run: &Run) -> Result<Result<Page, CallError>> {
    let Some(zoho) = ZohoLead::new(app) else {
        return Ok(Err(CallError::Later("Zoho CRM is not configured".into())));
    };
    let position: Position = serde_json::from_value(run.position.clone()).unwrap_or_default();
    // Strictly newer is what `If-Modified-Since` means: a second earlier, so that equal times are read again.
    let from = position
        .since
        .or(since(run, OVERLAP))
        .map(|it| it - SignedDuration::from_secs(1));
    let token = position.token.as_deref();
    let columns = zoho.columns();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let (columns, asked) = (&columns, app.clock.now());
    let answer = if position.deleted {
        zoho.call(|client, access| async move { client.deleted(&access, MODULE, from, token).await })
            .await
    } else {
        zoho.call(|client, access| async move { client.list(&access, MODULE, columns, from, token).await })
            .await
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Ok(Err(error)),
    };
    let last = answer
        .rows
        .iter()
        .flatten()
        .filter_map(|it| it.modified)
        .max()
        .max(position.last);
    let next = match answer.next {
        Some(token) => Some(Position {
            token: Some(token),
            last,
            ..position
        }),
        None if !position.deleted => Some(Position {
            deleted: true,
            ..Position::default()
        }),
        None => None,
    };
    let next = next.map(serde_json::to_value).transpose()?;
    Ok(Ok(Page {
        rows: answer
            .rows
            .into_iter()
            .map(|it| row(app, it.map(|it| it.asked_at(asked))))
            .collect(),
        next,
    }))
}

fn row(app: &App, row: Result<Seen, BadRow>) -> Row {
    match row {
        Err(bad) => Row::Unreadable(bad.id.unwrap_or_default(), bad.why),
        Ok(Seen {
            id,
            gone: Some(Gone::Deleted),
            ..
        }) => Row::Gone(id, "deleted"),
        Ok(Seen {
            id,
            gone: Some(Gone::Converted),
            ..
        }) => Row::Gone(id, "converted"),
        Ok(seen) => match zoho_arrival(app, &seen) {
            Ok(arrival) => Row::Says(Box::new(arrival)),
            Err(why) => Row::Unreadable(seen.id, why),
        },
    }
}
