//! What an org, its app and its data centre look like.

use std::time::Duration;

use super::fields::{Field, leads};

/// The settings of a [`super::ZohoCrm`]. [`Settings::default`] is an EU org with one app.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: String,
    /// Refresh tokens that exist from the start.
    pub refresh_tokens: Vec<String>,
    /// Where an authorization code may be exchanged.
    pub redirect_uri: String,
    /// What the token answer says; calls are answered on any host.
    pub api_domain: String,
    /// HTTP status of the token endpoint's refusals: 200 or 400 are both seen.
    pub token_error_status: u16,
    /// What the app was granted.
    pub scopes: Vec<String>,
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
        let scopes = [
            "ZohoCRM.modules.ALL",
            "ZohoCRM.coql.READ",
            "ZohoSearch.securesearch.READ",
            "ZohoCRM.settings.ALL",
            "ZohoCRM.users.READ",
            "ZohoCRM.org.READ",
            "ZohoCRM.notifications.ALL",
        ];
        Self {
            client_id: "1000.TWIN".to_owned(),
            client_secret: "twin-client-secret".to_owned(),
            refresh_tokens: vec!["1000.twin.refresh".to_owned()],
            redirect_uri: "https://example.com/oauth".to_owned(),
            api_domain: "https://www.zohoapis.eu".to_owned(),
            token_error_status: 200,
            scopes: scopes.map(str::to_owned).to_vec(),
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
