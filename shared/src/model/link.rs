//! What Concord knows of one record in one system.

use super::{Class, Event, Field, Fields, Receipt, RecordKey, Status, System, Value, next};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What Concord knows of one record in one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The record.
    pub record: RecordKey,
    /// The system.
    pub system: System,
    /// How it stands.
    pub status: Status,
    /// The system's id of the remote object, once known.
    pub remote_id: Option<String>,
    /// The record's version that the system is to have.
    pub wanted_version: u64,
    /// The record's version that the system last agreed with.
    pub synced_version: u64,
    /// How often the link was opened; a commit that read an older count goes round again.
    pub opens: u64,
    /// Priority of its open work.
    pub class: Class,
    /// Grows with each lease; a commit must show its own.
    pub fence: u64,
    /// Until when the present lease lasts.
    pub lease_until: Option<Timestamp>,
    /// The call under way, written before it is made.
    pub intent: Option<Intent>,
    /// Attempts that failed since it last agreed.
    pub attempts: u32,
    /// When the present trouble began: a person is alerted an hour later.
    pub trouble_since: Option<Timestamp>,
    /// When the sweep looks at it.
    pub due_at: Option<Timestamp>,
    /// The last error of this record, in the system's own words.
    pub last_error: Option<LastError>,
    /// What a person decided of the remote object; consumed when it is known.
    #[serde(default)]
    pub chosen: Option<Chosen>,
    /// Fields that wait for a person while the rest goes on.
    #[serde(default)]
    pub held_fields: BTreeMap<Field, Held>,
    /// What the system confirmed and last showed.
    #[serde(default)]
    pub receipt: Receipt,
    /// Set when the system says that the object is gone: marked, never made again.
    pub gone: Option<String>,
    /// When it last agreed.
    pub synced_at: Option<Timestamp>,
    /// Since when its present work has been open (freshness).
    pub opened_at: Option<Timestamp>,
}

/// A call that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The id of the attempt, the same in the ledger.
    pub attempt: String,
    /// `create` or `update`.
    pub what: String,
    /// When it was written.
    pub at: Timestamp,
    /// The values that it is to bring; none where nothing is sent.
    #[serde(default)]
    pub sends: Fields,
}

/// What a person decided of a record's object in a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// It is this remote object: read first, then adopted.
    As(String),
    /// It is none of those that look-ups by e-mail find: a new one is made.
    New,
    /// It stays out of this system, whatever changes.
    Drop,
}

/// An error as it is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// The outcome's name.
    pub outcome: String,
    /// The system's own words.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// Why a field waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What the system shows.
    pub theirs: Value,
    /// What the record says.
    pub ours: Value,
    /// `word` (not in the status table) or `conflict` (both sides changed it and nobody owns it).
    pub why: String,
}

/// A field in which the system and the record don't agree, and what the system should hold.
pub type Difference = (Field, Value);

/// What an expired lease still waits before its unknown outcome is looked at.
pub const SETTLE: SignedDuration = SignedDuration::from_secs(10);

impl Link {
    /// Whether a call about this link may be under way: its worker's lease, and the time for the call to settle.
    #[must_use]
    pub fn is_under_way(&self, now: Timestamp) -> bool {
        self.status == Status::Syncing && self.lease_until.is_some_and(|it| it + SETTLE > now)
    }

    /// Takes the link from a worker that has not come back: whatever it still brings is refused by the fence.
    pub fn take_over(&mut self) {
        if let Some(status) = next(self.status, Event::Returned) {
            self.status = status;
            self.fence += 1;
            self.lease_until = None;
            self.doubt();
        }
    }

    /// Nobody will tell any more what became of the call under way: what it was to bring may be there or not.
    pub fn doubt(&mut self) {
        if let Some(intent) = self.intent.take() {
            self.receipt.doubt(intent.sends, intent.at);
        }
    }

    /// Whether a call without an answer, or without one yet, may bring something else than `value`.
    fn is_in_doubt(&self, field: &Field, value: &Value) -> bool {
        let under_way = self.intent.as_ref().and_then(|it| it.sends.get(field));
        self.receipt.unsure.contains_key(field) || under_way.is_some_and(|it| it != value)
    }

