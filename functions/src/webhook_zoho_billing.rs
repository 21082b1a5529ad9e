//! `POST /webhooks/zoho-billing`: Zoho Billing says that an object changed.

use anyhow::Result;
use lambda_http::{Body, Request, Response};
use shared::api::webhook;
use shared::app::App;

/// Verifies the secret header, stores, enqueues, acknowledges.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let shown = request.headers().get("x-webhook-secret");
    let shown = shown.and_then(|it| it.to_str().ok());
    let secret = app.config.billing.zoho_webhook_secret.as_ref();
    webhook::receive(&app, "zoho_billing", request.body().as_ref(), shown, secret).await
}
