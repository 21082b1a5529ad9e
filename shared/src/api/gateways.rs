//! Webhooks of payment gateways, each in its sender's own form.

use super::body::too_large;
use super::problem::{json, problem, unproven};
use crate::app::App;
use crate::intake;
use crate::systems::netcash::{Postback, event_id};
use anyhow::Result;
use lambda_http::{Body, Request, Response};
use serde_json::{Value as Json, json as object};

/// A form of Netcash: stored by what it announces, never with what it tells of a card. A browser is sent back to the shop.
///
/// # Errors
/// When it could not be stored: the answer is 503, and a person's browser shows that.
pub async fn netcash(app: &App, request: &Request) -> Result<Response<Body>> {
    let is_get = request.method() == "GET";
    let form = if is_get {
        request.uri().query().unwrap_or_default().as_bytes()
    } else {
        request.body().as_ref()
    };
    if let Some(refusal) = too_large(form, "A postback") {
        return Ok(refusal);
    }
    let postback = match Postback::parse(form) {
        Ok(postback) => postback,
        Err(_) if comes_by_browser(request) => return Ok(back(app)),
        Err(why) => {
            let field = why.split(' ').next().map(str::to_owned);
            return Ok(problem(400, "No postback", &why, field.as_deref()));
        }
    };
    let body = serde_json::to_string(&postback)?;
    intake::hint(app, "netcash", &event_id(&postback), body).await?;
    Ok(match comes_by_browser(request) {
        true => back(app),
        false => json(200, &object!({ "stored": true })),
    })
}

/// Buyers' browsers carry the form, too (docs/vendors.md §8.1).
fn comes_by_browser(request: &Request) -> bool {
    let accepts = request.headers().get("accept").and_then(|it| it.to_str().ok());
    accepts.is_some_and(|it| it.contains("text/html"))
}

/// To the shop, by GET whatever the form came by; nothing else where no shop is set.
fn back(app: &App) -> Response<Body> {
    let Some(url) = &app.config.billing.return_url else {
        return json(200, &object!({ "stored": true }));
    };
    let mut response = json(303, &object!({ "see": url }));
    if let Ok(location) = url.parse() {
        response.headers_mut().insert("location", location);
    }
    response
}

/// An event of Stripe, stored under its own id.
///
/// # Errors
/// When it could not be stored: the answer is 503, on which Stripe tries again.
pub async fn stripe(app: &App, request: &Request) -> Result<Response<Body>> {
    let body = request.body().as_ref();
    if let Some(refusal) = too_large(body, "A webhook") {
        return Ok(refusal);
    }
    let signature = request
        .headers()
        .get("stripe-signature")
        .and_then(|it| it.to_str().ok());
    let secrets = app.config.billing.stripe_webhook_secret.as_ref();
    let Some(verified) = intake::verify_stripe(body, signature, secrets, app.clock.now()) else {
        let how = "Send Stripe's signature of these very bytes, at most five minutes old, in Stripe-Signature.";
        return Ok(unproven(how));
    };
    let event: Json = serde_json::from_slice(body).unwrap_or_default();
    let (Some(id), Some(readable)) = (event["id"].as_str(), verified.json()) else {
        return Ok(problem(
            400,
            "No event",
            "The body is no event of Stripe's.",
            Some("id"),
        ));
    };
    intake::store_as(app, "stripe", id, readable).await?;
    Ok(json(200, &object!({ "stored": id })))
}
