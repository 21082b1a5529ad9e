//! What happened in a history, as the checker reads it.

use crate::log::Log;
use crate::table::Table;
use crate::weather::Fault;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A call that may have changed objects of a system, at the moment at which the system acted.
#[derive(Clone, Debug)]
pub struct Write {
    /// When, in milliseconds of the Unix epoch.
    pub at_ms: i64,
    /// The invocation that asked.
    pub by: u64,
    /// The system.
    pub system: &'static str,
    /// Method and path.
    pub call: String,
    /// The answer's status.
    pub status: u16,
    /// The objects that it changed: before and after, by id.
    pub changed: Vec<(String, Option<Value>, Value)>,
}

/// What a person or a program outside said of somebody's field.
#[derive(Clone, Debug)]
pub struct Said {
    /// When it was done, in milliseconds of the Unix epoch.
    pub at_ms: i64,
    /// Kind of record, and who or what it is about: the identity that the workload gave it.
    pub about: (&'static str, String),
    /// The system in which it was said; the API's callers speak for the portal.
    pub door: &'static str,
    /// The field, in Concord's name.
    pub field: &'static str,
    /// The value, in Concord's own form.
    pub value: String,
    /// What the system showed in this field just before.
    pub instead_of: Option<String>,
}

/// An answer of our API, or to a system's call to us.
#[derive(Clone, Debug)]
pub struct Told {
    /// When, in milliseconds of the Unix epoch.
    pub at_ms: i64,
    /// Method and path.
    pub call: String,
    /// The status.
    pub status: u16,
}

/// A system's call to us that we have acknowledged.
#[derive(Clone, Debug)]
pub struct Notice {
    /// When it was sent, in milliseconds of the Unix epoch.
    pub sent_ms: i64,
    /// The system.
    pub system: &'static str,
    /// The objects that it is about.
    pub ids: Vec<String>,
}

/// A history.
#[derive(Debug)]
pub struct History {
    /// The timeline.
    pub log: Log,
    /// The table's items.
    pub table: Table,
    /// Tokens of the transactions that were run.
    pub tokens: BTreeSet<String>,
    /// Calls that may have changed a system.
    pub writes: Vec<Write>,
    /// What people said.
    pub said: Vec<Said>,
    /// What we told.
    pub told: Vec<Told>,
    /// What we were told by systems, and acknowledged.
    pub notices: Vec<Notice>,
    /// Breaches seen while it ran, by the world itself.
    pub breaches: Vec<String>,
    /// Faults that happened.
    pub faults: BTreeMap<Fault, u64>,
    /// Events handed to functions: messages, requests, activations.
    pub deliveries: u64,
    /// External calls by function and operation.
    pub calls: BTreeMap<String, u64>,
    /// What each external call was, by its number.
    pub sorts: Vec<String>,
    /// What was seen of the code's ways: transitions, outcomes, answers.
    pub branches: BTreeSet<String>,
    /// Dead letters that arrived, by queue and message.
    pub dead: BTreeSet<(String, String)>,
    /// Objects that people have deleted: kind and identity.
    pub deleted: BTreeSet<(&'static str, String)>,
    /// Rows of which we said that a person must choose.
    pub held: BTreeSet<String>,
    /// People who can't be told apart any more, by their own mistake.
    pub blurred: BTreeSet<String>,
    /// When an operator had a system paused: from, to.
    pub pauses: Vec<(&'static str, i64, i64)>,
    /// Whether it was ended because it would never have come to rest.
    pub runs_away: bool,
    /// From when on nobody says anything any more and everything agrees, in milliseconds of the Unix epoch.
    pub quiet_from_ms: Option<i64>,
}

impl History {
    /// Nothing has happened.
    #[must_use]
    pub fn new(keep: bool) -> Self {
        Self {
            log: Log::new(keep),
            table: Table::default(),
            tokens: BTreeSet::new(),
            writes: Vec::new(),
            said: Vec::new(),
            told: Vec::new(),
            notices: Vec::new(),
            breaches: Vec::new(),
            faults: BTreeMap::new(),
            deliveries: 0,
            calls: BTreeMap::new(),
            sorts: Vec::new(),
            branches: BTreeSet::new(),
            dead: BTreeSet::new(),
            deleted: BTreeSet::new(),
            held: BTreeSet::new(),
            blurred: BTreeSet::new(),
            pauses: Vec::new(),
            runs_away: false,
            quiet_from_ms: None,
        }
    }
}
