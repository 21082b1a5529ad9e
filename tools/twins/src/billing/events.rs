//! Events of the last 180 days (docs/vendors.md §2.5).

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::error::Failure;
use super::lists;
use super::state::Event;
use super::turn::Turn;
use crate::answer::zoho as body;

const LIFE_SECONDS: i64 = 180 * 24 * 3600;

fn kept<'a>(turn: &'a Turn<'_>) -> impl DoubleEndedIterator<Item = &'a Event> {
    let oldest = turn.now.as_second() - LIFE_SECONDS;
    turn.state.events.iter().filter(move |event| event.at >= oldest)
}

fn row(turn: &Turn<'_>, event: &Event) -> Value {
    json!({
        "event_id": event.number.to_string(),
        "event_type": event.kind,
        "event_time": turn.stamp(event.at),
    })
}

/// `GET /events`.
pub(crate) fn list(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["page", "per_page"])?;
    lists::page(&params, "events", kept(turn).rev().map(|event| row(turn, event)))
}

/// `GET /events/{id}`: with the payload, which is JSON in a text.
pub(crate) fn get(turn: &Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let missing = || Failure::status(turn.settings.missing_status, "The event does not exist.");
    let event = kept(turn)
        .find(|event| event.number.to_string() == id)
        .ok_or_else(missing)?;
    let mut shown = row(turn, event);
    shown["payload"] = json!(event.payload);
    shown["webhooks"] = json!([]);
    Ok(body(200, &json!({ "code": 0, "message": "success", "event": shown })))
}
