//! How answers are made: a status, headers, a JSON body.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// An answer with a JSON body.
pub(crate) fn json(status: u16, content_type: &'static str, body: Vec<u8>) -> Response<Bytes> {
    let mut response = bare(status);
    *response.body_mut() = Bytes::from(body);
    let value = HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}

/// A JSON answer of any of Zoho's hosts.
pub(crate) fn zoho(status: u16, value: &Value) -> Response<Bytes> {
    json(status, "application/json;charset=UTF-8", value.to_string().into_bytes())
}

/// An answer without a body.
pub(crate) fn bare(status: u16) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// What a load balancer in front of the vendor says: not the vendor's JSON, as a client will find out.
pub(crate) fn gateway(status: u16) -> Response<Bytes> {
    let mut response = bare(status);
    let reason = response.status().canonical_reason().unwrap_or("error").to_owned();
    *response.body_mut() = Bytes::from(format!("<html><body><h1>{status} {reason}</h1></body></html>"));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// Sets a header whose value is made at run time; a value that HTTP forbids is left out.
pub(crate) fn set(response: &mut Response<Bytes>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}
