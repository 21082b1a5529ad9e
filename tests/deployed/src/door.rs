//! The API's own door: over HTTP, by the emulator's gateway.

use crate::account::Account;
use crate::emulator::Emulator;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Request;
use http::request::Builder;
use serde_json::Value;
use shared::systems::http::{Reqwest, Transport as _};

/// A way to send requests to the deployed API. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    http: Reqwest,
    host: String,
    port: u16,
}

impl Door {
    /// A door to the stack's API.
    ///
    /// # Errors
    /// When no client can be built.
    pub(crate) fn new(emulator: &Emulator, account: &Account) -> Result<Self> {
        Ok(Self {
            http: Reqwest::new()?,
            host: format!("{}.execute-api.localhost:{}", account.stack.api, emulator.port),
            port: emulator.port,
        })
    }

    /// Posts as an outside system does; the status.
    ///
    /// # Errors
    /// When no answer comes.
    pub(crate) async fn post(&self, path: &str, headers: &[(String, String)], body: Bytes) -> Result<u16> {
        let request = headers
            .iter()
            .fold(self.request("POST", path), |request, (name, value)| {
                request.header(name, value)
            });
        let answer = self.http.send(request.body(body)?).await?;
        Ok(answer.status().as_u16())
    }

    /// A call under a key: status and JSON answer.
    ///
    /// # Errors
    /// When no answer comes.
    pub(crate) async fn call(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        let request = self
            .request(method, path)
            .header("authorization", format!("Bearer {key}"));
        let body = body.map(|it| Bytes::from(it.to_string())).unwrap_or_default();
        let answer = self.http.send(request.body(body)?).await;
        let answer = answer.with_context(|| format!("{method} {path}"))?;
        let told = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
        Ok((answer.status().as_u16(), told))
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .header("host", &self.host)
            .header("content-type", "application/json")
    }
}
