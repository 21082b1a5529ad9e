//! One call while it is carried out: what came, and what it may touch.

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::{Map, Value, json};

use super::error::Failure;
use super::kinds::Kind;
use super::settings::Settings;
use super::state::{Change, Event, Row, State};
use crate::answer::zoho as body;
use crate::params::Params;
use crate::times;

/// A call at work.
pub(crate) struct Turn<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) state: &'a mut State,
    pub(crate) now: Timestamp,
    pub(crate) query: &'a str,
    pub(crate) body: &'a Value,
}

impl Turn<'_> {
    pub(crate) fn params(&self, known: &[&str]) -> Result<Params, Failure> {
        Ok(Params::read(self.query, known)?)
    }

    /// The day that it is for the organisation.
    pub(crate) fn today(&self) -> Date {
        let offset = Offset::from_seconds(self.settings.offset_seconds).unwrap_or(Offset::UTC);
        offset.to_datetime(self.now).date()
    }

    /// A time as it is shown.
    pub(crate) fn stamp(&self, seconds: i64) -> String {
        times::without_colon(seconds, self.settings.offset_seconds)
    }

    /// An object, or the answer that it is not there.
    pub(crate) fn find(&self, kind: Kind, id: &str) -> Result<Row, Failure> {
        let missing = || {
            let name = kind.names().one;
            Failure::status(self.settings.missing_status, &format!("The {name} does not exist."))
        };
        self.state.find(kind, id).cloned().ok_or_else(missing)
    }

    /// An object that a body names: its absence is the body's fault.
    pub(crate) fn need(&self, kind: Kind, id: &str) -> Result<Row, Failure> {
        let missing = || Failure::invalid(&format!("Invalid value passed for {}", kind.names().id));
        self.state.find(kind, id).cloned().ok_or_else(missing)
    }

    /// A new object with these fields; it is not kept yet.
    pub(crate) fn make(&self, fields: Map<String, Value>) -> Row {
        let at = self.now.as_second();
        Row {
            number: self.state.next(),
            created: at,
            modified: at,
            fields,
        }
    }

    /// Keeps an object as it now is.
    pub(crate) fn keep(&mut self, kind: Kind, mut row: Row) -> Row {
        row.modified = self.now.as_second();
        self.state.change(Change::Row(kind, row.clone()));
        row
    }

    /// Takes down that something happened to an object.
    pub(crate) fn happened(&mut self, event: &str, kind: Kind, shown: &Value) {
        let (number, at) = (self.state.next(), self.now.as_second());
        let payload = json!({
            "event_id": number.to_string(),
            "event_type": event,
            "created_time": self.stamp(at),
            "data": { (kind.names().one): shown },
        });
        self.state.change(Change::Event(Event {
            number,
            kind: event.to_owned(),
            at,
            payload: payload.to_string(),
        }));
    }
}

/// A success with an object.
pub(crate) fn shown(status: u16, message: &str, kind: Kind, object: Value) -> Response<Bytes> {
    body(
        status,
        &json!({ "code": 0, "message": message, (kind.names().one): object }),
    )
}

/// A success without one.
pub(crate) fn said(message: &str) -> Response<Bytes> {
    body(200, &json!({ "code": 0, "message": message }))
}
