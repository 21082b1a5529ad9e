//! The query of a call, read strictly: what an operation does not document is an error, not a shrug.

use std::collections::BTreeMap;

/// What is wrong with a query; each twin says it in its vendor's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The operation has no such parameter.
    Unknown(String),
    Missing(&'static str),
    /// Not a whole number from 1 to the most.
    Number(&'static str, usize),
    /// None of the words.
    Word(&'static str, Vec<&'static str>),
}

/// The query's parameters. One that the operation does not have is an error.
#[derive(Debug)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    pub(crate) fn read(query: &str, known: &[&str]) -> Result<Self, Wrong> {
        let pairs: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Wrong::Unknown(name.clone())),
            None => Ok(Self(pairs)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn need(&self, name: &'static str) -> Result<&str, Wrong> {
        let value = self.get(name).filter(|value| !value.trim().is_empty());
        value.ok_or(Wrong::Missing(name))
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn number(&self, name: &'static str, usual: usize, most: usize) -> Result<usize, Wrong> {
        let Some(text) = self.get(name) else {
            return Ok(usual);
        };
        let number = text.parse().ok().filter(|n| (1..=most).contains(n));
        number.ok_or(Wrong::Number(name, most))
    }

    /// One of a few words; the first is the default.
    pub(crate) fn word(&self, name: &'static str, words: &[&'static str]) -> Result<&'static str, Wrong> {
        let Some(text) = self.get(name) else {
            return Ok(words.first().copied().unwrap_or_default());
        };
        let found = words.iter().copied().find(|word| *word == text);
        found.ok_or_else(|| Wrong::Word(name, words.to_vec()))
    }

    /// All parameters but these, in order: what a page token is bound to.
    pub(crate) fn but(&self, left_out: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
        kept.map(|(name, value)| format!("{name}={value}&")).collect()
    }
}
