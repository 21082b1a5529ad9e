//! `actions/watch`: subscribe, replace, change, list and stop channels (docs/vendors.md §1.8).

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use super::error::{Failure, body};
use super::state::Change;
use super::subscription::{Wrong, change, channel_id, events};
use super::turn::Turn;
use super::watch::{Channel, resource_uri};
use crate::answer;
use crate::times::with_offset;

const CHANNELS: usize = 50;
const KEYS: [&str; 10] = [
    "channel_id",
    "events",
    "notify_url",
    "token",
    "channel_expiry",
    "return_affected_field_values",
    "notify_on_related_action",
    "notification_condition",
    "_delete_events",
    "fields",
];

/// Any method of `actions/watch`.
pub(crate) fn watch(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    match turn.method.as_str() {
        "GET" => list(turn),
        "DELETE" => stop(turn),
        _ => subscribe(turn),
    }
}

fn subscribe(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let body: &Value = turn.body;
    let missing = || {
        Failure::new(
            "MANDATORY_NOT_FOUND",
            json!({ "api_name": "watch", "json_path": "$.watch" }),
        )
    };
    let list = body.get("watch").ok_or_else(missing)?;
    let list = list
        .as_array()
        .ok_or_else(|| Failure::typed("watch", "$.watch", "jsonarray"))?;
    if list.len() > CHANNELS {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "api_name": "watch", "limit": CHANNELS }),
        ));
    }
    let results: Vec<_> = list
        .iter()
        .enumerate()
        .map(|(place, given)| one(turn, given, place))
        .collect();
    Ok(answer(turn, results))
}

/// All well: 201 or 200; some: 207; none: 202 (the older specification's word for failures).
fn answer(turn: &Turn<'_>, results: Vec<Result<Value, Failure>>) -> Response<Bytes> {
    let good = results.iter().filter(|r| r.is_ok()).count();
    let status = match good {
        all if all == results.len() => {
            if turn.method.as_str() == "POST" {
                201
            } else {
                200
            }
        }
        0 => 202,
        _ => 207,
    };
    let items: Vec<Value> = results.into_iter().map(|r| r.unwrap_or_else(|f| f.item())).collect();
    body(status, &json!({ "watch": items }))
}

fn one(turn: &mut Turn<'_>, given: &Value, place: usize) -> Result<Value, Failure> {
    let path = format!("$.watch[{place}]");
    let given = given
        .as_object()
        .ok_or_else(|| Failure::typed("watch", &path, "jsonobject"))?;
    let wrong = Wrong(path);
    if let Some(key) = given.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(wrong.data(key));
    }
    let id = channel_id(given, &wrong)?;
    let now = turn.now.as_second();
    let current = turn.state.channels.get(&id).filter(|c| c.is_live(now)).cloned();
    let channel = match (turn.method.as_str(), current) {
        // A channel id is unique for its user; how Zoho answers to a second one is not documented.
        ("POST", Some(_)) => {
            return Err(Failure::new("DUPLICATE_DATA", json!({ "channel_id": id })));
        }
        ("POST", None) | ("PUT", Some(_)) => whole(turn, id, given, &wrong)?,
        ("PATCH", Some(channel)) => return patch(turn, channel, given, &wrong),
        (_, _) => return Err(Failure::new("NOT_SUBSCRIBED", json!({ "channel_id": id }))),
    };
    let message = match turn.method.as_str() {
        "POST" => "Successfully subscribed for actions-watch of the given module",
        _ => "Successfully updated the subscribe details",
    };
    Ok(keep(turn, channel, message))
}

fn keep(turn: &mut Turn<'_>, channel: Channel, message: &str) -> Value {
    let events = json!([{
        "channel_expiry": with_offset(channel.expiry, turn.settings.offset_seconds),
        "resource_uri": resource_uri(turn),
        "resource_id": "5725767000000002175",
        "resource_name": "Leads",
        "channel_id": channel.channel_id,
    }]);
    turn.state.change(Change::Channel(channel));
    json!({ "code": "SUCCESS", "status": "success", "message": message, "details": { "events": events } })
}

