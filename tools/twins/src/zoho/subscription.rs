//! The settings of one channel, checked one by one (docs/vendors.md §1.8).

use serde_json::{Map, Value, json};

use super::error::Failure;
use super::turn::Turn;
use super::watch::Channel;
use crate::times;

const EVENTS: usize = 50;
const URL_LENGTH: usize = 255;
/// 50 by the asyncapi text, 256 by the newer specification: the smaller one is kept to.
const TOKEN_LENGTH: usize = 50;
const CONDITION_FIELDS: usize = 10;
const WEEK_SECONDS: i64 = 7 * 24 * 3600;
const HOUR_SECONDS: i64 = 3600;

/// Puts what was given over a channel. The expiry is set anew by every call: left out, it is an hour.
pub(crate) fn change(
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
            *flag = value.as_bool().ok_or_else(|| wrong.typed(name, "boolean"))?;
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

pub(crate) fn channel_id(given: &Map<String, Value>, wrong: &Wrong) -> Result<String, Failure> {
    let id = given.get("channel_id").ok_or_else(|| wrong.missing("channel_id"))?;
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

pub(crate) fn events(value: &Value, wrong: &Wrong) -> Result<Vec<String>, Failure> {
    let list = value.as_array().ok_or_else(|| wrong.typed("events", "jsonarray"))?;
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
    let text = value.as_str().ok_or_else(|| wrong.typed("notify_url", "text"))?;
    let good = text.len() <= URL_LENGTH && url::Url::parse(text).is_ok_and(|url| url.scheme() == "https");
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
    let fields = selection.get("group").and_then(Value::as_array).map_or(1, Vec::len);
    let kind = first.get("type").and_then(Value::as_str);
    let good = kind == Some("field_selection") && fields <= CONDITION_FIELDS;
    if good {
        Ok(Some(value.clone()))
    } else {
        Err(wrong.data(name))
    }
}

/// Errors about one channel of the list.
pub(crate) struct Wrong(pub(crate) String);

impl Wrong {
    pub(crate) fn data(&self, name: &str) -> Failure {
        Failure::new(
            "INVALID_DATA",
            json!({ "api_name": name, "json_path": format!("{}.{name}", self.0) }),
        )
    }

    pub(crate) fn missing(&self, name: &str) -> Failure {
        Failure::new("MANDATORY_NOT_FOUND", self.data(name).details)
    }

    pub(crate) fn typed(&self, name: &str, expected: &str) -> Failure {
        Failure::typed(name, &format!("{}.{name}", self.0), expected)
    }
}
