//! Stripe's two forms of event (docs/vendors.md §7.2).

use jiff::Timestamp;
use serde_json::Value as Json;

/// An event. Its id is what a second delivery is known by.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Stripe's id of it (`evt_…`).
    pub id: String,
    /// What happened, such as `payment_intent.succeeded`.
    pub kind: String,
    /// The object as it was then; a thin event has none: it is to be fetched.
    pub object: Option<Json>,
    /// When it happened.
    pub created: Timestamp,
    /// Whether it only names its object.
    pub is_thin: bool,
}

impl Event {
    /// Reads a snapshot event (`object: "event"`) or a thin one (`object: "v2.core.event"`).
    ///
    /// # Errors
    /// Which field is missing or can't be read; never its value.
    pub fn parse(body: &Json) -> Result<Self, String> {
        let is_thin = match body["object"].as_str() {
            Some("event") => false,
            Some("v2.core.event") => true,
            _ => return Err("object is neither event nor v2.core.event".to_owned()),
        };
        let created = if is_thin {
            time(&body["created"])
        } else {
            seconds(&body["created"])
        };
        Ok(Self {
            id: text(body, "id")?,
            kind: text(body, "type")?,
            object: if is_thin { None } else { Some(snapshot(body)?) },
            created: created.ok_or("created is not a time")?,
            is_thin,
        })
    }
}

/// A snapshot's object.
fn snapshot(body: &Json) -> Result<Json, String> {
    let object = &body["data"]["object"];
    match object.is_object() {
        true => Ok(object.clone()),
        false => Err("data.object is missing".to_owned()),
    }
}

/// A snapshot's time, in seconds since 1970.
fn seconds(value: &Json) -> Option<Timestamp> {
    Timestamp::from_second(value.as_i64()?).ok()
}

/// A thin event's time, such as `2026-01-02T03:04:05.678Z`.
fn time(value: &Json) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// A text field that must be there.
pub(super) fn text(object: &Json, name: &str) -> Result<String, String> {
    let text = object[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| format!("{name} is missing"))
}
