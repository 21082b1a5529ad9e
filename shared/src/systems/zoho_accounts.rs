//! Zoho's accounts server: access tokens, and which hosts are Zoho's; what all of its products share.
//!
//! Sources: docs/vendors.md §1.1 and §1.2 (the SDK's data centres and token code; Kaizen #43).

mod judge;

use crate::systems::CallError;
use crate::systems::http::{Base, Http, READ_TIMEOUT, Request};
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Access tokens that one refresh token may ask for in [`MINT_WINDOW`]; beyond that Zoho answers "Access Denied".
pub const MINTS_PER_WINDOW: u32 = 10;
/// The window of [`MINTS_PER_WINDOW`], and how long "Access Denied" is waited out.
pub const MINT_WINDOW: Duration = Duration::from_secs(600);

/// One of Zoho's data centres. A token of one is refused by the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataCentre {
    /// What `ZOHO_REGION` says: the ending of Zoho's domain there.
    pub region: &'static str,
    /// Host of the accounts server.
    pub accounts: &'static str,
    /// Host of the API.
    pub api: &'static str,
}

const fn centre(region: &'static str, accounts: &'static str, api: &'static str) -> DataCentre {
    DataCentre { region, accounts, api }
}

/// All data centres. Canada's accounts server is not under `zoho.ca`.
pub const DATA_CENTRES: [DataCentre; 8] = [
    centre("com", "accounts.zoho.com", "www.zohoapis.com"),
    centre("eu", "accounts.zoho.eu", "www.zohoapis.eu"),
    centre("in", "accounts.zoho.in", "www.zohoapis.in"),
    centre("com.au", "accounts.zoho.com.au", "www.zohoapis.com.au"),
    centre("jp", "accounts.zoho.jp", "www.zohoapis.jp"),
    centre("ca", "accounts.zohocloud.ca", "www.zohoapis.ca"),
    centre("sa", "accounts.zoho.sa", "www.zohoapis.sa"),
    centre("com.cn", "accounts.zoho.com.cn", "www.zohoapis.com.cn"),
];

/// The data centre of a region such as `eu`.
#[must_use]
pub fn data_centre(region: &str) -> Option<&'static DataCentre> {
    DATA_CENTRES.iter().find(|centre| centre.region == region)
}

/// The host to use: the one that the token answer named (`api_domain`), if it is one of Zoho's API hosts
/// (`www`, `sandbox` or `developer`) over https, else the configured one. A configured host that is not
/// Zoho's, a twin's, is never left for Zoho's.
#[must_use]
fn api_base(named: Option<&Url>, configured: &Base) -> Base {
    let named = named.and_then(|url| Base::parse(url.as_str()).ok());
    match named {
        Some(named) if is_api(&named) && is_api(configured) => named,
        _ => configured.clone(),
    }
}

fn is_api(base: &Base) -> bool {
    let host = base.host();
    let test = ["sandbox.", "developer."]
        .iter()
        .find_map(|kind| host.strip_prefix(kind));
    let live = test.map_or_else(|| host.to_owned(), |rest| format!("www.{rest}"));
    let usual = base.url().scheme() == "https" && base.url().port().is_none();
    usual && DATA_CENTRES.iter().any(|centre| centre.api == live)
}

/// An id as text: a 64-bit integer that must never pass through a float (§1.3, §2.1).
pub(super) fn id(value: &Json) -> Option<String> {
    match value {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a call to one of Zoho's APIs is made with. `Debug` does not show the token.
#[derive(Clone, Debug)]
pub struct Access {
    /// The access token.
    pub token: SecretString,
    /// The API's address as the token answer named it; used where it is one of Zoho's own hosts, and then
    /// preferred to the configured one (§1.1).
    pub api_domain: Option<Url>,
}

impl Access {
    /// The host of a call, where `configured` is the API's.
    pub(super) fn base(&self, configured: &Base) -> Base {
        api_base(self.api_domain.as_ref(), configured)
    }

    /// The request with the token, in Zoho's own scheme, not `Bearer` (§1.2).
    pub(super) fn sign(&self, request: Request) -> Request {
        request.secret("authorization", "Zoho-oauthtoken ", &self.token)
    }
}

/// What an access token is asked for with. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// The refresh token: valid until it is revoked, not replaced by a refresh.
    pub refresh_token: SecretString,
}

/// A fresh access token.
#[derive(Clone)]
pub struct Minted {
    /// The token.
    pub access_token: SecretString,
    /// How long it lives from now on (an hour, usually).
    pub expires_in: Duration,
    /// The API's address as the answer names it; [`api_base`] says whether it may be used.
    pub api_domain: Option<Url>,
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Minted {{ expires_in: {:?}, .. }}", self.expires_in)
    }
}

