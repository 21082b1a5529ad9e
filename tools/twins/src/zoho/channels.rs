//! `actions/watch`: subscribe, replace, change, list and stop channels (reference §1.8).

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use super::error::{Failure, body};
use super::state::Change;
use super::turn::Turn;
use super::watch::{Channel, resource_uri};
use crate::answer;
use crate::times::{self, with_offset};

const CHANNELS: usize = 50;
const EVENTS: usize = 50;
const URL_LENGTH: usize = 255;
/// 50 by the asyncapi text, 256 by the newer specification: the smaller one is kept to.
const TOKEN_LENGTH: usize = 50;
const CONDITION_FIELDS: usize = 10;
const WEEK_SECONDS: i64 = 7 * 24 * 3600;
const HOUR_SECONDS: i64 = 3600;
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
    let items: Vec<Value> = results
        .into_iter()
        .map(|r| r.unwrap_or_else(|f| f.item()))
        .collect();
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
    let current = turn
        .state
        .channels
        .get(&id)
        .filter(|c| c.is_live(now))
        .cloned();
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

fn whole(
    turn: &Turn<'_>,
    id: String,
    given: &Map<String, Value>,
    wrong: &Wrong,
) -> Result<Channel, Failure> {
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
        return Ok(keep(
            turn,
            channel,
            "Successfully updated the subscribe details",
        ));
    }
    let dropped = events(given.get("events").unwrap_or(&Value::Null), wrong)?;
    channel.events.retain(|event| !dropped.contains(event));
    if channel.events.is_empty() {
        turn.state
            .change(Change::Unwatched(channel.channel_id.clone()));
        return Ok(stopped(
            turn,
            &channel.channel_id,
            "Successfully un-subscribed from actions-watch",
        ));
    }
    Ok(keep(
        turn,
        channel,
        "Successfully removed the subscribe details",
    ))
}

/// Puts what was given over a channel. The expiry is set anew by every call: left out, it is an hour.
fn change(
    turn: &Turn<'_>,
    channel: &mut Channel,
    given: &Map<String, Value>,
    wrong: &Wrong,
) -> Result<(), Failure> {
    if let Some(value) = given.get("events") {
        channel.events = events(value, wrong)?;
    }
    if let Some(value) = given.get("notify_url") {
        channel.notify_url = notify_url(value, wrong)?;
    }
    if let Some(value) = given.get("token") {
        channel.token = token(value, wrong)?;
    }
    if let Some(value) = given.get("notification_condition") {
        channel.condition = condition(value, wrong)?;
    }
    for (name, flag) in [
        ("return_affected_field_values", &mut channel.values),
        ("notify_on_related_action", &mut channel.related),
    ] {
        if let Some(value) = given.get(name) {
            *flag = value
                .as_bool()
                .ok_or_else(|| wrong.typed(name, "boolean"))?;
        }
    }
    channel.expiry = expiry(turn.now.as_second(), given.get("channel_expiry"), wrong)?;
    Ok(())
}

/// Left out, past or more than a week ahead → one hour from now.
fn expiry(now: i64, given: Option<&Value>, wrong: &Wrong) -> Result<i64, Failure> {
    let usual = now + HOUR_SECONDS;
    let text = match given {
        None | Some(Value::Null) => return Ok(usual),
        Some(value) => value
            .as_str()
            .ok_or_else(|| wrong.typed("channel_expiry", "datetime"))?,
    };
    let at = times::parse(text).ok_or_else(|| wrong.typed("channel_expiry", "datetime"))?;
    let at = times::seconds(at);
    Ok(if at > now && at - now <= WEEK_SECONDS {
        at
    } else {
        usual
    })
}