fn whole(turn: &Turn<'_>, id: String, given: &Map<String, Value>, wrong: &Wrong) -> Result<Channel, Failure> {
    let mut channel = Channel {
        channel_id: id,
        events: Vec::new(),
        notify_url: String::new(),
        token: None,
        expiry: 0,
        values: false,
        related: true,
        condition: None,
    };
    for name in ["events", "notify_url"] {
        given.get(name).ok_or_else(|| wrong.missing(name))?;
    }
    change(turn, &mut channel, given, wrong)?;
    Ok(channel)
}

fn patch(
    turn: &mut Turn<'_>,
    mut channel: Channel,
    given: &Map<String, Value>,
    wrong: &Wrong,
) -> Result<Value, Failure> {
    if given.get("_delete_events") != Some(&Value::Bool(true)) {
        change(turn, &mut channel, given, wrong)?;
        return Ok(keep(turn, channel, "Successfully updated the subscribe details"));
    }
    let dropped = events(given.get("events").unwrap_or(&Value::Null), wrong)?;
    channel.events.retain(|event| !dropped.contains(event));
    if channel.events.is_empty() {
        turn.state.change(Change::Unwatched(channel.channel_id.clone()));
        return Ok(stopped(
            turn,
            &channel.channel_id,
            "Successfully un-subscribed from actions-watch",
        ));
    }
    Ok(keep(turn, channel, "Successfully removed the subscribe details"))
}

fn list(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["page", "per_page", "channel_id", "module"])?;
    let (page, per_page) = (params.number("page", 1, 100_000)?, params.number("per_page", 200, 200)?);
    let wanted = |channel: &&Channel| {
        channel.is_live(turn.now.as_second())
            && params.get("channel_id").is_none_or(|id| id == channel.channel_id)
            && params.get("module").is_none_or(|module| module == "Leads")
    };
    let mut rows = turn
        .state
        .channels
        .values()
        .filter(wanted)
        .skip((page - 1) * per_page)
        .peekable();
    let shown: Vec<Value> = rows
        .by_ref()
        .take(per_page)
        .map(|channel| show(turn, channel))
        .collect();
    if shown.is_empty() {
        return Ok(answer::bare(204));
    }
    let more = rows.peek().is_some();
    let info = json!({ "page": page, "per_page": per_page, "count": shown.len(), "more_records": more });
    Ok(body(200, &json!({ "watch": shown, "info": info })))
}

fn show(turn: &Turn<'_>, channel: &Channel) -> Value {
    json!({
        "channel_id": channel.channel_id,
        "events": channel.events,
        "notify_url": channel.notify_url,
        "token": channel.token,
        "channel_expiry": with_offset(channel.expiry, turn.settings.offset_seconds),
        "return_affected_field_values": channel.values,
        "notify_on_related_action": channel.related,
        "notification_condition": channel.condition,
        "resource_uri": resource_uri(turn),
        "resource_id": "5725767000000002175",
        "resource_name": "Leads",
        "fields": null,
    })
}

fn stop(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["channel_ids"])?;
    let ids: Vec<String> = params
        .need("channel_ids")?
        .split(',')
        .map(|id| id.trim().to_owned())
        .collect();
    let now = turn.now.as_second();
    let results = ids.iter().map(|id| {
        if turn.state.channels.get(id).is_none_or(|channel| !channel.is_live(now)) {
            return Err(Failure::new("NOT_SUBSCRIBED", json!({ "channel_id": id })));
        }
        turn.state.change(Change::Unwatched(id.clone()));
        Ok(stopped(turn, id, "Successfully un-subscribed from actions-watch"))
    });
    let results = results.collect();
    Ok(answer(turn, results))
}

fn stopped(turn: &Turn<'_>, id: &str, message: &str) -> Value {
    let details = json!({
        "resource_uri": resource_uri(turn), "resource_id": "5725767000000002175", "channel_id": id,
    });
    json!({ "code": "SUCCESS", "status": "success", "message": message, "details": details })
}
