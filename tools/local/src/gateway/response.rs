//! A function's answer as the response that the caller gets.

use crate::server;
use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An answer in format 2.0. It has no `multiValueHeaders`: the HTTP API ignores them, so they are not read here either.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// The response for a function's answer; `None` where the function failed or timed out.
///
/// JSON without a `statusCode` is itself the body of a 200. An answer that can't be read is the function's error.
#[must_use]
pub fn response(answer: Option<&Value>) -> Response<Bytes> {
    answer.and_then(read).unwrap_or_else(error)
}

/// The gateway's answer for a function that failed, timed out or answered nonsense.
#[must_use]
pub fn error() -> Response<Bytes> {
    server::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

fn read(answer: &Value) -> Option<Response<Bytes>> {
    if answer.get("statusCode").is_none() {
        return inferred(answer);
    }
    let answer = Answer::deserialize(answer).ok()?;
    let text = answer.body.unwrap_or_default();
    let body = match answer.is_base64_encoded {
        Some(true) => BASE64.decode(text.as_bytes()).ok()?,
        _ => text.into_bytes(),
    };
    let mut response = Response::builder()
        .status(answer.status_code)
        .body(Bytes::from(body))
        .ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers.unwrap_or_default() {
        headers.insert(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(plain(&value)).ok()?,
        );
    }
    for cookie in answer.cookies.unwrap_or_default() {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    let plain_text = HeaderValue::from_static("text/plain;charset=UTF-8");
    headers.entry(header::CONTENT_TYPE).or_insert(plain_text);
    Some(response)
}

fn inferred(answer: &Value) -> Option<Response<Bytes>> {
    let builder = Response::builder().header(header::CONTENT_TYPE, "application/json");
    builder.body(Bytes::from(plain(answer))).ok()
}

/// A string as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
