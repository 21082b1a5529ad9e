//! Applying what a webhook announced: read the source again, accept.

mod app;
mod gateways;
mod zoho_billing;

use crate::app::App;
use crate::intake::{Ended, Intake};
use crate::model::{Arrival, Class, Kind, System};
use crate::planted::{Bug, planted};
use crate::sync::accept::{Accepted, accept};
use crate::sync::gone;
use crate::sync::portal::row_arrival;
use crate::sync::pull::portal_table;
use crate::sync::target::{ZohoLead, zoho_arrival};
use crate::systems::http::READ_TIMEOUT;
use crate::systems::supabase::Supabase;
use crate::systems::zoho_crm::limits::IDS_PER_CALL;
use crate::systems::{CallError, Gone};
use anyhow::Result;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value as Json;
use std::time::Duration;

/// What taking a row in, and writing down how it went, may take.
const SETTLED: Duration = Duration::from_secs(5);

/// Applies one stored webhook.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn process(app: &App, intake: &Intake) -> Result<Ended> {
    let Ok(body) = serde_json::from_str::<Json>(&intake.body) else {
        return Ok(Ended::Unreadable("the body is not JSON".into()));
    };
    match intake.source.as_str() {
        "app" => app::app(app, &body).await,
        "netcash" => gateways::netcash(app, &body, intake.attempts).await,
        "portal" => portal(app, &body).await,
        "stripe" => gateways::stripe(app, &body).await,
        "zoho_billing" => zoho_billing::zoho_billing(app, &body).await,
        "zoho_crm" => zoho_crm(app, &body).await,
        other => Ok(Ended::Unreadable(format!("nobody knows what to do with {other}"))),
    }
}

fn texts(list: Option<&Json>) -> Vec<String> {
    let text = |it: &Json| {
        it.as_str()
            .map(str::to_owned)
            .or_else(|| it.as_number().map(ToString::to_string))
    };
    list.and_then(Json::as_array)
        .map(|it| it.iter().filter_map(text).collect())
        .unwrap_or_default()
}

/// Whether a notice is of something else than what we asked to be told of; our own notes don't say.
fn is_of_another(body: &Json, part: &str, ours: &str) -> Option<Ended> {
    body.get(part).filter(|it| it.as_str() != Some(ours))?;
    Some(Ended::Unreadable(format!("{part}: is not {ours}")))
}

async fn portal(app: &App, body: &Json) -> Result<Ended> {
    if let Some(ended) = is_of_another(body, "table", &app.config.leads_tables.0) {
        return Ok(ended);
    }
    let mut ids = texts(body.get("read_again"));
    let row_id = |part: &str| {
        body.get(part)
            .and_then(|it| it.get("id"))
            .and_then(Json::as_str)
            .map(str::to_owned)
    };
    let part = if is_deletion(body) { "old_record" } else { "record" };
    ids.extend(row_id(part).map(|it| it.to_lowercase()));
    if ids.is_empty() {
        return Ok(Ended::Unreadable(format!("{part}.id: is missing")));
    }
    let Some(client) = &app.portal else {
        return unconfirmed(app, body, &ids).await;
    };
    let deletion = is_deletion(body);
    let read = |ids: Vec<String>| async move { portal_rows(app, client, &ids, deletion).await }.boxed();
    until_certain(app, &ids, read).await
}

async fn portal_rows(app: &App, client: &Supabase, ids: &[String], deletion: bool) -> Result<(Ended, Again)> {
    let asked = app.clock.now();
    let rows = match client.by_id(&portal_table(app), &[], ids).await {
        Ok(rows) => rows,
        Err(error) => return Ok((not_read(&error), Again::new())),
    };
    let (mut ended, mut again) = (Ended::Applied, Again::new());
    let mut there = Vec::new();
    for row in &rows {
        let id = row.get("id").and_then(Json::as_str).unwrap_or_default();
        let arrival = row_arrival(app, row, true).map(|it| it.asked_at(asked));
        match apply(app, arrival).await? {
            Applied::From(at) => again.push((id.to_owned(), at)),
            Applied::Ended(it) => ended = worse(ended, it),
        }
        there.push(id);
    }
    if deletion {
        let gone = ids.iter().filter(|it| !there.contains(&it.as_str()));
        deleted(app, &Kind::LEAD, "portal", gone).await?;
    }
    Ok((ended, again))
}

/// Zoho says it as an operation, a database webhook as a type.
fn is_deletion(body: &Json) -> bool {
    let says = |part: &str, word: &str| body.get(part).and_then(Json::as_str) == Some(word);
    says("type", "DELETE") || says("operation", "delete")
}

/// Marks what was announced as deleted and, asked again, is not there.
async fn deleted(app: &App, kind: &Kind, source: &str, ids: impl Iterator<Item = &String>) -> Result<()> {
    for id in ids {
        gone::mark(app, kind, source, id, "deleted").await?;
    }
    Ok(())
}

/// How it went with one row.
enum Applied {
    Ended(Ended),
    /// It may be older than what is known; one that is asked for from then on is not.
    From(Timestamp),
}

impl Applied {
    fn of(accepted: Accepted) -> Self {
        match accepted {
            Accepted::Later { from: Some(at), .. } => Self::From(at),
            Accepted::Later { key, .. } => Self::Ended(Ended::Later(format!("{key} is being written"))),
            _ => Self::Ended(Ended::Applied),
        }
    }

