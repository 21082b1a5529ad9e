//! The word table of lead statuses: what each system calls what the hub calls `new`, `contacted`, `lost` …
//!
//! A word outside the table is `None`, and its field waits for a person (`held_fields`); everything else of the
//! lead goes through. The table knows nothing of owners or records; systems are plain names, so a
//! configuration may add a column.

use super::words;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// The table that Concord ships, as the JSON that [`StatusMap::parse`] reads; a start for one's own.
///
/// Zoho's column is the standard Lead Status list of Zoho CRM, word for word and one to one, so that a status
/// survives the way there and back. Words such as "quoted" or "won" are left out on purpose: Zoho's list has
/// no place for them, and to read them as a neighbour would be a guess. They are held and counted until a
/// business says what it means by them.
pub const SHIPPED: &str = include_str!("status/shipped.json");

const SHIPPED_FOR_SERVICES: &str = include_str!("status/services.json");

/// The words of every system for every status, checked when parsed.
///
/// Words are compared trimmed, without regard to case, with gaps inside as one space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusMap {
    /// Hub words in the table's order.
    statuses: Vec<String>,
    systems: BTreeMap<String, Column>,
}

/// One system's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Column {
    /// From each compared word to its hub word.
    read: BTreeMap<String, String>,
    /// From the compared hub word to the word that is written.
    write: BTreeMap<String, String>,
}

impl StatusMap {
    /// Reads a table: a JSON list of rows `{"status": hub word, "<system>": [words], …}`.
    ///
    /// The first word of a list is the one written, all of them are read; a missing or empty list means that
    /// the system has no word for that status. Every key but `status` names a system.
    ///
    /// # Errors
    ///
    /// One line that names row (from 1) and column: what is no list of words, an empty word, a hub word that
    /// stands twice, a word that stands in two rows of one system, a table without rows.
    pub fn parse(json: &str) -> Result<Self, String> {
        Self::parse_with(json, &[])
    }

    /// The same for services, whose subscriptions are written and never read back: two of the app's statuses may be one
    /// there (what a business calls suspended may end as what it calls cancelled does).
    ///
    /// # Errors
    ///
    /// As [`StatusMap::parse`].
    pub fn parse_for_services(json: &str) -> Result<Self, String> {
        Self::parse_with(json, &["zoho_billing"])
    }

    /// `written_only` names systems of which one word may stand in several rows.
    fn parse_with(json: &str, written_only: &[&str]) -> Result<Self, String> {
        let rows: Vec<Map<String, Value>> =
            serde_json::from_str(json).map_err(|error| format!("no JSON list of rows: {error}"))?;
        if rows.is_empty() {
            return Err("the table has no rows".to_owned());
        }
        let (mut table, mut seen) = (Self::default(), BTreeSet::new());
        for (index, row) in rows.iter().enumerate() {
            table
                .add_row(row, &mut seen, written_only)
                .map_err(|error| format!("row {}, {error}", index + 1))?;
        }
        Ok(table)
    }

