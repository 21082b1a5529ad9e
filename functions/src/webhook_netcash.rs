//! `POST` and `GET /webhooks/netcash`: Netcash, or a buyer's browser, says that a payment moved.

use anyhow::Result;
use lambda_http::{Body, Request, Response};
use shared::api::gateways;
use shared::app::App;

/// Nobody signs these: what is stored is a hint of which transaction to ask Netcash for.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    gateways::netcash(&app, &request).await
}
