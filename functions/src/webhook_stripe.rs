//! `POST /webhooks/stripe`: Stripe says what became of a payment.

use anyhow::Result;
use lambda_http::{Body, Request, Response};
use shared::api::gateways;
use shared::app::App;

/// Verifies the signature over the raw bytes, stores under the event's id, enqueues, acknowledges.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    gateways::stripe(&app, &request).await
}
