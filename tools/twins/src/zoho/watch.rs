//! Notification channels: who is told of what, and the bodies that are due (docs/vendors.md §1.8).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::state::Change;
use super::turn::Turn;

/// A callback that is due for delivery. Zoho signs nothing: the token is the only sign of origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Where it goes.
    pub url: String,
    /// The JSON body of the POST.
    pub body: Value,
}

/// A channel. One whose `expiry` has passed is dead: it delivers nothing and is not shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) channel_id: String,
    pub(crate) events: Vec<String>,
    pub(crate) notify_url: String,
    pub(crate) token: Option<String>,
    /// Seconds since 1970.
    pub(crate) expiry: i64,
    pub(crate) values: bool,
    pub(crate) related: bool,
    pub(crate) condition: Option<Value>,
}

/// What happened to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Insert,
    Update,
    Delete,
}

/// One change of a lead, with the new values of the fields that changed.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) operation: Operation,
    pub(crate) id: u64,
    pub(crate) affected: Map<String, Value>,
}

impl Operation {
    fn subscribed_as(self) -> &'static str {
        match self {
            Operation::Insert => "Leads.create",
            Operation::Update => "Leads.edit",
            Operation::Delete => "Leads.delete",
        }
    }

    fn announced_as(self) -> &'static str {
        match self {
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Delete => "delete",
        }
    }
}

impl Channel {
    pub(crate) fn is_live(&self, now: i64) -> bool {
        now < self.expiry
    }

    fn hears(&self, event: &Event) -> bool {
        let name = event.operation.subscribed_as();
        let subscribed = self.events.iter().any(|e| e == name || e == "Leads.all");
        let selected = event.operation != Operation::Update || self.selects(&event.affected);
        subscribed && selected
    }

    /// A `field_selection` lets an edit through when (any or all of) its fields changed.
    fn selects(&self, affected: &Map<String, Value>) -> bool {
        let selection = self.condition.as_ref().and_then(|c| c.pointer("/0/field_selection"));
        selection.is_none_or(|selection| selected(selection, affected))
    }
}

fn selected(selection: &Value, affected: &Map<String, Value>) -> bool {
    if let Some(group) = selection.get("group").and_then(Value::as_array) {
        let all = selection.get("group_operator").and_then(Value::as_str) == Some("and");
        let mut hits = group.iter().map(|part| selected(part, affected));
        return if all { hits.all(|hit| hit) } else { hits.any(|hit| hit) };
    }
    let field = selection.pointer("/field/api_name").and_then(Value::as_str);
    field.is_some_and(|field| affected.contains_key(field))
}

/// Makes the callbacks for what a call did: one for each live channel and operation, with all its ids.
/// Edits made over the API are told like a person's (docs/vendors.md §1.8, loop risk).
pub(crate) fn announce(turn: &mut Turn<'_>, events: &[Event]) {
    let now = turn.now.as_second();
    for operation in [Operation::Insert, Operation::Update, Operation::Delete] {
        let of_kind: Vec<&Event> = events.iter().filter(|e| e.operation == operation).collect();
        let live = turn.state.channels.values().filter(|channel| channel.is_live(now));
        let bodies = live.filter_map(|channel| {
            let heard: Vec<&Event> = of_kind.iter().copied().filter(|e| channel.hears(e)).collect();
            (!heard.is_empty()).then(|| callback(turn, channel, operation, &heard))
        });
        for notification in bodies.collect::<Vec<_>>() {
            for _ in 0..turn.faults.copies("notification", turn.now) {
                turn.state.change(Change::Due(notification.clone()));
            }
        }
    }
}

fn callback(turn: &Turn<'_>, channel: &Channel, operation: Operation, events: &[&Event]) -> Notification {
    let edits = || events.iter().filter(|e| !e.affected.is_empty());
    let ids: Vec<String> = events.iter().map(|e| e.id.to_string()).collect();
    let fields: Vec<Value> = edits().map(|e| json!({ e.id.to_string(): names(e) })).collect();
    let mut body = json!({
        "server_time": turn.now.as_millisecond(),
        "module": "Leads",
        "operation": operation.announced_as(),
        "resource_uri": resource_uri(turn),
        "channel_id": channel.channel_id,
        "token": channel.token,
        "ids": ids,
        "affected_fields": fields,
        "query_params": {},
    });
    if channel.values {
        let values: Vec<Value> = edits().map(|e| json!({ e.id.to_string(): e.affected })).collect();
        body["affected_values"] = json!(values);
    }
    Notification {
        url: channel.notify_url.clone(),
        body,
    }
}

fn names(event: &Event) -> Vec<&String> {
    event.affected.keys().collect()
}

pub(crate) fn resource_uri(turn: &Turn<'_>) -> String {
    format!("{}/crm/v8/Leads", turn.settings.accounts.api_domain)
}
