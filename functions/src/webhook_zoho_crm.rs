//! `POST /webhooks/zoho-crm`: Zoho's notification channel says that leads changed.

use anyhow::Result;
use lambda_http::{Body, Request, Response};
use serde_json::Value as Json;
use shared::api::webhook;
use shared::app::App;

/// Verifies the echoed token, stores, enqueues, acknowledges.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let body = request.body().as_ref();
    // The token stands in the body: it is parsed for that alone, before anything is believed.
    let shown = serde_json::from_slice::<Json>(body)
        .ok()
        .and_then(|it| it.get("token")?.as_str().map(str::to_owned));
    let secret = app.config.zoho_webhook_token.as_ref();
    webhook::receive(&app, "zoho_crm", body, shown.as_deref(), secret).await
}
