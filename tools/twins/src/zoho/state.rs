//! What the org holds, and the changes that make it durable.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::deleted::Tombstone;
use super::lead::Lead;
use super::leads::Leads;
use super::settings::Settings;
use super::watch::{Channel, Notification};
use crate::journal::{Journal, Kept};

const FILE: &str = "zoho-crm.jsonl";

/// Everything that outlives a call.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) leads: Leads,
    pub(crate) deleted: Vec<Tombstone>,
    pub(crate) channels: BTreeMap<String, Channel>,
    pub(crate) due: Vec<Notification>,
    /// Records whose writing ran workflows.
    pub(crate) workflow_runs: u64,
    kept: Kept<Change>,
}

/// One change; the journal is a list of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Change {
    Lead(Lead),
    Deleted(Tombstone),
    Channel(Channel),
    Unwatched(String),
    Due(Notification),
    Taken,
    Workflows(u64),
}

impl State {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            leads: Leads::new(settings.indexed()),
            deleted: Vec::new(),
            channels: BTreeMap::new(),
            due: Vec::new(),
            workflow_runs: 0,
            kept: Kept::default(),
        }
    }

    pub(crate) fn open(settings: &Settings, dir: &Path) -> io::Result<Self> {
        let mut state = Self::new(settings);
        let journal = Journal::open(dir, FILE, |change| state.apply(change))?;
        state.kept = Kept::on(journal);
        Ok(state)
    }

    /// The only way in which anything changes.
    pub(crate) fn change(&mut self, change: Change) {
        self.kept.add(&change);
        self.apply(change);
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Lead(lead) => self.leads.put(lead),
            Change::Deleted(tombstone) => {
                self.leads.remove(tombstone.id);
                self.deleted.push(tombstone);
            }
            Change::Channel(channel) => drop(self.channels.insert(channel.channel_id.clone(), channel)),
            Change::Unwatched(id) => drop(self.channels.remove(&id)),
            Change::Due(notification) => self.due.push(notification),
            Change::Taken => self.due.clear(),
            Change::Workflows(records) => self.workflow_runs += records,
        }
    }

    /// Brings all changes since the last time to disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.kept.sync()
    }
}
