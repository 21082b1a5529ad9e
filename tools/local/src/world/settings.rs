//! What is configured: settings given from outside, then the template's, then the local ones.

use super::Options;
use crate::template::Template;
use anyhow::Result;
use shared::config::Config;
use std::collections::BTreeMap;

/// Where the twins believe that Concord is reached: Zoho calls back over https only.
pub const LOCAL_URL: &str = "https://concord.example";

/// The columns in which the app's twin is shown how its rows stand, where that is asked for: for `APP_STATUS_COLUMNS`.
pub const STATUS_COLUMNS: &str = concat!(
    r#"{"remote_id":"zoho_id","status":"zoho_status","#,
    r#""last_synced":"zoho_synced_at","last_error":"zoho_error"}"#
);

/// Settings that a function with secrets has where nothing else is configured: the twins' own.
pub const LOCAL: &[(&str, &str)] = &[
    ("CRON_SECRET", "local-cron-secret"),
    ("PORTAL_WEBHOOK_SECRET", "local-portal-secret"),
    ("ZOHO_CRM_WEBHOOK_TOKEN", "local-zoho-token"),
    ("PORTAL_SUPABASE_URL", "https://portal.supabase.co"),
    ("PORTAL_SUPABASE_SERVICE_KEY", "sb_secret_portal"),
    ("BACKOFFICE_SUPABASE_URL", "https://backoffice.supabase.co"),
    ("BACKOFFICE_SUPABASE_SERVICE_KEY", "sb_secret_backoffice"),
    ("ZOHO_CLIENT_ID", "1000.TWIN"),
    ("ZOHO_CLIENT_SECRET", "twin-client-secret"),
    ("ZOHO_REFRESH_TOKEN", "1000.twin.refresh"),
    ("ZOHO_BILLING_ORGANIZATION_ID", "10234695"),
    ("ZOHO_BILLING_WEBHOOK_SECRET", "local-zoho-billing-secret"),
    ("APP_SUPABASE_URL", "https://app.supabase.co"),
    ("APP_SUPABASE_SERVICE_KEY", "sb_secret_app"),
    ("APP_WEBHOOK_SECRET", "local-app-secret"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_local"),
    ("PUBLIC_URL", LOCAL_URL),
];

/// A function's configuration.
///
/// # Errors
/// All mistakes, one line each.
pub(super) fn config(environment: &BTreeMap<String, String>, options: &Options) -> Result<Config> {
    let has_secrets = environment.get("SECRETS").is_some_and(|it| !it.is_empty());
    let local = |name: &str| {
        let found = LOCAL.iter().find(|it| has_secrets && it.0 == name);
        found.map(|it| it.1.to_owned())
    };
    let lookup = |name: &str| {
        if let Some(value) = options.variables.get(name) {
            return Some(value.clone()).filter(|it| !it.is_empty());
        }
        let own = environment.get(name).filter(|it| !it.is_empty()).cloned();
        own.or_else(|| local(name))
    };
    Config::load(&lookup).map_err(anyhow::Error::msg)
}

/// All functions' variables together: an operator's view.
pub(super) fn whole(template: &Template) -> BTreeMap<String, String> {
    let all = template.functions.iter().flat_map(|it| &it.environment);
    let set = all.filter(|it| !it.1.is_empty());
    set.map(|(name, value)| (name.clone(), value.clone())).collect()
}