    fn ended(self) -> Ended {
        match self {
            Self::Ended(ended) => ended,
            Self::From(_) => may_be_older(),
        }
    }
}

fn may_be_older() -> Ended {
    Ended::Later("a row may be older than what is known".into())
}

/// Accepts one row; one that can't be read leaves the others alone.
async fn apply(app: &App, row: Result<Arrival, String>) -> Result<Applied> {
    Ok(match row {
        Ok(arrival) => Applied::of(accept(app, &arrival, Class::LIVE).await?),
        Err(why) => Applied::Ended(Ended::Unreadable(why)),
    })
}

/// What a notice of several rows comes to: what is still to be read again comes before what a person must see.
fn worse(one: Ended, other: Ended) -> Ended {
    match (one, other) {
        (Ended::Later(why), _) | (_, Ended::Later(why)) => Ended::Later(why),
        (Ended::Unreadable(why), _) | (_, Ended::Unreadable(why)) => Ended::Unreadable(why),
        (Ended::Applied, Ended::Applied) => Ended::Applied,
    }
}

/// Without a portal key the body is used, and the record marked until a pull confirms it.
async fn unconfirmed(app: &App, body: &Json, ids: &[String]) -> Result<Ended> {
    if is_deletion(body) {
        deleted(app, &Kind::LEAD, "portal", ids.iter()).await?;
        return Ok(Ended::Applied);
    }
    let Some(row) = body.get("record").and_then(Json::as_object) else {
        return Ok(Ended::Unreadable("record: is missing".into()));
    };
    Ok(apply(app, row_arrival(app, row, false)).await?.ended())
}

fn not_read(error: &CallError) -> Ended {
    match error {
        CallError::Rejected(why) => Ended::Unreadable(why.clone()),
        other => Ended::Later(other.to_string()),
    }
}

async fn zoho_crm(app: &App, body: &Json) -> Result<Ended> {
    if let Some(ended) = is_of_another(body, "module", "Leads") {
        return Ok(ended);
    }
    let mut ids = texts(body.get("ids"));
    ids.extend(texts(body.get("read_again")));
    if ids.is_empty() {
        return Ok(Ended::Unreadable("ids: is missing or empty".into()));
    }
    let Some(zoho) = ZohoLead::new(app) else {
        return Ok(Ended::Later("Zoho CRM is not configured".into()));
    };
    let mut ended = Ended::Applied;
    for chunk in ids.chunks(IDS_PER_CALL) {
        let (zoho, deletion) = (&zoho, is_deletion(body));
        let read = |ids: Vec<String>| async move { zoho_rows(app, zoho, &ids, deletion).await }.boxed();
        ended = worse(ended, until_certain(app, chunk, read).await?);
    }
    Ok(ended)
}

/// Rows to be asked for again, and from when on.
type Again = Vec<(String, Timestamp)>;

/// Reads rows, and once more those that can't be trusted yet: that is a matter of seconds.
async fn until_certain<'a>(
    app: &App,
    ids: &[String],
    read: impl Fn(Vec<String>) -> BoxFuture<'a, Result<(Ended, Again)>>,
) -> Result<Ended> {
    let (ended, again) = read(ids.to_vec()).await?;
    let Some(from) = again.iter().map(|it| it.1).max() else {
        return Ok(ended);
    };
    let wait = app.clock.until(from);
    if app.time_left() < wait + READ_TIMEOUT + SETTLED {
        return Ok(worse(ended, may_be_older()));
    }
    app.clock.sleep(wait).await;
    let (second, still) = read(again.into_iter().map(|it| it.0).collect()).await?;
    let ended = worse(ended, second);
    Ok(if still.is_empty() {
        ended
    } else {
        worse(ended, may_be_older())
    })
}

async fn zoho_rows(app: &App, zoho: &ZohoLead, ids: &[String], deletion: bool) -> Result<(Ended, Again)> {
    let columns = zoho.columns();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let (columns, asked) = (&columns, app.clock.now());
    let rows = zoho
        .call(|client, access| async move { client.read(&access, "Leads", columns, ids).await })
        .await;
    let rows = match rows {
        Ok(rows) => rows,
        Err(_) if planted(Bug::DeleteAfterIncompleteListing) => {
            deleted(app, &Kind::LEAD, "zoho_crm", ids.iter()).await?;
            return Ok((Ended::Applied, Again::new()));
        }
        Err(error) => return Ok((not_read(&error), Again::new())),
    };
    let there: Vec<String> = rows.iter().map(|it| it.id.clone()).collect();
    let (mut ended, mut again) = (Ended::Applied, Again::new());
    for seen in rows.into_iter().map(|it| it.asked_at(asked)) {
        if seen.gone == Some(Gone::Converted) {
            gone::mark(app, &Kind::LEAD, System::ZOHO_CRM.as_str(), &seen.id, "converted").await?;
            continue;
        }
        let row = zoho_arrival(app, &seen).map_err(|why| format!("lead {}: {why}", seen.id));
        match apply(app, row).await? {
            Applied::From(at) => again.push((seen.id, at)),
            Applied::Ended(it) => ended = worse(ended, it),
        }
    }
    if deletion {
        deleted(
            app,
            &Kind::LEAD,
            "zoho_crm",
            ids.iter().filter(|it| !there.contains(*it)),
        )
        .await?;
    }
    Ok((ended, again))
}
