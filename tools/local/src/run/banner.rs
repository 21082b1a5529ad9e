//! What is printed at the start: where everything is, and three lines to try. Pure.

use super::keys::Keys;
use crate::arn;
use crate::world::LOCAL;
use shared::api::auth::Scope;
use shared::model::System;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The lead of the first line; the same each time, so that trying twice changes nothing.
const LEAD: &str = "7d1f4c1e-5b0a-4c8e-9a55-2f6c0c9e4b10";

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Places {
    /// Scheme and authority of the HTTP API.
    pub api: String,
    /// Scheme and authority of DynamoDB and SQS.
    pub aws: String,
    /// The table's name.
    pub table: String,
    /// Each system with its twin's address, or the real one's host.
    pub systems: Vec<(System, Place)>,
    /// The webhooks' secrets, by variable: the local ones, where none was set.
    pub webhooks: Vec<(&'static str, &'static str)>,
    /// Where the data is kept, if it is.
    pub data: Option<String>,
}

/// Where a system is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A twin, at this address.
    Twin(String),
    /// The real one, at this host.
    Real(String),
}

/// The whole text.
#[must_use]
pub fn text(places: &Places, keys: &Keys) -> String {
    let mut text = "Concord runs here, wired by template.yaml. Ctrl-C ends it.\n\n".to_owned();
    let mut line = |name: &str, rest: &str| {
        // Writing to a text can't fail.
        let _ = writeln!(text, "  {name:<15} {rest}");
    };
    line("API", &format!("{}   (GET /health needs no key)", places.api));
    line("AWS", &format!("{}   DynamoDB and SQS", places.aws));
    for (system, place) in &places.systems {
        line(system.as_str(), &shown(system, place));
    }
    for (name, secret) in &places.webhooks {
        line("webhook", &format!("{secret}   {name}"));
    }
    let kept = places.data.as_deref();
    line(
        "data",
        kept.unwrap_or("in memory: gone at the end (--data DIR keeps it)"),
    );
    for (scope, key) in keys.all() {
        line("key", &format!("{key}   {scope}"));
    }
    line("operators", &operators(places));
    text.push_str("\nTry, one after the other:\n\n");
    for curl in curls(places, keys) {
        let _ = writeln!(text, "  {curl}");
    }
    text
}

/// The secrets of the webhooks that were not `given`: whoever gave one knows it, and it is printed nowhere.
#[must_use]
pub fn webhooks(given: &BTreeMap<String, String>) -> Vec<(&'static str, &'static str)> {
    let is_one = |name: &str| name.ends_with("_WEBHOOK_SECRET") || name.ends_with("_WEBHOOK_TOKEN");
    let local = LOCAL.iter().copied();
    local.filter(|it| is_one(it.0) && !given.contains_key(it.0)).collect()
}

/// One system's line. The credentials are the twin's own, which open nothing else.
fn shown(system: &System, place: &Place) -> String {
    let local: BTreeMap<&str, &str> = LOCAL.iter().copied().collect();
    match (place, system.as_str()) {
        (Place::Real(host), _) => format!("real: {host}"),
        (Place::Twin(url), "zoho_crm") => format!(
            "twin: {url}   client {} secret {} refresh token {}; organisation of Billing {}",
            local["ZOHO_CLIENT_ID"],
            local["ZOHO_CLIENT_SECRET"],
            local["ZOHO_REFRESH_TOKEN"],
            local["ZOHO_BILLING_ORGANIZATION_ID"]
        ),
        (Place::Twin(url), _) => format!("twin: {url}   apikey {}", apikey(system)),
    }
}

fn apikey(system: &System) -> &'static str {
    let name = format!("{}_SUPABASE_SERVICE_KEY", system.as_str().to_uppercase());
    LOCAL.iter().find(|it| it.0 == name).map_or("", |it| it.1)
}

/// What `concord` and the AWS CLI need in their environment.
fn operators(places: &Places) -> String {
    format!(
        "AWS_ENDPOINT_URL={} AWS_REGION={} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local TABLE_NAME={} cargo run -q -p concord -- status",
        places.aws,
        arn::REGION,
        places.table
    )
}

/// The three lines: send a lead, ask for it, see where it went.
#[must_use]
pub fn curls(places: &Places, keys: &Keys) -> [String; 3] {
    let (api, leads) = (&places.api, keys.of(Scope::Leads));
    let body = format!(
        r#"{{"id":"{LEAD}","name":"Maria Borg","email":"maria.borg@example.com","city":"Xagħra","status":"new","total_price":"8450.00"}}"#
    );
    let send = format!(
        "curl -sS -w '\\n' {api}/leads -H 'Authorization: Bearer {leads}' -H 'Content-Type: application/json' -d '{body}'"
    );
    let ask = format!("curl -sS -w '\\n' {api}/leads/{LEAD} -H 'Authorization: Bearer {leads}'");
    [send, ask, result(places, keys)]
}

/// The row in the back office's twin, a moment later; where that is real, a pull from Zoho.
fn result(places: &Places, keys: &Keys) -> String {
    let backoffice = places.systems.iter().find(|it| it.0 == System::BACKOFFICE);
    match backoffice {
        Some((system, Place::Twin(url))) => format!(
            "sleep 4; curl -sS -w '\\n' '{url}/rest/v1/leads?portal_lead_id=eq.{LEAD}' -H 'apikey: {}'",
            apikey(system)
        ),
        _ => format!(
            "curl -sS -w '\\n' -X POST {}/crons/zoho_crm_pull -H 'Authorization: Bearer {}'",
            places.api,
            keys.of(Scope::Crons)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_was_given_is_not_printed() {
        let local = webhooks(&BTreeMap::new());
        assert!(local.contains(&("STRIPE_WEBHOOK_SECRET", "whsec_local")), "{local:?}");
        let given = BTreeMap::from([("STRIPE_WEBHOOK_SECRET".to_owned(), "whsec_own".to_owned())]);
        let left = webhooks(&given);
        assert_eq!(left.len(), local.len() - 1);
        assert!(left.iter().all(|it| it.0 != "STRIPE_WEBHOOK_SECRET"));
    }
}
