//! Every variable: what it means, its default, whether it is a secret. The only place that reads the environment.
//!
//! Mistakes are reported all at once, one line each, naming the variable. A key that is missing switches off only
//! what needs it: the system counts as paused.

mod billing;
mod queues;
mod variables;
mod zoho;

pub use billing::{BillingConfig, Columns, StatusColumns};
pub use variables::{VARIABLES, Variable};
pub use zoho::{Calls, ZohoBillingConfig, ZohoConfig};

use crate::lead::status::StatusMap;
use crate::systems::http::Base;
use crate::systems::zoho_crm::limits::Edition;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// What may happen when a known e-mail arrives with another portal id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameEmail {
    /// The same person again: the portal row made last stands, an older one goes to the ledger only.
    Merge,
    /// Another lead: e-mail is no alias and no duplicate check.
    Separate,
    /// A person decides.
    Hold,
}

/// A Supabase project.
#[derive(Clone, Debug)]
pub struct SupabaseConfig {
    /// Its URL.
    pub base: Base,
    /// Its service key.
    pub key: SecretString,
}

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table: String,
    /// Queue URLs by queue name.
    pub queues: BTreeMap<String, String>,
    /// Zoho CRM, if it is configured.
    pub zoho_crm: Option<ZohoConfig>,
    /// Zoho Billing, if it is configured.
    pub zoho_billing: Option<ZohoBillingConfig>,
    /// The portal's project, if it is configured.
    pub portal: Option<SupabaseConfig>,
    /// The back office's project, if it is configured.
    pub backoffice: Option<SupabaseConfig>,
    /// The app's project, if it is configured.
    pub app: Option<SupabaseConfig>,
    /// What is set of billing.
    pub billing: BillingConfig,
    /// The tables of leads in the portal and in the back office.
    pub leads_tables: (String, String),
    /// Secret of the portal's database webhook.
    pub portal_webhook_secret: Option<SecretString>,
    /// Token that Zoho's notification channel echoes.
    pub zoho_webhook_token: Option<SecretString>,
    /// Key of the crons' routes.
    pub cron_secret: Option<SecretString>,
    /// Where this deployment is reached; Zoho's channel is told it.
    pub public_url: Option<String>,
    /// Status words.
    pub statuses: StatusMap,
    /// What a known e-mail with another portal id means.
    pub same_email: SameEmail,
    /// Zoho API names that differ from the shipped ones, by Concord's field name.
    pub zoho_fields: BTreeMap<String, String>,
    /// Zoho automations that run for new leads; `None` runs all.
    pub new_lead_triggers: Option<Vec<String>>,
    /// Zoho CRM's credits a day.
    pub zoho_daily_credits: Option<u64>,
    /// Zoho CRM's calls at once.
    pub zoho_concurrency: u32,
    /// The settings by which leads are matched and translated, as they were given: whoever accepts needs the same.
    pub deciding: BTreeMap<String, String>,
}

/// The names of the settings in [`Config::deciding`].
const DECIDING: [&str; 11] = [
    "APP_COLUMNS",
    "APP_STATUS_COLUMNS",
    "APP_TABLES",
    "BILLING_UTC_OFFSET",
    "LEAD_SAME_EMAIL",
    "LEAD_STATUS_MAP",
    "SERVICE_STATUS_MAP",
    "ZOHO_BILLING_CALLS_AT_ONCE",
    "ZOHO_BILLING_CALLS_PER_DAY",
    "ZOHO_BILLING_CALLS_PER_MINUTE",
    "ZOHO_CRM_LEAD_FIELDS",
];

/// Where variables come from: the environment, a function's template entry, secrets that were fetched.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads the environment of this process.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

impl Config {
    /// Reads all variables.
    ///
    /// # Errors
    /// All mistakes, one line each.
    pub fn load(lookup: Lookup<'_>) -> Result<Self, String> {
        let mut reader = Reader {
            lookup,
            mistakes: Vec::new(),
        };
        let config = reader.config();
        if reader.mistakes.is_empty() {
            Ok(config)
        } else {
            Err(reader.mistakes.join("\n"))
        }
    }
}

