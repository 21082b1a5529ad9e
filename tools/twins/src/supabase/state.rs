//! What the database holds; one request is one transaction.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cell::Cell;
use super::rows::{Row, Rows};
use super::schema::{Default as ColumnDefault, Table};
use super::settings::Settings;
use crate::faults::Faults;
use crate::journal::Journal;

const FILE: &str = "supabase.jsonl";

/// A webhook's POST that is due for delivery. It is sent once, whatever happens to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookCall {
    /// Where it goes.
    pub url: String,
    /// The trigger's static headers.
    pub headers: Vec<(String, String)>,
    /// The JSON body.
    pub body: Value,
}

/// One change; the journal is a list of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Change {
    Put { table: String, id: u64, row: Row },
    Remove { table: String, id: u64 },
    Due(WebhookCall),
    Taken,
    Made(u64),
}

/// What happened to a row in the transaction that runs.
#[derive(Debug)]
struct RowChange {
    table: String,
    old: Option<(u64, Row)>,
    new: Option<(u64, Row)>,
}

#[derive(Debug)]
pub(crate) struct State {
    tables: BTreeMap<String, Rows>,
    due: Vec<WebhookCall>,
    /// Ids made by the database so far.
    made: u64,
    running: Vec<RowChange>,
    journal: Option<Journal>,
}

impl State {
    pub(crate) fn new(settings: &Settings) -> Self {
        let tables = settings
            .tables
            .iter()
            .map(|t| (t.name.clone(), Rows::new(t.clone())))
            .collect();
        Self {
            tables,
            due: Vec::new(),
            made: 0,
            running: Vec::new(),
            journal: None,
        }
    }

    pub(crate) fn open(settings: &Settings, dir: &Path) -> io::Result<Self> {
        let mut state = Self::new(settings);
        state.journal = Some(Journal::open(dir, FILE, |change| state.apply(change))?);
        Ok(state)
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Put { table, id, mut row } => {
                if let Some(rows) = self.tables.get_mut(&table) {
                    // A column that was added since is null in older rows.
                    row.resize(rows.table.columns.len(), Cell::Null);
                    rows.put(id, row);
                }
            }
            Change::Remove { table, id } => {
                if let Some(rows) = self.tables.get_mut(&table) {
                    rows.remove(id);
                }
            }
            Change::Due(call) => self.due.push(call),
            Change::Taken => self.due.clear(),
            Change::Made(made) => self.made = made,
        }
    }

    pub(crate) fn rows(&self, table: &str) -> Option<&Rows> {
        self.tables.get(table)
    }

    /// Replaces, adds or takes away a row within the transaction; the new row stands at the heap's end.
    pub(crate) fn replace(&mut self, table: &str, old: Option<u64>, new: Option<Row>) -> Option<u64> {
        let rows = self.tables.get_mut(table)?;
        let old = old.and_then(|id| rows.remove(id).map(|row| (id, row)));
        let new = new.map(|row| {
            let id = rows.next();
            rows.put(id, row.clone());
            (id, row)
        });
        let id = new.as_ref().map(|(id, _)| *id);
        self.running.push(RowChange {
            table: table.to_owned(),
            old,
            new,
        });
        id
    }

    /// The value of a column's default.
    pub(crate) fn default(&mut self, settings: &Settings, default: Option<ColumnDefault>, now: Timestamp) -> Cell {
        match default {
            None => Cell::Null,
            Some(ColumnDefault::Now) => Cell::Time(micros(now)),
            Some(ColumnDefault::Uuid) => {
                self.made += 1;
                Cell::Uuid(made_id(&settings.project, self.made))
            }
        }
    }

    /// Takes back what the running transaction did.
    pub(crate) fn roll_back(&mut self) {
        for change in std::mem::take(&mut self.running).into_iter().rev() {
            let Some(rows) = self.tables.get_mut(&change.table) else {
                continue;
            };
            if let Some((id, _)) = change.new {
                rows.remove(id);
            }
            if let Some((id, row)) = change.old {
                rows.put(id, row);
            }
        }
    }

    /// Ends the running transaction: webhooks fire, and all of it goes to disk.
    pub(crate) fn commit(&mut self, settings: &Settings, faults: &Faults, now: Timestamp) -> io::Result<()> {
        let running = std::mem::take(&mut self.running);
        if running.is_empty() {
            return Ok(());
        }
        let due: Vec<WebhookCall> = running
            .iter()
            .flat_map(|change| self.webhooks(settings, faults, now, change))
            .collect();
        let journal = self.journal.as_mut().map(|journal| {
            let rows = running.into_iter().flat_map(changes);
            let due = due.iter().cloned().map(Change::Due);
            journal.append(&rows.chain(due).chain([Change::Made(self.made)]).collect::<Vec<_>>())
        });
        self.due.extend(due);
        journal.unwrap_or(Ok(()))
    }

    fn webhooks(&self, settings: &Settings, faults: &Faults, now: Timestamp, change: &RowChange) -> Vec<WebhookCall> {
        let hooks = settings.webhooks.iter().filter(|hook| hook.table == change.table);
        let Some(table) = self.tables.get(&change.table).map(|rows| &rows.table) else {
            return Vec::new();
        };
        let calls = hooks.flat_map(|hook| {
            let (url, headers) = (hook.url.clone(), hook.headers.clone());
            let call = WebhookCall {
                url,
                headers,
                body: webhook_body(table, change),
            };
            std::iter::repeat_n(call, faults.copies("webhook", now))
        });
        calls.collect()
    }

    pub(crate) fn take_due(&mut self) -> io::Result<Vec<WebhookCall>> {
        let due = std::mem::take(&mut self.due);
        match &mut self.journal {
            Some(journal) if !due.is_empty() => journal.append(&[Change::Taken])?,
            _ => {}
        }
        Ok(due)
    }
}

fn changes(change: RowChange) -> impl Iterator<Item = Change> {
    let RowChange { table, old, new } = change;
    let removed = old.map(|(id, _)| Change::Remove {
        table: table.clone(),
        id,
    });
    let put = new.map(|(id, row)| Change::Put { table, id, row });
    removed.into_iter().chain(put)
}

fn webhook_body(table: &Table, change: &RowChange) -> Value {
    let record = |row: &Option<(u64, Row)>| row.as_ref().map(|(_, row)| object(table, row));
    let kind = match (&change.old, &change.new) {
        (None, _) => "INSERT",
        (_, None) => "DELETE",
        _ => "UPDATE",
    };
    json!({
        "type": kind,
        "table": table.name,
        "schema": "public",
        "record": record(&change.new),
        "old_record": record(&change.old),
    })
}

/// A row as a JSON object.
pub(crate) fn object(table: &Table, row: &Row) -> Value {
    let named = table.columns.iter().zip(row);
    Value::Object(named.map(|(column, cell)| (column.name.clone(), cell.json())).collect())
}

/// Postgres keeps microseconds.
pub(crate) fn micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// A version 4 uuid in form, made of the project's name and a counter.
fn made_id(project: &str, number: u64) -> Uuid {
    let seed = project
        .bytes()
        .fold(7u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    Uuid::from_fields(seed, 0, 0x4000, &(number | 0x8000_0000_0000_0000).to_be_bytes())
}
