//! Records, and what arrives to change them.

use super::{Fields, Kind, Patches, RecordKey, System};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something of the business, as Concord last accepted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its address.
    pub key: RecordKey,
    /// Grows by one with each accepted change.
    pub version: u64,
    /// Its fields.
    pub fields: Fields,
    /// The keys by which it is known (`email`, `portal_lead_id` …): the present value of each.
    pub keys: BTreeMap<String, String>,
    /// When the last change was accepted.
    pub changed_at: Timestamp,
    /// When it was first accepted.
    pub made_at: Timestamp,
    /// Where the last change came from.
    pub origin: System,
    /// When its source's own row was made: which of two portal rows stands.
    pub row_made: Option<Timestamp>,
    /// Set while the values come from a hint that nobody could confirm by reading the source again.
    #[serde(default)]
    pub unconfirmed: bool,
}

/// Something that a source says of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Which system says it.
    pub source: System,
    /// What sort of record it is.
    pub kind: Kind,
    /// The id that the source gives it; for the portal its row's id, for Zoho the lead's id.
    pub source_id: Option<String>,
    /// The keys by which to find it, in the order in which they count.
    pub keys: Vec<(String, String)>,
    /// What it says of each field, in the source's own words (a status is the source's word).
    pub fields: Patches,
    /// When the source last changed it.
    pub modified: Option<Timestamp>,
    /// When the source made it.
    pub made: Option<Timestamp>,
    /// When it was asked for, by our clock, if it was read.
    #[serde(default)]
    pub asked: Option<Timestamp>,
    /// Whether the values were read from the source, not only announced.
    pub confirmed: bool,
    /// The id to use if the record is new.
    pub new_id: Option<String>,
}

impl Arrival {
    /// The same, read from its source: asked for at this time.
    #[must_use]
    pub fn asked_at(self, at: Timestamp) -> Self {
        Self {
            asked: Some(at),
            ..self
        }
    }

    /// Its row in its source, as people name it: leads by their id, other kinds, which may share ids, as `kind/id`.
    #[must_use]
    pub fn row(&self) -> Option<String> {
        let id = self.source_id.as_ref()?;
        Some(match self.kind == Kind::LEAD {
            true => id.clone(),
            false => format!("{}/{id}", self.kind),
        })
    }
}
