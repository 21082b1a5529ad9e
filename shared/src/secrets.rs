//! Secrets from Secrets Manager, read without another SDK: one signed POST per entry at cold start.

use crate::aws::Access;
use crate::clock::Clock;
use crate::config::Lookup;
use crate::systems::http::Transport;
use anyhow::{Context as _, Result, ensure};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const TARGET: &str = "secretsmanager.GetSecretValue";
/// A start has ten seconds in all, and up to four entries to read.
const PATIENCE: Duration = Duration::from_secs(2);
const JSON: &str = "application/x-amz-json-1.1";

/// All variables of the entries that `SECRETS` names, each a JSON object of variables.
///
/// # Errors
/// Names the entry that could not be read; never its content.
pub async fn fetch(
    aws: &Access,
    clock: &Clock,
    transport: &Arc<dyn Transport>,
    lookup: Lookup<'_>,
) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for arn in lookup("SECRETS")
        .unwrap_or_default()
        .split(',')
        .filter(|it| !it.is_empty())
    {
        let entry = match one(aws, clock, transport, arn).await {
            // One lost answer, or one throttled call, is no reason for a start to fail.
            Err(_) => one(aws, clock, transport, arn).await,
            entry => entry,
        };
        let entry = entry.with_context(|| format!("read the secret {arn}"))?;
        // An entry that still holds the template's empty values configures nothing.
        found.extend(entry.into_iter().filter(|it| !it.1.is_empty()));
    }
    Ok(found)
}

async fn one(
    aws: &Access,
    clock: &Clock,
    transport: &Arc<dyn Transport>,
    arn: &str,
) -> Result<BTreeMap<String, String>> {
    let default = format!("https://secretsmanager.{}.amazonaws.com", aws.region);
    let url = format!(
        "{}/",
        aws.secrets_endpoint
            .as_deref()
            .unwrap_or(&default)
            .trim_end_matches('/')
    );
    let body = serde_json::json!({ "SecretId": arn }).to_string();
    let mut request = http::Request::post(&url)
        .header("content-type", JSON)
        .header("x-amz-target", TARGET)
        .body(bytes::Bytes::from(body))?;
    sign_request(aws, clock, &mut request)?;
    let answer = tokio::time::timeout(PATIENCE, transport.send(request));
    let answer = answer.await.context("no answer in time")??;
    ensure!(answer.status().is_success(), "answered {}", answer.status());
    let answer: serde_json::Value = serde_json::from_slice(answer.body()).context("not JSON")?;
    let text = answer
        .get("SecretString")
        .and_then(|it| it.as_str())
        .context("holds no text")?;
    serde_json::from_str(text).ok().context("is not a JSON object of texts")
}

fn sign_request(aws: &Access, clock: &Clock, request: &mut http::Request<bytes::Bytes>) -> Result<()> {
    let identity = aws.credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&aws.region)
        .name("secretsmanager")
        .time(SystemTime::from(clock.now()))
        .settings(SigningSettings::default())
        .build()?;
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let signable = SignableRequest::new(
        "POST",
        request.uri().to_string(),
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(request.body()),
    )?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
