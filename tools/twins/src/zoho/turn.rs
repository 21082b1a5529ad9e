//! One call while it is carried out: what came, and what it may touch.

use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::Failure;
use super::settings::Settings;
use super::state::State;
use crate::faults::{Effects, Faults};
use crate::params::Params;
use crate::times;

/// A call at work.
pub(crate) struct Turn<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) state: &'a mut State,
    pub(crate) faults: &'a Faults,
    pub(crate) effects: &'a Effects,
    pub(crate) now: Timestamp,
    pub(crate) method: &'a Method,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Value,
    /// A person does it by hand, rather than the app.
    pub(crate) person: bool,
}

impl Turn<'_> {
    /// A header with an instant, in whole seconds; HTTP's own date form is not Zoho's.
    pub(crate) fn since(&self, name: &'static str) -> Result<Option<i64>, Failure> {
        let Some(value) = self.headers.get(name) else {
            return Ok(None);
        };
        let instant = value.to_str().ok().and_then(times::parse);
        let instant = instant.ok_or_else(|| Failure::new("INVALID_DATA", json!({ "header": name })))?;
        Ok(Some(times::seconds(instant)))
    }

    pub(crate) fn params(&self, known: &[&str]) -> Result<Params, Failure> {
        Ok(Params::read(self.query, known)?)
    }
}
