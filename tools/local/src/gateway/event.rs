//! A request as the payload-2.0 event that a function gets.

use crate::arn;
use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderMap, Request, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The API's id in every local event.
const API: &str = "local";

/// What the gateway knows of a request beyond the request itself.
#[derive(Clone, Debug)]
pub struct Context {
    /// The request's id, also the last part of its trace header.
    pub request_id: String,
    /// The caller's address.
    pub source_ip: String,
    /// When it came.
    pub time: Timestamp,
}

/// The event for a request that takes the route `key` with these path parameters.
#[must_use]
pub fn event(request: &Request<Bytes>, key: &str, parameters: &BTreeMap<String, String>, context: &Context) -> Value {
    let query = request.uri().query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": request.uri().path(),
        "rawQueryString": query,
        "headers": headers(request.headers(), context),
        "requestContext": request_context(request, key, context),
        "isBase64Encoded": false,
    });
    let cookies = cookies(request.headers());
    set_unless_empty(&mut event, "cookies", cookies.is_empty(), json!(cookies));
    set_unless_empty(
        &mut event,
        "queryStringParameters",
        query.is_empty(),
        json!(parsed(query)),
    );
    set_unless_empty(&mut event, "pathParameters", parameters.is_empty(), json!(parameters));
    set_body(&mut event, request);
    event
}

fn set_unless_empty(event: &mut Value, name: &str, empty: bool, value: Value) {
    if !empty {
        event[name] = value;
    }
}

fn set_body(event: &mut Value, request: &Request<Bytes>) {
    let body = request.body();
    if body.is_empty() {
        return;
    }
    let text = std::str::from_utf8(body).ok().filter(|_| is_text(request.headers()));
    event["isBase64Encoded"] = json!(text.is_none());
    event["body"] = text.map_or_else(|| json!(BASE64.encode(body)), |text| json!(text));
}

/// Whether a body of this type travels as text. A form does not, and neither does one without a type.
fn is_text(headers: &HeaderMap) -> bool {
    let whole = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/json" | "application/xml" | "application/javascript"
        )
}

fn request_context(request: &Request<Bytes>, key: &str, context: &Context) -> Value {
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    json!({
        "accountId": arn::ACCOUNT,
        "apiId": API,
        "domainName": format!("{API}.execute-api.{}.amazonaws.com", arn::REGION),
        "domainPrefix": API,
        "http": {
            "method": request.method().as_str(),
            "path": request.uri().path(),
            "protocol": "HTTP/1.1",
            "sourceIp": context.source_ip,
            "userAgent": agent.unwrap_or_default(),
        },
        "requestId": context.request_id,
        "routeKey": key,
        "stage": "$default",
        "time": context.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": context.time.as_millisecond(),
    })
}

/// Names in lower case, repeated ones joined with commas; cookies stand apart, and the gateway adds its own.
fn headers(given: &HeaderMap, context: &Context) -> Map<String, Value> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in given.iter().filter(|(name, _)| *name != header::COOKIE) {
        append(&mut joined, name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    append(&mut joined, "x-forwarded-for", &context.source_ip);
    joined.entry("x-forwarded-port").or_insert_with(|| "443".to_owned());
    joined.entry("x-forwarded-proto").or_insert_with(|| "https".to_owned());
    joined.entry("x-amzn-trace-id").or_insert_with(|| trace_id(context));
    joined
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
}

/// `Root=1-<seconds in hex>-<24 hex digits>`; the digits are those of the request's id, so they are reproducible.
fn trace_id(context: &Context) -> String {
    let digest = format!("{:x}", md5::compute(&context.request_id));
    format!("Root=1-{:08x}-{}", context.time.as_second(), &digest[..24])
}

fn cookies(given: &HeaderMap) -> Vec<String> {
    let values = given
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let cookies = values.flat_map(|value| value.split(';'));
    cookies
        .map(|cookie| cookie.trim().to_owned())
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Query parameters, decoded; repeated ones joined with commas.
fn parsed(query: &str) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        append(&mut joined, decoded(name), &decoded(value));
    }
    joined
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn append<Name: Ord>(joined: &mut BTreeMap<Name, String>, name: Name, value: &str) {
    joined
        .entry(name)
        .and_modify(|present| {
            present.push(',');
            present.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
}
