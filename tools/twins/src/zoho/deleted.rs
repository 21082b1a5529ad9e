//! Deleting, and the list of what was deleted (docs/vendors.md §1.3).

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{Failure, body};
use super::lead::Lead;
use super::settings::User;
use super::state::Change;
use super::turn::Turn;
use super::watch::{self, Event, Operation};
use crate::answer;
use crate::times::with_offset;

/// What is left of a deleted lead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) id: u64,
    name: String,
    at: i64,
    by_person: bool,
    made_by_person: bool,
}

/// Takes a lead away and says so to the channels.
pub(crate) fn remove(turn: &mut Turn<'_>, lead: &Lead) -> Event {
    let name = lead
        .values
        .get("Last_Name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let (at, by_person) = (turn.now.as_second(), turn.person);
    let tombstone = Tombstone {
        id: lead.id,
        name,
        at,
        by_person,
        made_by_person: lead.made_by_person,
    };
    turn.state.change(Change::Deleted(tombstone));
    Event {
        operation: Operation::Delete,
        id: lead.id,
        affected: serde_json::Map::new(),
    }
}

/// `DELETE /Leads?ids=` and `DELETE /Leads/{id}`.
pub(crate) fn delete(turn: &mut Turn<'_>, id: Option<&str>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["ids", "wf_trigger"])?;
    let ids: Vec<String> = match id {
        Some(id) => vec![id.to_owned()],
        None => params.need("ids")?.split(',').map(|id| id.trim().to_owned()).collect(),
    };
    if ids.len() > 100 {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "param_name": "ids", "limit": 100 }),
        ));
    }
    let (mut items, mut events) = (Vec::new(), Vec::new());
    for id in &ids {
        let lead = id.parse().ok().and_then(|id| turn.state.leads.get(id)).cloned();
        match lead {
            Some(lead) => {
                events.push(remove(turn, &lead));
                let details = json!({ "id": id });
                items.push(json!({
                    "code": "SUCCESS", "status": "success", "message": "record deleted", "details": details,
                }));
            }
            None => items.push(Failure::new("INVALID_DATA", json!({ "id": id })).item()),
        }
    }
    watch::announce(turn, &events);
    let status = if events.len() == ids.len() {
        200
    } else if events.is_empty() {
        400
    } else {
        207
    };
    Ok(body(status, &json!({ "data": items })))
}

/// `GET /Leads/deleted`, the latest first.
pub(crate) fn list(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["type", "page", "per_page"])?;
    let kind = params.word("type", &["all", "recycle", "permanent"])?;
    let (page, per_page) = (params.number("page", 1, 100_000)?, params.number("per_page", 200, 200)?);
    let since = turn.since("if-modified-since")?;
    // Everything deleted lies in the recycle bin; nobody empties it here.
    let shown = turn
        .state
        .deleted
        .iter()
        .rev()
        .filter(|t| kind != "permanent" && since.is_none_or(|s| t.at > s));
    let mut rows = shown.skip((page - 1) * per_page).peekable();
    let data: Vec<Value> = rows.by_ref().take(per_page).map(|t| show(turn, t)).collect();
    if data.is_empty() {
        return Ok(answer::bare(204));
    }
    let more = rows.peek().is_some();
    let info = json!({ "page": page, "per_page": per_page, "count": data.len(), "more_records": more });
    Ok(body(200, &json!({ "data": data, "info": info })))
}

fn show(turn: &Turn<'_>, tombstone: &Tombstone) -> Value {
    let user = |person: bool| -> Value {
        let user: &User = if person {
            &turn.settings.person
        } else {
            &turn.settings.user
        };
        json!({ "id": user.id, "name": user.name })
    };
    json!({
        "id": tombstone.id.to_string(),
        "display_name": tombstone.name,
        "type": "recycle",
        "deleted_by": user(tombstone.by_person),
        "deleted_time": with_offset(tombstone.at, turn.settings.offset_seconds),
        "created_by": user(tombstone.made_by_person),
    })
}
