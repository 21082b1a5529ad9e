//! `GET /health`: reads stored results only.

use anyhow::Result;
use lambda_http::{Body, Request, Response};
use shared::api::{health, problem};
use shared::app::App;

/// 200 or 503, open to everyone.
///
/// # Errors
/// None of its own: a table that does not answer is a check that failed.
pub async fn handle(app: App, _request: Request) -> Result<Response<Body>> {
    let health = health::check(&app).await;
    let status = if health.healthy() { 200 } else { 503 };
    Ok(problem::json(status, &health))
}
