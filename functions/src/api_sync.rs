//! `GET /sync/{kind}?id=` tells how a record stands; `POST /sync/{kind}/{id}` syncs it now; `POST /sync/bulk` everything.

use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use shared::api::auth::{Scope, caller};
use shared::api::{problem, sync};
use shared::app::App;

/// Needs a key of billing's API.
///
/// # Errors
/// When the table does not answer: the answer is 503.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let Some(caller) = caller(&app, &request, Scope::Billing).await? else {
        return Ok(problem::unauthorised());
    };
    let parameters = request.path_parameters();
    let kind = parameters.first("kind").unwrap_or_default();
    match (request.method().as_str(), parameters.first("id")) {
        ("POST", Some(id)) => sync::post(&app, &request, &caller, kind, id).await,
        ("POST", None) => sync::bulk(&app, &request, &caller).await,
        _ => sync::get(&app, &request, kind).await,
    }
}
