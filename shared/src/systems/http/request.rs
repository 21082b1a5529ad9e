//! Building one request.

use super::{Base, Effect, READ_TIMEOUT, WRITE_TIMEOUT};
use crate::systems::CallError;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Not browser-like: Supabase answers 401 to a secret key with a browser's name (its guide "API keys").
const USER_AGENT: &str = concat!("concord/", env!("CARGO_PKG_VERSION"));

/// RFC 3986's unreserved characters stay; everything else is escaped, a space as `%20` (`+` is a form's way).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request, not yet sent. Its host is that of a [`Base`]; `Debug` shows no query, header or body.
pub struct Request {
    effect: Effect,
    timeout: Duration,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    unsendable: Option<CallError>,
}

impl Request {
    /// A call by GET, which changes nothing.
    #[must_use]
    pub fn get(base: &Base, path: &[&str]) -> Self {
        Self::read(Method::GET, base, path)
    }

    /// A call that changes nothing, though its method may be POST; times out after [`READ_TIMEOUT`].
    #[must_use]
    pub fn read(method: Method, base: &Base, path: &[&str]) -> Self {
        Self::new(Effect::Reads, READ_TIMEOUT, method, base.at(path))
    }

    /// A call that changes something; times out after [`WRITE_TIMEOUT`].
    #[must_use]
    pub fn write(method: Method, base: &Base, path: &[&str]) -> Self {
        Self::new(Effect::Writes, WRITE_TIMEOUT, method, base.at(path))
    }

    fn new(effect: Effect, timeout: Duration, method: Method, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            effect,
            timeout,
            method,
            url,
            headers,
            body: Bytes::new(),
            unsendable: None,
        }
    }

    /// Another timeout than the usual one.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the query to these pairs, escaped.
    #[must_use]
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.set_query(Some(&escaped_pairs(pairs)));
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        let unsendable = || CallError::Rejected(format!("the header {name} has a value that can't be sent"));
        self.put(name, HeaderValue::from_str(value).map_err(|_| unsendable()))
    }

    /// Sets a header that carries a secret, after `scheme` (such as `"Bearer "`); it is never shown.
    #[must_use]
    pub fn secret(self, name: &'static str, scheme: &str, secret: &SecretString) -> Self {
        let hidden = HeaderValue::from_str(&format!("{scheme}{}", secret.expose_secret())).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let unsendable = || CallError::Forbidden(format!("the key for the header {name} can't be sent"));
        self.put(name, hidden.map_err(|_| unsendable()))
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Json) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sets a form body (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.body("application/x-www-form-urlencoded", escaped_pairs(pairs))
    }

    pub(super) fn effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn into_wire(self) -> Result<http::Request<Bytes>, CallError> {
        if let Some(error) = self.unsendable {
            return Err(error);
        }
        let built = http::Request::builder()
            .method(self.method)
            .uri(self.url.as_str())
            .body(self.body);
        let mut wire = built.map_err(|_| CallError::Rejected("the address can't be sent".to_owned()))?;
        *wire.headers_mut() = self.headers;
        Ok(wire)
    }

    fn body(mut self, kind: &'static str, text: String) -> Self {
        self.body = Bytes::from(text);
        self.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        self
    }

    fn put(mut self, name: &'static str, value: Result<HeaderValue, CallError>) -> Self {
        match value {
            Ok(value) => drop(self.headers.insert(HeaderName::from_static(name), value)),
            Err(error) => self.unsendable = Some(error),
        }
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url.path())
    }
}

/// How many bytes a value takes in a query.
pub(crate) fn escaped_len(value: &str) -> usize {
    escaped(value).map(str::len).sum()
}

fn escaped_pairs(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", escaped(name), escaped(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A part of a path or query, in which any character may stand.
pub(crate) fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ESCAPED)
}
