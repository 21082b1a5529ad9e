//! `POST /webhooks/supabase/{project}`: a database webhook says that a row changed.

use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use shared::api::webhook;
use shared::app::App;

/// Verifies the project's secret header, stores, enqueues, acknowledges.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let parameters = request.path_parameters();
    let (source, secret) = match parameters.first("project") {
        Some("app") => ("app", app.config.billing.app_webhook_secret.as_ref()),
        Some("portal") => ("portal", app.config.portal_webhook_secret.as_ref()),
        // An unknown project is answered like a wrong secret: the route tells nobody what exists.
        _ => ("", None),
    };
    let shown = request
        .headers()
        .get("x-webhook-secret")
        .and_then(|it| it.to_str().ok());
    webhook::receive(&app, source, request.body().as_ref(), shown, secret).await
}
