//! Who may ask: keys, as the gateway and PostgREST check them (docs/vendors.md §4.1).

use http::{HeaderMap, header};

use super::error::Failure;
use super::settings::{Key, Settings};

/// Checks `apikey` and `Authorization`.
pub(crate) fn check(settings: &Settings, headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(apikey) = text("apikey") else {
        return Err(Failure::gateway(
            401,
            "No API key found in request",
            "No `apikey` request header or url param was found.",
        ));
    };
    let Some(key) = settings.keys.iter().find(|key| key.text() == apikey) else {
        let hint = "Double check your Supabase `anon` or `service_role` API key.";
        return Err(Failure::gateway(401, "Invalid API key", hint));
    };
    let bearer = text(header::AUTHORIZATION.as_str()).map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
    match key {
        Key::Secret(_) => secret(apikey, bearer, text(header::USER_AGENT.as_str()).unwrap_or_default()),
        Key::Legacy(_) => legacy(apikey, bearer),
    }
}

/// A secret key is no JWT: as a bearer token it is rejected, unless it equals the apikey header.
fn secret(apikey: &str, bearer: Option<&str>, agent: &str) -> Result<(), Failure> {
    // The gateway answers so to whatever looks like a browser.
    if agent.starts_with("Mozilla/") {
        let hint = "Secret API keys can only be used in a protected environment and should never be used in a \
                    browser. Delete this secret API key immediately if publicly exposed.";
        return Err(Failure::gateway(
            401,
            "Forbidden use of secret API key in browser",
            hint,
        ));
    }
    match bearer {
        None => Ok(()),
        Some(bearer) if bearer == apikey => Ok(()),
        Some(bearer) => Err(not_a_jwt(bearer)),
    }
}

/// A legacy key opens the gateway only; the role is that of the bearer token.
fn legacy(apikey: &str, bearer: Option<&str>) -> Result<(), Failure> {
    match bearer {
        Some(bearer) if bearer == apikey => Ok(()),
        Some(bearer) => Err(not_a_jwt(bearer)),
        None => Err(Failure::new(401, "PGRST302", "Anonymous access is disabled")),
    }
}

fn not_a_jwt(bearer: &str) -> Failure {
    let message = match bearer.split('.').count() {
        3 => "No suitable key or wrong key type".to_owned(),
        parts => format!("Expected 3 parts in JWT; got {parts}"),
    };
    Failure::new(401, "PGRST301", &message)
}