struct Reader<'a> {
    lookup: Lookup<'a>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn config(&mut self) -> Config {
        let edition = self.parsed("ZOHO_CRM_EDITION", "standard", |it| {
            Edition::named(it).ok_or("no such edition".into())
        });
        let users = self.parsed("ZOHO_CRM_USERS", "1", |it| {
            it.parse::<u32>().map_err(|it| it.to_string())
        });
        Config {
            table: self.or("TABLE_NAME", "concord-records"),
            queues: queues::read(&|name| self.get(name)),
            zoho_crm: self.zoho("ZOHO_CRM"),
            zoho_billing: self.zoho_billing(),
            portal: self.supabase("PORTAL_SUPABASE"),
            backoffice: self.supabase("BACKOFFICE_SUPABASE"),
            app: self.supabase("APP_SUPABASE"),
            billing: self.billing(),
            leads_tables: (
                self.or("PORTAL_LEADS_TABLE", "leads"),
                self.or("BACKOFFICE_LEADS_TABLE", "leads"),
            ),
            portal_webhook_secret: self.secret("PORTAL_WEBHOOK_SECRET"),
            zoho_webhook_token: self.zoho_webhook_token(),
            cron_secret: self.secret("CRON_SECRET"),
            public_url: self.get("PUBLIC_URL").map(|it| it.trim_end_matches('/').to_owned()),
            statuses: self.statuses(),
            same_email: self
                .parsed("LEAD_SAME_EMAIL", "merge", same_email)
                .unwrap_or(SameEmail::Merge),
            zoho_fields: self.zoho_fields(),
            new_lead_triggers: self.get("ZOHO_CRM_NEW_LEAD_TRIGGERS").map(|it| words(&it)),
            zoho_daily_credits: edition.zip(users).map(|(edition, users)| edition.daily_credits(users)),
            zoho_concurrency: edition.map_or(5, |it| it.concurrency),
            deciding: DECIDING
                .iter()
                .filter_map(|it| Some(((*it).to_owned(), self.get(it)?)))
                .collect(),
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        debug_assert!(
            name.starts_with("QUEUE") || VARIABLES.iter().any(|it| it.name == name),
            "{name} is not listed"
        );
        (self.lookup)(name)
            .map(|it| it.trim().to_owned())
            .filter(|it| !it.is_empty())
    }

    fn or(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or_else(|| default.to_owned())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(SecretString::from)
    }

    fn mistake(&mut self, name: &str, why: &str) {
        let line = format!("{name}: {why}");
        // Two systems may need the same variable.
        if !self.mistakes.contains(&line) {
            self.mistakes.push(line);
        }
    }

    fn parsed<T>(&mut self, name: &str, default: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.or(name, default);
        parse(&value)
            .map_err(|why| self.mistake(name, &format!("{value:?}: {why}")))
            .ok()
    }

    fn base(&mut self, name: &str, url: &str) -> Option<Base> {
        Base::parse(url)
            .map_err(|why| self.mistake(name, &why.to_string()))
            .ok()
    }

    fn supabase(&mut self, prefix: &str) -> Option<SupabaseConfig> {
        let url_name = format!("{prefix}_URL");
        let url = self.get(&url_name)?;
        let base = self.base(&url_name, &url)?;
        let key = self.secret(&format!("{prefix}_SERVICE_KEY"))?;
        Some(SupabaseConfig { base, key })
    }

    fn statuses(&mut self) -> StatusMap {
        let leads = self.words("LEAD_STATUS_MAP", StatusMap::shipped(), StatusMap::parse);
        let services = StatusMap::shipped_for_services();
        leads.and(self.words("SERVICE_STATUS_MAP", services, StatusMap::parse_for_services))
    }

    fn words(&mut self, name: &str, shipped: StatusMap, parse: fn(&str) -> Result<StatusMap, String>) -> StatusMap {
        match self.get(name).map(|it| parse(&it)) {
            None => shipped,
            Some(Ok(own)) => own,
            Some(Err(why)) => {
                self.mistake(name, &why);
                shipped
            }
        }
    }
}

fn words(list: &str) -> Vec<String> {
    list.split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty() && *it != "none")
        .map(str::to_owned)
        .collect()
}

fn same_email(word: &str) -> Result<SameEmail, String> {
    match word {
        "merge" => Ok(SameEmail::Merge),
        "separate" => Ok(SameEmail::Separate),
        "hold" => Ok(SameEmail::Hold),
        _ => Err("is none of merge, separate, hold".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
        let found = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        Config::load(&found)
    }

    #[test]
    fn nothing_configured_is_no_mistake() {
        let config = load(&[]).unwrap();
        assert!(config.zoho_crm.is_none() && config.portal.is_none());
    }

    #[test]
    fn every_mistake_is_one_line_that_names_its_variable() {
        let wrong = [
            ("LEAD_SAME_EMAIL", "both"),
            ("LEAD_STATUS_MAP", "{"),
            ("ZOHO_CRM_EDITION", "gold"),
        ];
        let mistakes = load(&wrong).unwrap_err();
        assert_eq!(mistakes.lines().count(), 3, "{mistakes}");
        for (name, _) in wrong {
            assert!(mistakes.lines().any(|it| it.starts_with(name)), "{mistakes}");
        }
    }

    #[test]
    fn secrets_are_never_printed() {
        let set = [
            ("PORTAL_SUPABASE_URL", "https://x.supabase.co"),
            ("PORTAL_SUPABASE_SERVICE_KEY", "sb_secret_canary"),
        ];
        assert!(!format!("{:?}", load(&set).unwrap()).contains("canary"));
    }
}
