//! What both kinds of webhook have in common: verify, store, acknowledge; in this order, and nothing without the first.

use super::body::too_large;
use super::problem::{json, problem, unproven};
use crate::app::App;
use crate::intake;
use anyhow::Result;
use lambda_http::{Body, Response};
use secrecy::SecretString;
use serde_json::json as object;

/// Takes in a webhook of `source`, whose sender shows `shown` where `secret` is expected.
///
/// # Errors
/// When it could not be stored: the answer is 503, on which the sender tries again.
pub async fn receive(
    app: &App,
    source: &str,
    body: &[u8],
    shown: Option<&str>,
    secret: Option<&SecretString>,
) -> Result<Response<Body>> {
    if let Some(refusal) = too_large(body, "A webhook") {
        return Ok(refusal);
    }
    let Some(verified) = intake::verify(body, shown, secret) else {
        tracing::warn!(
            source,
            "webhook refused: its secret is missing or wrong, or none is configured"
        );
        return Ok(unproven(proof(source)));
    };
    let Some(readable) = verified.json() else {
        return Ok(problem(400, "Broken JSON", "The body is not JSON.", None));
    };
    let id = intake::store(app, source, readable).await?;
    Ok(json(200, &object!({ "stored": id })))
}

/// Where a sender shows the secret that both know.
fn proof(source: &str) -> &'static str {
    match source {
        "zoho_crm" => "Send the channel's token as the body's \"token\".",
        _ => "Send this webhook's secret in the header x-webhook-secret.",
    }
}
