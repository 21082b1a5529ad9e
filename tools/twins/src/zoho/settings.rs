//! What an org, its app and its data centre look like.

use std::time::Duration;

use super::fields::{Field, leads};
use crate::accounts;

/// The settings of a [`super::ZohoCrm`]. [`Settings::default`] is an EU org with one app.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The accounts host in front of it.
    pub accounts: accounts::Settings,
    /// The org's offset from UTC, in seconds.
    pub offset_seconds: i32,
    /// Fields of the Leads module.
    pub fields: Vec<Field>,
    /// Credits in any 24 hours (Standard edition's floor: 50,000).
    pub credits: u64,
    /// Calls of the app in flight at once (Standard edition: 10).
    pub concurrency: usize,
    /// Heavy calls in flight at once: writes of more than ten records, search, COQL (10 in all editions).
    pub sub_concurrency: usize,
    /// How long a new record stays unseen by search (COQL and list see it at once).
    pub search_lag: Duration,
    /// COQL takes two criteria to a bracket: `((a and b) and c)`. Off: any number.
    pub coql_brackets: bool,
    /// Who the app acts as.
    pub user: User,
    /// Who edits by hand.
    pub person: User,
}

/// A user of the org.
#[derive(Debug, Clone)]
pub struct User {
    /// Zoho's id.
    pub id: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

impl User {
    fn new(id: &str, name: &str, email: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            email: email.to_owned(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accounts: accounts::Settings::default(),
            offset_seconds: 3600,
            fields: leads(),
            credits: 50_000,
            concurrency: 10,
            sub_concurrency: 10,
            search_lag: Duration::ZERO,
            coql_brackets: true,
            user: User::new("5725767000000411099", "Concord", "concord@example.com"),
            person: User::new("5725767000000411098", "Maria Borg", "maria@example.com"),
        }
    }
}

impl Settings {
    /// The same org with `Portal_Lead_ID` not marked unique: upsert on it then silently inserts.
    pub fn without_unique_portal_id(mut self) -> Self {
        for field in self.fields.iter_mut().filter(|f| f.api_name == "Portal_Lead_ID") {
            field.unique = false;
        }
        self
    }

    pub(crate) fn field(&self, api_name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.api_name == api_name)
    }

    /// Fields by whose value leads are found without a scan.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = &str> {
        let looked_up = |f: &&Field| f.unique || f.custom && f.kind.is_text() || f.kind == super::fields::Kind::Email;
        self.fields.iter().filter(looked_up).map(|f| f.api_name.as_str())
    }
}
