//! `POST /webhooks/zoho-crm`: Zoho's notification channel says that leads changed.

use anyhow::Result;
use lambda_http::{Body, Request, Response};
use serde_json::{Value as Json, json};
use shared::api::problem;
use shared::app::App;
use shared::intake::{self, LARGEST_BODY};

/// Verifies the echoed token, stores, enqueues, acknowledges.
///
/// # Errors
/// When it could not be stored: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let body = request.body().as_ref();
    if body.len() > LARGEST_BODY {
        return Ok(problem::problem(
            413,
            "Too large",
            "A notification has at most 256 kB.",
            None,
        ));
    }
    // The token stands in the body: it is parsed for that alone, before anything is believed.
    let shown = serde_json::from_slice::<Json>(body)
        .ok()
        .and_then(|it| it.get("token")?.as_str().map(str::to_owned));
    let secret = app.config.zoho_webhook_token.as_ref();
    let Some(verified) = intake::verify(body, shown.as_deref(), secret) else {
        return Ok(problem::unauthorised());
    };
    let id = intake::store(&app, "zoho_crm", verified).await?;
    Ok(problem::json(200, &json!({ "stored": id })))
}
