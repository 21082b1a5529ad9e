//! Events: what happened in the organisation, for the gaps that lost notifications leave (docs/vendors.md §2.5).

use super::ZohoBilling;
use super::objects::{EVENTS, Page};
use super::values::{text, time};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen};
use jiff::Timestamp;
use serde_json::Value as Json;

/// An event with what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Zoho's id of it, the same in a notification.
    pub id: String,
    /// What happened, such as `payment_thankyou`.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// The objects as they were then: a hint, what is shown is to be read again.
    pub payload: Json,
}

impl ZohoBilling {
    /// A page of the events of the last 180 days; in which order is not documented. Rows show `event_type` and
    /// `event_time`; those whose ids are not known yet are to be read.
    ///
    /// # Errors
    /// As any read.
    pub async fn events(&self, access: &Access, page: u32) -> Result<Page, CallError> {
        self.list(access, &EVENTS, &[], page).await
    }

    /// An event with its payload.
    ///
    /// # Errors
    /// `Gone` where there is none (any more); `Rejected` where its parts can't be read, which asking again would not
    /// change; else as any read.
    pub async fn event(&self, access: &Access, id: &str) -> Result<Event, CallError> {
        let seen = self.read_one(access, &EVENTS, id).await?;
        event(&seen).ok_or_else(|| CallError::Rejected(format!("event {id} can't be read")))
    }
}

/// When an event of a list happened; `None` where it does not say.
#[must_use]
pub fn event_time(row: &Seen) -> Option<Timestamp> {
    time(text(row, "event_time")?)
}

/// The payload is JSON inside a text (§2.5).
fn event(seen: &Seen) -> Option<Event> {
    Some(Event {
        id: seen.id.clone(),
        kind: text(seen, "event_type")?.to_owned(),
        at: event_time(seen)?,
        payload: serde_json::from_str(text(seen, "payload")?).ok()?,
    })
}
