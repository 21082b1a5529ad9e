//! What the accounts server's answer means: decided by its content, never by its status.

use super::{MINT_WINDOW, MintError, Minted};
use crate::systems::said::said;
use secrecy::SecretString;
use serde_json::Value as Json;
use std::time::Duration;
use url::Url;

/// An access token lives an hour (zohohelp.com, token validity); used where the answer does not say.
const USUAL_LIFE: Duration = Duration::from_secs(3600);

pub(super) fn token(status: u16, body: Option<&Json>) -> Result<Minted, MintError> {
    let body = body.unwrap_or(&Json::Null);
    match body["access_token"].as_str() {
        Some(token) if !token.is_empty() => Ok(Minted {
            access_token: SecretString::from(token),
            expires_in: life(body),
            api_domain: body["api_domain"].as_str().and_then(|text| Url::parse(text).ok()),
        }),
        _ => Err(refusal(status, body)),
    }
}

/// Where the legacy `expires_in_sec` is there, `expires_in` is in milliseconds (SDK, `get_token_expires_in`).
fn life(body: &Json) -> Duration {
    let number = |name: &str| {
        let value = &body[name];
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let seconds = number("expires_in_sec").or_else(|| number("expires_in"));
    seconds.map_or(USUAL_LIFE, Duration::from_secs)
}

fn refusal(status: u16, body: &Json) -> MintError {
    let code = body["error"].as_str().unwrap_or_default();
    let detail = body["error_description"].as_str().unwrap_or_default();
    let why = match code {
        "" => format!("HTTP {status} without a token"),
        _ => said(code, detail),
    };
    let words = format!("{code} {detail}").to_lowercase();
    if status == 429 || words.contains("access denied") || words.contains("too many") {
        return MintError::WaitOut { wait: MINT_WINDOW, why };
    }
    if code.starts_with("invalid_") || code.starts_with("unauthorized") || code.starts_with("unsupported") {
        return MintError::Reconnect(why);
    }
    MintError::Later(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_read_from_its_words() {
        let too_many = "You have made too many requests continuously. Please try again after some time.";
        for (status, body, expected) in [
            (200, json!({"error": "invalid_code"}), "reconnect"),
            (400, json!({"error": "invalid_client"}), "reconnect"),
            (400, json!({"error": "invalid_grant"}), "reconnect"),
            (401, json!({"error": "invalid_client_secret"}), "reconnect"),
            (
                200,
                json!({"error": "Access Denied", "error_description": too_many, "status": "failure"}),
                "wait",
            ),
            (400, json!({"error": "Access Denied"}), "wait"),
            (429, json!(null), "wait"),
            (500, json!({"error": "general_error"}), "later"),
            (502, json!(null), "later"),
            (200, json!({}), "later"),
            (200, json!({"access_token": ""}), "later"),
        ] {
            let found = match token(status, Some(&body)) {
                Err(MintError::Reconnect(_)) => "reconnect",
                Err(MintError::WaitOut { wait: MINT_WINDOW, .. }) => "wait",
                Err(MintError::Later(_)) => "later",
                _ => "a token",
            };
            assert_eq!(found, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_token_is_one_whatever_the_status() {
        for (body, seconds) in [
            (json!({"access_token": "a", "expires_in": 3600}), 3600),
            (json!({"access_token": "a", "expires_in": "1800"}), 1800),
            (
                json!({"access_token": "a", "expires_in": 3_600_000, "expires_in_sec": 3600}),
                3600,
            ),
            (json!({"access_token": "a"}), 3600),
        ] {
            let minted = token(400, Some(&body)).unwrap();
            assert_eq!(minted.expires_in, Duration::from_secs(seconds));
        }
        let body = json!({"access_token": "a", "api_domain": "https://www.zohoapis.eu"});
        assert_eq!(
            token(200, Some(&body)).unwrap().api_domain.unwrap().as_str(),
            "https://www.zohoapis.eu/"
        );
    }
}
