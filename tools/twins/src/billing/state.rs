//! What the organisation holds, and the changes that make it durable.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::kinds::Kind;
use super::value::text;
use crate::journal::{Journal, Kept};

const FILE: &str = "zoho-billing.jsonl";
/// The first id, of the form that Zoho's have.
const FIRST_ID: u64 = 903_000_000_000_001;

/// One object. What is shown of it beside its fields is worked out when it is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) number: u64,
    /// Seconds since 1970, as all times of Zoho.
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) fields: Map<String, Value>,
}

impl Row {
    pub(crate) fn id(&self) -> String {
        self.number.to_string()
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        text(&self.fields, name)
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) number: u64,
    pub(crate) kind: String,
    pub(crate) at: i64,
    /// JSON in a text.
    pub(crate) payload: String,
}

/// Everything that outlives a call.
#[derive(Debug, Default)]
pub(crate) struct State {
    rows: BTreeMap<Kind, BTreeMap<u64, Row>>,
    pub(crate) events: Vec<Event>,
    next: u64,
    kept: Kept<Change>,
}

/// One change; the journal is a list of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Change {
    Row(Kind, Row),
    Deleted(Kind, u64),
    Event(Event),
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            next: FIRST_ID,
            ..Self::default()
        }
    }

    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let mut state = Self::new();
        let journal = Journal::open(dir, FILE, |change| state.apply(change))?;
        state.kept = Kept::on(journal);
        Ok(state)
    }

    /// The number that the next object or event gets.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// All objects of a kind, oldest first.
    pub(crate) fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.get(&kind).into_iter().flat_map(BTreeMap::values)
    }

    /// The object that a path names: plans by their code, others by their number.
    pub(crate) fn find(&self, kind: Kind, id: &str) -> Option<&Row> {
        match kind {
            Kind::Plan => self.all(kind).find(|row| row.text("plan_code") == id),
            _ => self.rows.get(&kind)?.get(&id.parse().ok()?),
        }
    }

    /// The only way in which anything changes.
    pub(crate) fn change(&mut self, change: Change) {
        self.kept.add(&change);
        self.apply(change);
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Row(kind, row) => {
                self.next = self.next.max(row.number + 1);
                self.rows.entry(kind).or_default().insert(row.number, row);
            }
            Change::Deleted(kind, number) => {
                self.rows.entry(kind).or_default().remove(&number);
            }
            Change::Event(event) => {
                self.next = self.next.max(event.number + 1);
                self.events.push(event);
            }
        }
    }

    /// Brings all changes since the last time to disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.kept.sync()
    }
}