fn channel_id(given: &Map<String, Value>, wrong: &Wrong) -> Result<String, Failure> {
    let id = given
        .get("channel_id")
        .ok_or_else(|| wrong.missing("channel_id"))?;
    let text = match id {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let whole = text.parse::<i64>().is_ok_and(|id| id >= 0);
    if whole {
        Ok(text)
    } else {
        Err(wrong.typed("channel_id", "bigint"))
    }
}

fn events(value: &Value, wrong: &Wrong) -> Result<Vec<String>, Failure> {
    let list = value
        .as_array()
        .ok_or_else(|| wrong.typed("events", "jsonarray"))?;
    if list.is_empty() || list.len() > EVENTS {
        return Err(wrong.data("events"));
    }
    let event = |value: &Value| {
        let (module, action) = value.as_str()?.split_once('.')?;
        let known = module == "Leads" && ["create", "edit", "delete", "all"].contains(&action);
        known.then(|| format!("{module}.{action}"))
    };
    list.iter()
        .map(event)
        .collect::<Option<_>>()
        .ok_or_else(|| wrong.data("events"))
}

fn notify_url(value: &Value, wrong: &Wrong) -> Result<String, Failure> {
    let text = value
        .as_str()
        .ok_or_else(|| wrong.typed("notify_url", "text"))?;
    let good =
        text.len() <= URL_LENGTH && url::Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    if good {
        Ok(text.to_owned())
    } else {
        Err(wrong.data("notify_url"))
    }
}

fn token(value: &Value, wrong: &Wrong) -> Result<Option<String>, Failure> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= TOKEN_LENGTH => Ok(Some(text.clone())),
        Value::String(_) => {
            let mut failure = wrong.data("token");
            failure.details["maximum_length"] = json!(TOKEN_LENGTH);
            Err(failure)
        }
        _ => Err(wrong.typed("token", "text")),
    }
}

fn condition(value: &Value, wrong: &Wrong) -> Result<Option<Value>, Failure> {
    let name = "notification_condition";
    if value.is_null() {
        return Ok(None);
    }
    let first = value
        .as_array()
        .and_then(|list| list.first())
        .ok_or_else(|| wrong.typed(name, "jsonarray"))?;
    let selection = first
        .get("field_selection")
        .ok_or_else(|| wrong.missing("field_selection"))?;
    let fields = selection
        .get("group")
        .and_then(Value::as_array)
        .map_or(1, Vec::len);
    let kind = first.get("type").and_then(Value::as_str);
    let good = kind == Some("field_selection") && fields <= CONDITION_FIELDS;
    if good {
        Ok(Some(value.clone()))
    } else {
        Err(wrong.data(name))
    }
}

fn list(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["page", "per_page", "channel_id", "module"])?;
    let (page, per_page) = (
        params.number("page", 1, 100_000)?,
        params.number("per_page", 200, 200)?,
    );
    let wanted = |channel: &&Channel| {
        channel.is_live(turn.now.as_second())
            && params
                .get("channel_id")
                .is_none_or(|id| id == channel.channel_id)
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
    let info =
        json!({ "page": page, "per_page": per_page, "count": shown.len(), "more_records": more });
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
        if turn
            .state
            .channels
            .get(id)
            .is_none_or(|channel| !channel.is_live(now))
        {
            return Err(Failure::new("NOT_SUBSCRIBED", json!({ "channel_id": id })));
        }
        turn.state.change(Change::Unwatched(id.clone()));
        Ok(stopped(
            turn,
            id,
            "Successfully un-subscribed from actions-watch",
        ))
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

/// Errors about one channel of the list.
struct Wrong(String);

impl Wrong {
    fn data(&self, name: &str) -> Failure {
        Failure::new(
            "INVALID_DATA",
            json!({ "api_name": name, "json_path": format!("{}.{name}", self.0) }),
        )
    }

    fn missing(&self, name: &str) -> Failure {
        Failure::new("MANDATORY_NOT_FOUND", self.data(name).details)
    }

    fn typed(&self, name: &str, expected: &str) -> Failure {
        Failure::typed(name, &format!("{}.{name}", self.0), expected)
    }
}
