//! What people do in the org, and what tests look at.

use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use super::error::Failure;
use super::lead::Lead;
use super::settings::Settings;
use super::state::Change;
use super::turn::Turn;
use super::watch::{self, Event, Notification, Operation};
use super::{ZohoCrm, deleted, write};
use crate::faults::Effects;
use crate::locked;

impl ZohoCrm {
    /// A person makes a lead; the answer is its id.
    ///
    /// # Errors
    /// Zoho's error item, as the API would give it.
    pub fn insert_lead(&self, fields: Value) -> Result<String, Value> {
        self.by_hand(|turn| {
            let (lead, event) = write::add(turn, &object(&fields), 0)?;
            Ok((lead.id.to_string(), event))
        })
    }

    /// A person changes fields of a lead.
    ///
    /// # Errors
    /// Zoho's error item, as the API would give it.
    pub fn edit(&self, id: &str, fields: Value) -> Result<(), Value> {
        self.by_hand(|turn| {
            let lead = find(turn, id)?;
            let (_, event) = write::edit(turn, lead, &object(&fields), 0, None)?;
            Ok(((), event))
        })
    }

    /// A person deletes a lead.
    ///
    /// # Errors
    /// Zoho's error item, when there is no such lead.
    pub fn delete(&self, id: &str) -> Result<(), Value> {
        self.by_hand(|turn| {
            let lead = find(turn, id)?;
            Ok(((), deleted::remove(turn, &lead)))
        })
    }

    /// A person converts a lead: it leaves the lists that do not ask for converted ones.
    ///
    /// # Errors
    /// Zoho's error item, when there is no such lead.
    pub fn convert(&self, id: &str) -> Result<(), Value> {
        self.by_hand(|turn| {
            let mut lead = find(turn, id)?;
            lead.converted = true;
            lead.modified = turn.now.as_second();
            lead.by_person = true;
            let event = Event {
                operation: Operation::Update,
                id: lead.id,
                affected: Map::new(),
            };
            turn.state.change(Change::Lead(lead));
            Ok(((), event))
        })
    }

    /// All leads as `GET` shows them, by id; `Converted__s` says which are converted. Deleted ones are gone.
    pub fn leads(&self) -> Vec<Value> {
        let state = locked(&self.0.state);
        state.leads.all().map(|lead| lead.whole(&self.0.settings)).collect()
    }

    /// One lead as `GET` shows it.
    pub fn lead(&self, id: &str) -> Option<Value> {
        let state = locked(&self.0.state);
        state
            .leads
            .get(id.parse().ok()?)
            .map(|lead| lead.whole(&self.0.settings))
    }

    /// The callbacks that are due, in order; they are due no more.
    pub fn take_notifications(&self) -> Vec<Notification> {
        let mut state = locked(&self.0.state);
        let due = state.due.clone();
        if !due.is_empty() {
            state.change(Change::Taken);
            // A journal that fails here fails again on the next call, where it can be answered.
            drop(state.sync());
        }
        due
    }

    /// How many records were written with workflows on.
    pub fn workflow_runs(&self) -> u64 {
        locked(&self.0.state).workflow_runs
    }

    fn by_hand<T>(&self, act: impl FnOnce(&mut Turn<'_>) -> Result<(T, Event), Failure>) -> Result<T, Value> {
        let settings: &Settings = &self.0.settings;
        let mut state = locked(&self.0.state);
        let (effects, headers) = (Effects::default(), HeaderMap::new());
        let mut turn = Turn {
            settings,
            state: &mut state,
            faults: &self.0.front.faults,
            effects: &effects,
            now: (self.0.front.now)(),
            method: &Method::POST,
            query: "",
            headers: &headers,
            body: &Value::Null,
            person: true,
        };
        let (result, event) = act(&mut turn).map_err(|failure| failure.item())?;
        watch::announce(&mut turn, &[event]);
        let synced = state.sync();
        synced.map_err(|error| json!({ "code": "INTERNAL_ERROR", "message": error.to_string() }))?;
        Ok(result)
    }
}

fn object(fields: &Value) -> Map<String, Value> {
    fields.as_object().cloned().unwrap_or_default()
}

fn find(turn: &Turn<'_>, id: &str) -> Result<Lead, Failure> {
    let lead = id.parse().ok().and_then(|id| turn.state.leads.get(id)).cloned();
    lead.ok_or_else(|| Failure::new("INVALID_DATA", json!({ "api_name": "id", "id": id })))
}
