//! `POST /customers`, `/products`, `/plans`, `/services`, `/services/{id}/activate`, `/invoices`, `/payments`, and `GET`
//! of each by its id.

use anyhow::Result;
use lambda_http::{Body, Request, RequestExt as _, Response};
use shared::api::auth::{Scope, caller};
use shared::api::{billing, problem};
use shared::app::App;

/// Needs a key of billing's API.
///
/// # Errors
/// When the record could not be stored: the answer is 503, and the same request may be sent again.
pub async fn handle(app: App, request: Request) -> Result<Response<Body>> {
    let Some(caller) = caller(&app, &request, Scope::Billing).await? else {
        return Ok(problem::unauthorised());
    };
    let Some(kind) = billing::kind_of(request.raw_http_path()) else {
        return Ok(problem::problem(
            404,
            "No such kind",
            "Nothing is billed under this path.",
            None,
        ));
    };
    let parameters = request.path_parameters();
    match (request.method().as_str(), parameters.first("id")) {
        ("POST", Some(id)) => billing::activate(&app, &request, &caller, id).await,
        ("POST", None) => billing::post(&app, &request, &caller, &kind).await,
        (_, id) => billing::get(&app, &kind, id.unwrap_or_default()).await,
    }
}