    /// The table that Concord ships ([`SHIPPED`]).
    ///
    /// If that text did not parse the table would be empty, and every status held; a test sees that it does.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).unwrap_or_default()
    }

    /// What services are called: the app's words, and Zoho Billing's of a subscription. `suspended` has none there: it is
    /// held until a business says what it means by it.
    #[must_use]
    pub fn shipped_for_services() -> Self {
        Self::parse(SHIPPED_FOR_SERVICES).unwrap_or_default()
    }

    /// This table and another one of other systems.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.statuses.extend(other.statuses);
        self.systems.extend(other.systems);
        self
    }

    /// The hub's word for `word` of `system`; `None` if the table does not have it.
    #[must_use]
    pub fn read(&self, system: &str, word: &str) -> Option<&str> {
        self.systems.get(system)?.read.get(&compared(word)).map(String::as_str)
    }

    /// The word that `system` is sent for the hub's `status`; `None` if it has none.
    #[must_use]
    pub fn write(&self, system: &str, status: &str) -> Option<&str> {
        self.systems
            .get(system)?
            .write
            .get(&compared(status))
            .map(String::as_str)
    }

    /// The hub's words, in the table's order.
    pub fn statuses(&self) -> impl Iterator<Item = &str> {
        self.statuses.iter().map(String::as_str)
    }

    /// The systems that have a word in the table, alphabetically.
    pub fn systems(&self) -> impl Iterator<Item = &str> {
        self.systems.keys().map(String::as_str)
    }

    /// A fingerprint of what the table does: 16 hexadecimal digits, equal in every process and build.
    ///
    /// It changes when a word is added, removed, moved to another status, or becomes the one that is written;
    /// it does not when rows or synonyms change places. 64-bit FNV-1a over the sorted words (each ended by
    /// 0xFF, which no UTF-8 text holds): it finds a changed configuration, and is no protection against forgery.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = FNV_OFFSET;
        for (system, column) in &self.systems {
            for (kind, words) in [("read", &column.read), ("write", &column.write)] {
                for (from, to) in words {
                    hash = [system, kind, from, to].into_iter().fold(hash, fnv1a);
                }
            }
        }
        format!("{hash:016x}")
    }

    /// Adds a row; `seen` holds the hub words of the earlier ones, as they are compared.
    fn add_row(
        &mut self,
        row: &Map<String, Value>,
        seen: &mut BTreeSet<String>,
        written_only: &[&str],
    ) -> Result<(), String> {
        let status = match row.get("status").and_then(Value::as_str).map(tidied) {
            Some(status) if !status.is_empty() => status,
            _ => return Err("column \"status\": must be a word".to_owned()),
        };
        let own = folded(&status);
        if !seen.insert(own.clone()) {
            return Err(format!("column \"status\": {status:?} stands in an earlier row"));
        }
        for (system, list) in row.iter().filter(|(key, _)| *key != "status") {
            let list = word_list(list).map_err(|error| format!("column {system:?}: {error}"))?;
            if let Some(written) = list.first() {
                let column = self.systems.entry(system.clone()).or_default();
                column.write.insert(own.clone(), written.clone());
                if written_only.contains(&system.as_str()) {
                    continue;
                }
                column
                    .add(&list, &status)
                    .map_err(|error| format!("column {system:?}: {error}"))?;
            }
        }
        self.statuses.push(status);
        Ok(())
    }
}

impl Column {
    /// Adds tidied words.
    fn add(&mut self, list: &[String], status: &str) -> Result<(), String> {
        for word in list {
            match self.read.insert(folded(word), status.to_owned()) {
                Some(other) if other != status => {
                    return Err(format!("{word:?} stands for {other:?} too"));
                }
                // Twice in its own row does no harm.
                _ => {}
            }
        }
        Ok(())
    }
}

fn word_list(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or("must be a list of words")?;
    let mut words = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        match item.as_str().map(tidied) {
            Some(word) if !word.is_empty() => words.push(word),
            _ => return Err(format!("entry {} must be a word", index + 1)),
        }
    }
    Ok(words)
}

/// `word` without the gaps around it, and with one space for each inside.
fn tidied(word: &str) -> String {
    words(word).collect::<Vec<_>>().join(" ")
}

/// The form in which two words are compared.
fn compared(word: &str) -> String {
    folded(&tidied(word))
}

/// The same of a word that is tidied already.
///
/// ASCII is its own normal form, and nearly every word is ASCII: asking Unicode's tables about the shipped words was a
/// fifth of all that a function did before its first event.
fn folded(tidied: &str) -> String {
    match tidied.is_ascii() {
        true => tidied.to_ascii_lowercase(),
        false => tidied.to_lowercase().nfc().collect(),
    }
}

// The constants of 64-bit FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>).
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

fn fnv1a(hash: u64, text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    step(text.bytes().fold(hash, step), 0xff)
}

#[cfg(test)]
mod tests;
