//! The accounts host: tokens in exchange for codes and refresh tokens (docs/vendors.md §1.2).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, header};
use serde_json::{Value, json};

use super::error::{Failure, body};
use super::route::{Route, covers};
use super::tokens::Denied;
use super::turn::Turn;
use crate::calls::CallLog;

/// The refresh and the exchange. Zoho takes the parameters from form body and query alike.
pub(crate) fn token(turn: &mut Turn<'_>, form: &[u8], log: &CallLog) -> Response<Bytes> {
    let query = url::form_urlencoded::parse(turn.query.as_bytes()).into_owned();
    let form: BTreeMap<String, String> = query.chain(url::form_urlencoded::parse(form).into_owned()).collect();
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let settings = turn.settings;
    if given("client_id") != settings.client_id || given("client_secret") != settings.client_secret {
        return refused(turn, &json!({ "error": "invalid_client" }));
    }
    let now = turn.now;
    let minted = match given("grant_type") {
        "refresh_token" => {
            let refresh = given("refresh_token");
            turn.state
                .with_tokens(|tokens| tokens.mint(refresh, now))
                .map(|access| (None, access))
        }
        "authorization_code" if given("redirect_uri") != settings.redirect_uri => {
            return refused(turn, &json!({ "error": "invalid_redirect_uri" }));
        }
        "authorization_code" => {
            let code = given("code");
            turn.state
                .with_tokens(|tokens| tokens.exchange(code, now))
                .map(|(r, access)| (Some(r), access))
        }
        _ => return refused(turn, &json!({ "error": "unsupported_grant_type" })),
    };
    match minted {
        Ok((refresh, access)) => granted(turn, refresh, &access),
        Err(Denied::Code) => refused(turn, &json!({ "error": "invalid_code" })),
        Err(Denied::Limit) => {
            log.violation(now, "mint limit: more than 10 access tokens in 10 minutes");
            refused(turn, &access_denied())
        }
    }
}

fn access_denied() -> Value {
    json!({
        "error": "Access Denied",
        "error_description":
            "You have made too many requests continuously. Please try again after some time.",
        "status": "failure",
    })
}

fn granted(turn: &Turn<'_>, refresh: Option<String>, access: &str) -> Response<Bytes> {
    let mut answer = json!({
        "access_token": access,
        "expires_in": 3600,
        "api_domain": turn.settings.api_domain,
        "token_type": "Bearer",
    });
    if let Some(refresh) = refresh {
        answer["refresh_token"] = json!(refresh);
    }
    body(200, &answer)
}

fn refused(turn: &Turn<'_>, error: &Value) -> Response<Bytes> {
    body(turn.settings.token_error_status, error)
}

/// `POST /oauth/v2/token/revoke?token=`.
pub(crate) fn revoke(turn: &mut Turn<'_>, form: &[u8]) -> Response<Bytes> {
    let query = url::form_urlencoded::parse(turn.query.as_bytes());
    let mut given = query.chain(url::form_urlencoded::parse(form));
    let token = given
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.into_owned());
    let token = token.unwrap_or_default();
    if turn.state.with_tokens(|tokens| tokens.revoke(&token)) {
        return body(200, &json!({ "status": "success" }));
    }
    refused(turn, &json!({ "error": "invalid_code" }))
}

/// Checks `Authorization: Zoho-oauthtoken …` and the scopes of the operation.
pub(crate) fn authorise(turn: &Turn<'_>, route: &Route) -> Result<(), Failure> {
    let header = turn
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|value| value.strip_prefix("Zoho-oauthtoken ")) else {
        return Err(Failure::new("AUTHENTICATION_FAILURE", json!({})));
    };
    if !turn.state.tokens().is_live(token.trim(), turn.now) {
        return Err(Failure::new("INVALID_TOKEN", json!({})));
    }
    let scopes = &turn.settings.scopes;
    let covered = |needed: &String| scopes.iter().any(|granted| covers(granted, needed));
    match route.scopes(turn.method).iter().all(covered) {
        true => Ok(()),
        false => Err(Failure::new("OAUTH_SCOPE_MISMATCH", json!({}))),
    }
}
