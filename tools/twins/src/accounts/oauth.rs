//! Tokens in exchange for codes and refresh tokens (docs/vendors.md §1.2).

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Accounts;
use super::tokens::Denied;
use crate::answer::zoho as body;
use crate::calls::CallLog;

/// What the accounts host is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Token,
    Revoke,
}

impl Ask {
    /// The operation's name in faults and log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Ask::Token => "token",
            Ask::Revoke => "revoke",
        }
    }
}

/// Answers a request with this query and form body; Zoho takes the parameters from either.
///
/// # Errors
/// When the tokens could not be kept.
pub(crate) fn answer(
    accounts: &Accounts,
    ask: Ask,
    query: &str,
    form: &[u8],
    now: Timestamp,
    log: &CallLog,
) -> io::Result<Response<Bytes>> {
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    let form: BTreeMap<String, String> = query.chain(url::form_urlencoded::parse(form).into_owned()).collect();
    let desk = Desk { accounts, form, now };
    match ask {
        Ask::Token => desk.token(log),
        Ask::Revoke => desk.revoke(),
    }
}

struct Desk<'a> {
    accounts: &'a Accounts,
    form: BTreeMap<String, String>,
    now: Timestamp,
}

impl Desk<'_> {
    fn given(&self, name: &str) -> &str {
        self.form.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The refresh and the exchange.
    fn token(&self, log: &CallLog) -> io::Result<Response<Bytes>> {
        let settings = self.accounts.settings();
        if self.given("client_id") != settings.client_id || self.given("client_secret") != settings.client_secret {
            return Ok(self.refused(&json!({ "error": "invalid_client" })));
        }
        let now = self.now;
        let (minted, kept) = match self.given("grant_type") {
            "refresh_token" => {
                let mint = |access| (None, access);
                self.accounts
                    .change(|tokens| tokens.mint(self.given("refresh_token"), now).map(mint))
            }
            "authorization_code" if self.given("redirect_uri") != settings.redirect_uri => {
                return Ok(self.refused(&json!({ "error": "invalid_redirect_uri" })));
            }
            "authorization_code" => {
                let exchange = |(refresh, access)| (Some(refresh), access);
                self.accounts
                    .change(|tokens| tokens.exchange(self.given("code"), now).map(exchange))
            }
            _ => return Ok(self.refused(&json!({ "error": "unsupported_grant_type" }))),
        };
        kept?;
        Ok(match minted {
            Ok((refresh, access)) => self.granted(refresh, &access),
            Err(Denied::Code) => self.refused(&json!({ "error": "invalid_code" })),
            Err(Denied::Limit) => {
                log.violation(now, "mint limit: more than 10 access tokens in 10 minutes");
                self.refused(&access_denied())
            }
        })
    }

    fn granted(&self, refresh: Option<String>, access: &str) -> Response<Bytes> {
        let mut answer = json!({
            "access_token": access,
            "expires_in": 3600,
            "api_domain": self.accounts.settings().api_domain,
            "token_type": "Bearer",
        });
        if let Some(refresh) = refresh {
            answer["refresh_token"] = json!(refresh);
        }
        body(200, &answer)
    }

    fn refused(&self, error: &Value) -> Response<Bytes> {
        body(self.accounts.settings().token_error_status, error)
    }

    /// `POST /oauth/v2/token/revoke?token=`.
    fn revoke(&self) -> io::Result<Response<Bytes>> {
        let (revoked, kept) = self.accounts.change(|tokens| tokens.revoke(self.given("token")));
        kept?;
        Ok(match revoked {
            true => body(200, &json!({ "status": "success" })),
            false => self.refused(&json!({ "error": "invalid_code" })),
        })
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
