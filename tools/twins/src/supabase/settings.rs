//! What a project looks like: its keys, tables and webhooks.

use super::schema::{Table, app, back_office, portal};

/// The settings of a [`super::Supabase`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The project's reference; ids made by the database carry it, so that two projects never share one.
    pub project: String,
    /// The keys that are in force.
    pub keys: Vec<Key>,
    /// The tables of the schema `public`.
    pub tables: Vec<Table>,
    /// Rows that one request returns at most.
    pub max_rows: usize,
    /// Database webhooks.
    pub webhooks: Vec<Webhook>,
}

/// A key of the project; both kinds act as `service_role`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A JWT: sent as `apikey` and as `Authorization: Bearer`.
    Legacy(String),
    /// `sb_secret_…`: sent as `apikey` only.
    Secret(String),
}

impl Key {
    pub(crate) fn text(&self) -> &str {
        match self {
            Key::Legacy(text) | Key::Secret(text) => text,
        }
    }
}

/// A database webhook: an AFTER trigger on a table, for all three events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The table.
    pub table: String,
    /// Where it posts to.
    pub url: String,
    /// The static headers of the trigger; a secret among them is the only sign of origin.
    pub headers: Vec<(String, String)>,
}

impl Settings {
    /// A project with these tables, a legacy key `header.payload.<project>` and a secret key
    /// `sb_secret_<project>`.
    pub fn new(project: &str, tables: Vec<Table>) -> Self {
        let keys = vec![
            Key::Legacy(format!("header.payload.{project}")),
            Key::Secret(format!("sb_secret_{project}")),
        ];
        Self {
            project: project.to_owned(),
            keys,
            tables,
            max_rows: 1000,
            webhooks: Vec::new(),
        }
    }

    /// The sales portal's project.
    pub fn portal() -> Self {
        Self::new("portal", portal())
    }

    /// The project of the app that is billed.
    pub fn app() -> Self {
        Self::new("app", app())
    }

    /// The back office's project; without `sync_metadata` that table is not there (404 PGRST205).
    pub fn back_office(with_sync_metadata: bool) -> Self {
        Self::new("backoffice", back_office(with_sync_metadata))
    }

    /// The same with a webhook on a table, sending one secret header.
    pub fn webhook(mut self, table: &str, url: &str, header: &str, secret: &str) -> Self {
        let headers = vec![(header.to_owned(), secret.to_owned())];
        self.webhooks.push(Webhook {
            table: table.to_owned(),
            url: url.to_owned(),
            headers,
        });
        self
    }
}
