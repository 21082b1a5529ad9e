//! A world for a test of billing, and the words in which tests speak to it.

use jiff::Timestamp;
use local::world::{Options, World};
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use std::time::Duration;
use twins::billing::Kind;

pub const KEY: &str = "billing-key";
pub const CRON: &str = "local-cron-secret";

pub fn start() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// An organisation whose limits are above what tests ask for.
pub async fn world() -> World {
    world_with(&[
        ("ZOHO_BILLING_CALLS_PER_MINUTE", "90"),
        ("ZOHO_BILLING_CALLS_PER_DAY", "900"),
    ])
    .await
}

pub async fn world_with(variables: &[(&str, &str)]) -> World {
    world_of(variables, twins::billing::Settings::default()).await
}

/// The same with an organisation of its own.
pub async fn world_of(variables: &[(&str, &str)], organization: twins::billing::Settings) -> World {
    let mut options = Options::test(start());
    options.billing = organization;
    let own = |it: &(&str, &str)| (it.0.to_owned(), it.1.to_owned());
    options.variables = variables.iter().map(own).collect();
    let world = World::new(options).unwrap();
    store(world.app(), KEY, Scope::Billing, "tests").await.unwrap();
    world
}

pub async fn post(world: &World, path: &str, body: Value) -> (u16, Value) {
    world.call("POST", path, KEY, Some(&body)).await.unwrap()
}

pub async fn get(world: &World, path: &str) -> Value {
    world.call("GET", path, KEY, None).await.unwrap().1
}

/// How a record stands in Zoho Billing.
pub async fn standing(world: &World, kind: &str, id: &str) -> Value {
    let shown = get(world, &format!("/sync/{kind}?id={id}")).await;
    shown["systems"]["zoho_billing"].clone()
}

pub async fn status(world: &World, kind: &str, id: &str) -> String {
    let standing = standing(world, kind, id).await;
    standing["status"].as_str().unwrap_or_default().to_owned()
}

/// Lets what waits be tried again, minute by minute.
pub async fn minutes(world: &World, count: u64) {
    world.pass(Duration::from_secs(60 * count)).await.unwrap();
}

pub fn rows(world: &World, kind: Kind) -> Vec<Value> {
    world.systems.billing.rows(kind)
}

pub fn one(world: &World, kind: Kind) -> Value {
    let rows = rows(world, kind);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows[0].clone()
}

/// What no client may do.
pub fn no_violations(world: &World) {
    let violations = world.systems.billing.violations();
    assert!(violations.is_empty(), "{violations:?}");
}

pub fn customer() -> Value {
    json!({
        "id": "user_123", "email": "Nandi@example.com", "first_name": "Nandi", "last_name": "Zulu",
        "company_name": "Zulu Traders", "phone": "+27 21 555 0101", "street": "12 Long Street", "city": "Cape Town",
        "zip": "8001", "country": "South Africa", "currency": "ZAR",
    })
}

pub fn product() -> Value {
    json!({"id": "fibre", "name": "Fibre", "description": "Fibre to the home"})
}

pub fn plan() -> Value {
    json!({"id": "fibre-100", "product_id": "fibre", "name": "Fibre 100", "price": "599.00"})
}

pub fn service() -> Value {
    json!({"id": "svc_1", "customer_id": "user_123", "plan_id": "fibre-100", "status": "pending"})
}

pub fn invoice() -> Value {
    json!({
        "id": "inv_1", "number": "A-1001", "customer_id": "user_123", "type": "installation", "date": "2026-11-21",
        "amount": "1499.90", "currency": "ZAR",
    })
}

pub fn payment() -> Value {
    json!({
        "id": "pay_1", "customer_id": "user_123", "invoice_id": "inv_1", "amount": "1499.90", "currency": "ZAR",
        "method": "eft", "status": "completed", "date": "2026-11-21",
    })
}

/// All of it, in the order in which a shop makes it.
pub async fn all(world: &World) {
    for (path, body) in [
        ("/customers", customer()),
        ("/products", product()),
        ("/plans", plan()),
        ("/services", service()),
        ("/invoices", invoice()),
        ("/payments", payment()),
    ] {
        let (status, answer) = post(world, path, body).await;
        assert_eq!(status, 202, "{path}: {answer}");
    }
    let (status, answer) = post(world, "/services/svc_1/activate", json!({})).await;
    assert_eq!(status, 202, "{answer}");
}
