//! `POST /leads`: the portal's server sends a lead. `GET /leads/{id}`: where it stands.

use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use shared::api::auth::{Scope, caller};
use shared::api::leads;
use shared::api::problem;
use shared::app::App;

/// Needs a key of the leads' API.
///
/// # Errors
/// When the lead could not be stored: the answer is 503, and the same request may be sent again.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let Some(caller) = caller(&app, &request, Scope::Leads).await? else {
        return Ok(problem::unauthorised());
    };
    if request.method() == "POST" {
        return leads::post(&app, &request, &caller).await;
    }
    let parameters = request.path_parameters();
    leads::get(&app, parameters.first("id").unwrap_or_default()).await
}
