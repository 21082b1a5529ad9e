//! How each kind is written to each system: glue between the engine and a system's client.

mod app_status;
mod backoffice_lead;
mod billing;
mod lead_keys;
mod rows;
mod zoho_call;
mod zoho_lead;

pub use app_status::AppStatus;
pub use backoffice_lead::BackofficeLead;
pub use billing::{Billing, BillingTarget};
pub(crate) use billing::{Tied, rule as billing_rule};
pub use zoho_lead::{ZohoLead, arrival as zoho_arrival};

use crate::model::{Chosen, Field, Fields, Kind, Link, Outcome, Record, System, Unsure, Value};
use crate::sync::budget::Limits;
use crate::systems::{CallError, Seen, Written};
use std::collections::BTreeMap;

/// Why a link is held whose call may have been acted upon: only a person can tell whether it is to be made again.
pub const NO_WAY_TO_LOOK: &str = "a call of unknown outcome, and no way to look";

/// Whether a write of unknown outcome may be made again (docs/vendors.md §1.9, §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteClass {
    /// By a key that we own, or by remote id: send again.
    Keyed,
    /// Look first, by a strongly read route.
    Findable,
    /// Neither: a person decides.
    Unfindable,
}

/// Whether a system may be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Fine,
    /// Not until a person mends it: the remedy.
    Stopped(String),
    /// Nobody has checked yet.
    Unchecked,
}

/// A record on its way to a system.
#[derive(Clone, Debug)]
pub struct Job {
    /// The record as it now is.
    pub record: Record,
    /// Its link.
    pub link: Link,
    /// Name of the write that made the link as it was read.
    pub link_rev: String,
    /// What the system is to hold, in its words, under Concord's names.
    pub wanted: Fields,
    /// What is to be sent of it.
    pub send: Fields,
    /// Whether the link's remote id was just found there, and is still to be committed.
    pub adopted: bool,
    /// What was in doubt when it was found: until that is committed, it is looked for under the same keys again.
    pub doubt: BTreeMap<Field, Unsure>,
    /// The parents that are there: the system's own ids of them, by kind.
    pub parents: BTreeMap<Kind, String>,
    /// Whether `send` is a part of what differs, since one call can't bring it all.
    pub is_part: bool,
}

impl Job {
    /// The remote object that a person chose.
    #[must_use]
    pub fn chosen_id(&self) -> Option<&str> {
        match &self.link.chosen {
            Some(Chosen::As(id)) => Some(id),
            _ => None,
        }
    }

    /// What a field may hold there: the present value, and those that calls without an answer were to bring.
    #[must_use]
    pub fn candidates(&self, field: &str) -> Vec<Value> {
        let present = self.wanted.get(field).or_else(|| self.record.fields.get(field));
        let mut all: Vec<Value> = present.cloned().into_iter().collect();
        for value in self.doubtful(field) {
            if !all.contains(value) {
                all.push(value.clone());
            }
        }
        all
    }

    /// What calls without an answer were to bring into a field.
    pub fn doubtful(&self, field: &str) -> impl Iterator<Item = &Value> {
        let sent = self.link.intent.as_ref().and_then(|it| it.sends.get(field));
        let unsure = self.link.receipt.unsure.get(field).map(|it| it.values.iter());
        unsure.into_iter().flatten().chain(sent).filter(|it| !it.is_empty())
    }

    /// How many values of one key a look-up may have to ask for: the present one, and those in doubt.
    #[must_use]
    pub fn values_of_a_key(&self) -> usize {
        let in_doubt = self.record.keys.keys().map(|it| self.doubtful(it).count());
        1 + in_doubt.max().unwrap_or(0)
    }

    /// Whether the record may be found by its e-mail: that is a key of its own, and nobody asked for a new object.
    #[must_use]
    pub fn by_email(&self) -> bool {
        let shown = self.wanted.get("email").is_some_and(|it| !it.is_empty());
        let own = self.record.keys.contains_key("email") || !shown;
        own && self.link.chosen != Some(Chosen::New)
    }
}

/// The results of a batch, one per job in order; the outer error stands for all of them.
pub type Results = Result<Vec<Result<Written, CallError>>, CallError>;

/// One kind in one system.
pub trait Target: Send + Sync {
    /// The kind.
    fn kind(&self) -> Kind;
    /// The system.
    fn system(&self) -> System;
    /// Its limits.
    fn limits(&self) -> Limits;
    /// Most records of one write call.
    fn batch(&self) -> usize;
    /// Whether a new object of unknown outcome may be made again.
    fn create_class(&self) -> WriteClass;
    /// Budget units of a look-up by so many values of a key, and of a write of so many records. No units for a look-up:
    /// it takes the slots of its calls itself, which nobody can count beforehand.
    fn units(&self, count: usize, writes: bool) -> u64;
    /// Looks the records up by their keys, and by those that a call without an answer was to bring: all remote objects
    /// that one of the keys finds, per record. An unfindable kind is not asked.
    fn find(&self, jobs: &[Job]) -> impl Future<Output = Result<Vec<Vec<Seen>>, CallError>> + Send;
    /// Whether an object that was found has one of the keys that the record has now.
    fn has_its_key(&self, job: &Job, seen: &Seen) -> bool {
        let _ = (job, seen);
        true
    }
    /// The keys that an object shows, as they stand among a record's.
    fn keys_of(&self, seen: &Seen) -> Vec<(String, String)> {
        let _ = seen;
        Vec::new()
    }
    /// Reads one remote object; `None` if it is not there.
    fn read(&self, id: &str) -> impl Future<Output = Result<Option<Seen>, CallError>> + Send;
    /// Makes new objects.
    fn create(&self, jobs: &[Job]) -> impl Future<Output = Results> + Send;
    /// Changes objects by their remote id.
    fn update(&self, jobs: &[Job]) -> impl Future<Output = Results> + Send;
    /// How many calls one batch of messages may have under way.
    fn at_once(&self) -> usize {
        1
    }
    /// What a rule of the business says of a record before any call: left out, held, or refused.
    fn rule(&self, job: &Job) -> Option<Outcome> {
        let _ = job;
        None
    }
    /// Whether only what the record says is compared with what the system shows: what it leaves empty is the system's.
    fn fills(&self) -> bool {
        false
    }
    /// As much of what differs as one call can bring.
    fn part(&self, job: &Job) -> Fields {
        job.send.clone()
    }
    /// Whether this change must go alone, because both sides may change its fields.
    fn alone(&self, job: &Job) -> bool;
    /// Whether it may be written to, as far as was found out.
    fn standing(&self) -> impl Future<Output = anyhow::Result<Standing>> + Send {
        async { Ok(Standing::Fine) }
    }
    /// Finds out, by one call, what `standing` then tells; the inner error is the system's.
    fn check(&self) -> impl Future<Output = anyhow::Result<Result<(), CallError>>> + Send {
        async { Ok(Ok(())) }
    }
}