    /// The system agrees: whatever went wrong before is over.
    pub fn agreed(&mut self, now: Timestamp) {
        self.attempts = 0;
        self.trouble_since = None;
        self.last_error = None;
        self.synced_at = Some(now);
    }

    /// Whether a person keeps the record out of this system.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.chosen == Some(Chosen::Drop)
    }

    /// A link that has never been touched.
    #[must_use]
    pub fn new(record: RecordKey, system: System) -> Self {
        Self {
            record,
            system,
            status: Status::Synced,
            remote_id: None,
            wanted_version: 0,
            synced_version: 0,
            opens: 0,
            class: Class::BACKFILL,
            fence: 0,
            lease_until: None,
            intent: None,
            attempts: 0,
            trouble_since: None,
            due_at: None,
            last_error: None,
            chosen: None,
            held_fields: BTreeMap::new(),
            receipt: Receipt::default(),
            gone: None,
            synced_at: None,
            opened_at: None,
        }
    }

    /// The bucket of the *due* index in which the link stands; what agrees stands in none.
    #[must_use]
    pub fn bucket(&self) -> Option<&'static str> {
        match self.status {
            open if open.is_open() => Some("open"),
            Status::Failed | Status::Held => Some("attention"),
            Status::Skipped => Some("skipped"),
            _ if !self.held_fields.is_empty() => Some("attention"),
            _ => None,
        }
    }

    /// The fields of `wanted` in which the system does not agree; a held field is left out of it.
    #[must_use]
    pub fn differences(&self, wanted: &Fields) -> Vec<Difference> {
        let names: BTreeSet<&Field> = wanted.keys().collect();
        let agrees = |name: &Field, value: &Value| self.receipt.agrees(name, value) && !self.is_in_doubt(name, value);
        names
            .into_iter()
            .filter(|name| !self.held_fields.contains_key(*name) && !agrees(name, &wanted[*name]))
            .map(|name| (name.clone(), wanted[name].clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::text(value)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A link in which `old` is known, and a call with `new` is under way since second 100.
    fn with_call(old: &str, new: &str) -> Link {
        let mut link = Link::new(RecordKey::new(super::super::Kind::LEAD, "1"), System::ZOHO_CRM);
        link.status = Status::Syncing;
        link.receipt.sent.insert("a".into(), text(old));
        link.intent = Some(Intent {
            attempt: "1".into(),
            what: "update".into(),
            at: at(100),
            sends: Fields::from([("a".into(), text(new))]),
        });
        link
    }

    #[test]
    fn a_value_agrees_with_nothing_while_another_may_be_there() {
        let old = Fields::from([("a".into(), text("old"))]);
        let mut link = with_call("old", "new");
        assert_eq!(link.differences(&old).len(), 1, "the call under way brings another");
        link.take_over();
        assert_eq!(
            (link.status, link.differences(&old).len()),
            (Status::Pending, 1),
            "it may have"
        );
        assert!(link.receipt.may_be_ours("a", &text("new")));
    }

    #[test]
    fn what_a_system_shows_ends_the_doubt_unless_it_may_be_older_than_the_call() {
        let cases = [
            ("new", Some(99), None),
            ("old", Some(101), None),
            ("old", None, None),
            ("old", Some(99), Some(1)),
        ];
        for (shown, modified, left) in cases {
            let mut link = with_call("old", "new");
            link.take_over();
            link.receipt.shown("a", &text(shown), modified.map(at));
            let unsure = link.receipt.unsure.get("a").map(|it| it.values.len());
            assert_eq!(unsure, left, "{shown} {modified:?}");
            assert_eq!(link.receipt.sent["a"], text(shown), "{shown} {modified:?}");
        }
    }

    #[test]
    fn a_synced_link_with_a_held_field_wants_attention() {
        let mut link = Link::new(RecordKey::new(super::super::Kind::LEAD, "1"), System::ZOHO_CRM);
        assert_eq!(link.bucket(), None);
        let held = Held {
            theirs: text("Weird"),
            ours: text("new"),
            why: "word".into(),
        };
        link.held_fields.insert("status".into(), held);
        assert_eq!(link.bucket(), Some("attention"));
    }
}
