//! `POST /webhooks/supabase/{project}`: a database webhook says that a row changed.

use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde_json::json;
use shared::api::problem;
use shared::app::App;
use shared::intake::{self, LARGEST_BODY};

/// Verifies the project's secret header, stores, enqueues, acknowledges.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let parameters = request.path_parameters();
    let secret = match parameters.first("project") {
        Some("portal") => app.config.portal_webhook_secret.as_ref(),
        // An unknown project is answered like a wrong secret: the route tells nobody what exists.
        _ => None,
    };
    let body = request.body().as_ref();
    if body.len() > LARGEST_BODY {
        return Ok(problem::problem(
            413,
            "Too large",
            "A database webhook has at most 256 kB.",
            None,
        ));
    }
    let shown = request
        .headers()
        .get("x-webhook-secret")
        .and_then(|it| it.to_str().ok());
    let Some(verified) = intake::verify(body, shown, secret) else {
        return Ok(problem::unauthorised());
    };
    if serde_json::from_slice::<serde_json::Value>(body).is_err() {
        return Ok(problem::problem(400, "Broken JSON", "The body is not JSON.", None));
    }
    let id = intake::store(&app, "portal", verified).await?;
    Ok(problem::json(200, &json!({ "stored": id })))
}