/// Why there is no new token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// Too many tokens were asked for: ask no more for this long.
    #[error("too many tokens were asked for: {why}")]
    WaitOut {
        /// How long.
        wait: Duration,
        /// Zoho's words.
        why: String,
    },
    /// Client or refresh token are not valid (any more): a person connects anew.
    #[error("reconnect needed: {0}")]
    Reconnect(String),
    /// No usable answer: ask again later. The refresh token is as good as before.
    #[error("no token now: {0}")]
    Later(String),
}

/// Asks for an access token: `POST {accounts}/oauth/v2/token`, `grant_type=refresh_token`.
///
/// Safe to repeat, since Zoho's refresh token does not change; but each ask counts against
/// [`MINTS_PER_WINDOW`], also one whose answer is lost.
///
/// # Errors
/// See [`MintError`]; judged by what the answer says, since Zoho refuses with status 200, too.
pub async fn refresh(http: &Http, accounts: &Base, credentials: &Credentials) -> Result<Minted, MintError> {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", credentials.refresh_token.expose_secret()),
        ("client_id", &credentials.client_id),
        ("client_secret", credentials.client_secret.expose_secret()),
    ];
    let request = Request::read(Method::POST, accounts, &["oauth", "v2", "token"])
        .within(READ_TIMEOUT)
        .form(&form);
    let answer = http
        .send(request)
        .await
        .map_err(|error: CallError| MintError::Later(error.to_string()))?;
    judge::token(answer.status().as_u16(), answer.json().ok().flatten().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::http::script::{Script, answer};

    fn credentials() -> Credentials {
        Credentials {
            client_id: "1000.X".to_owned(),
            client_secret: "s&cret".into(),
            refresh_token: "1000.r+t".into(),
        }
    }

    #[tokio::test]
    async fn asks_in_the_form_that_zoho_documents() {
        let (http, script) = Script::http([answer(200, r#"{"access_token":"a","expires_in":3600}"#)]);
        let accounts = Base::parse("https://accounts.zoho.eu").unwrap();
        let minted = refresh(&http, &accounts, &credentials()).await.unwrap();
        assert_eq!(minted.access_token.expose_secret(), "a");
        let sent = script.only();
        assert_eq!(
            (sent.method(), sent.uri().to_string().as_str()),
            (&Method::POST, "https://accounts.zoho.eu/oauth/v2/token")
        );
        let body = "grant_type=refresh_token&refresh_token=1000.r%2Bt&client_id=1000.X&client_secret=s%26cret";
        assert_eq!(sent.body(), body);
        assert_eq!(sent.headers()["content-type"], "application/x-www-form-urlencoded");
    }

    #[tokio::test]
    async fn nothing_secret_is_shown() {
        let minted = Minted {
            access_token: "top".into(),
            expires_in: Duration::from_secs(1),
            api_domain: None,
        };
        let shown = format!("{:?} {minted:?}", credentials());
        assert!(
            !shown.contains("cret\"") && !shown.contains("r+t") && !shown.contains("top"),
            "{shown}"
        );
    }

    #[test]
    fn only_zohos_own_hosts_replace_the_configured_one() {
        let configured = "https://www.zohoapis.com";
        for (named, base, used) in [
            ("https://www.zohoapis.eu", configured, "https://www.zohoapis.eu/"),
            (
                "https://sandbox.zohoapis.com.au",
                configured,
                "https://sandbox.zohoapis.com.au/",
            ),
            ("http://www.zohoapis.eu", configured, "https://www.zohoapis.com/"),
            ("https://www.zohoapis.eu:8443", configured, "https://www.zohoapis.com/"),
            (
                "https://www.zohoapis.eu.evil.example",
                configured,
                "https://www.zohoapis.com/",
            ),
            ("https://evil.example", configured, "https://www.zohoapis.com/"),
            (
                "https://www.zohoapis.com",
                "http://127.0.0.1:9000",
                "http://127.0.0.1:9000/",
            ),
        ] {
            let base = Base::parse(base).unwrap();
            let found = api_base(Some(&Url::parse(named).unwrap()), &base);
            assert_eq!(found.url().as_str(), used, "{named}");
        }
    }

    #[test]
    fn each_region_has_its_hosts() {
        assert_eq!(data_centre("ca").unwrap().accounts, "accounts.zohocloud.ca");
        assert_eq!(data_centre("mars"), None);
    }
}
