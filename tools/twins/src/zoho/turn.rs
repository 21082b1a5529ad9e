//! One call while it is carried out: what came, and what it may touch.

use std::collections::BTreeMap;

use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::Failure;
use super::settings::Settings;
use super::state::State;
use crate::faults::{Effects, Faults};
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
        Params::read(self.query, known)
    }
}

/// The query's parameters. One that the operation does not have is an error.
#[derive(Debug)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    fn read(query: &str, known: &[&str]) -> Result<Self, Failure> {
        let pairs: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Failure::param("INVALID_DATA", name)),
            None => Ok(Self(pairs)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn need(&self, name: &str) -> Result<&str, Failure> {
        let value = self.get(name).filter(|value| !value.trim().is_empty());
        value.ok_or_else(|| Failure::param("REQUIRED_PARAM_MISSING", name))
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn number(&self, name: &str, usual: usize, most: usize) -> Result<usize, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(usual);
        };
        let number = text.parse().ok().filter(|n| (1..=most).contains(n));
        number.ok_or_else(|| Failure::new("INVALID_DATA", json!({ "param_name": name, "maximum_value": most })))
    }

    /// One of a few words; the first is the default.
    pub(crate) fn word<'a>(&'a self, name: &str, words: &[&'static str]) -> Result<&'static str, Failure> {
        let text: &'a str = match self.get(name) {
            None => return Ok(words.first().copied().unwrap_or_default()),
            Some(text) => text,
        };
        let found = words.iter().copied().find(|word| *word == text);
        found.ok_or_else(|| Failure::new("INVALID_DATA", json!({ "param_name": name, "supported_values": words })))
    }

    /// All parameters but these, in order: what a page token is bound to.
    pub(crate) fn but(&self, left_out: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
        kept.map(|(name, value)| format!("{name}={value}&")).collect()
    }
}
