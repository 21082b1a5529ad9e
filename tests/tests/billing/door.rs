//! A world for a test of billing, and the words in which tests speak to it.

use clap::Parser as _;
use concord::Cli;
use concord::bars::Bars;
use jiff::Timestamp;
use local::world::{Options, World};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use shared::model::{Kind as Ours, RecordKey, System};
use shared::sync::resolve::{self, Decision};
use std::time::Duration;
use twins::billing::{Kind, Settings};

pub const KEY: &str = "billing-key";
pub const CRON: &str = "local-cron-secret";

pub fn start() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// An organisation whose limits are above what tests ask for.
pub async fn world() -> World {
    world_with(&[]).await
}

pub async fn world_with(variables: &[(&str, &str)]) -> World {
    world_of(Settings::default(), variables).await
}

pub async fn world_of(billing: Settings, variables: &[(&str, &str)]) -> World {
    made(Options {
        billing,
        ..options(variables)
    })
    .await
}

pub async fn made(options: Options) -> World {
    let world = World::new(options).unwrap();
    store(world.app(), KEY, Scope::Billing, "tests").await.unwrap();
    world
}

pub fn options(variables: &[(&str, &str)]) -> Options {
    let usual = [
        ("ZOHO_BILLING_CALLS_PER_MINUTE", "90"),
        ("ZOHO_BILLING_CALLS_PER_DAY", "900"),
    ];
    let mut options = Options::test(start());
    let own = |it: &(&str, &str)| (it.0.to_owned(), it.1.to_owned());
    options.variables = usual.iter().chain(variables).map(own).collect();
    options
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

/// A row that the app's own people put into one of its tables.
pub fn insert(world: &World, table: &str, row: Value) {
    world.systems.app.insert_row(table, row).unwrap();
}

/// A row of customers.
pub fn person() -> Value {
    json!({"id": "user_123", "email": "nandi@example.com", "company_name": "Zulu Traders", "currency": "ZAR"})
}

/// What `concord` says to these words.
pub async fn cli(world: &World, words: &[&str]) -> anyhow::Result<String> {
    let cli = Cli::try_parse_from(["concord"].iter().chain(words))?;
    concord::run(world.app(), &cli, &mut Bars::new(true)).await
}

/// The next call of this operation to Zoho Billing does not arrive.
pub fn lose_next(world: &World, operation: &str) {
    let faults = world.systems.billing.faults();
    faults.next(operation, 1, twins::Effect::LoseBefore);
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

/// Posts what must be accepted, and lets it be worked off.
pub async fn put(world: &World, path: &str, body: Value) -> Value {
    let (status, answer) = post(world, path, body).await;
    assert_eq!(status, 202, "{path}: {answer}");
    world.settle().await;
    answer
}

/// A body with other parts; `null` takes one out.
pub fn with(mut body: Value, parts: Value) -> Value {
    for (name, value) in parts.as_object().unwrap() {
        match value.is_null() {
            true => _ = body.as_object_mut().unwrap().remove(name),
            false => body[name] = value.clone(),
        }
    }
    body
}

/// Why a record stands as it does.
pub async fn why(world: &World, kind: &str, id: &str) -> String {
    let standing = standing(world, kind, id).await;
    standing["last_error"].as_str().unwrap_or_default().to_owned()
}

/// A record's status and why, where it must wait for a person or a rule.
pub async fn assert_stands(world: &World, kind: &str, id: &str, status: &str, why: &str) {
    let standing = standing(world, kind, id).await;
    assert_eq!(standing["status"], status, "{kind} {id}: {standing:#}");
    let said = standing["last_error"].as_str().unwrap_or_default();
    assert!(said.contains(why), "{kind} {id}: {said:?} says nothing of {why:?}");
}

pub async fn assert_synced(world: &World, kind: &str, id: &str) {
    let standing = standing(world, kind, id).await;
    assert_eq!(standing["status"], "synced", "{kind} {id}: {standing:#}");
    assert!(standing["remote_id"].is_string(), "{kind} {id}: {standing:#}");
}

/// The system's id of a record.
pub async fn remote(world: &World, kind: &str, id: &str) -> String {
    let standing = standing(world, kind, id).await;
    let id = standing["remote_id"].as_str();
    id.unwrap_or_else(|| panic!("{standing:#}")).to_owned()
}

/// An amount as people read it.
pub fn money(value: &Value) -> Decimal {
    value.to_string().trim_matches('"').parse().unwrap()
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The same world, deployed anew with these settings.
pub fn restarted(world: &World, variables: &[(&str, &str)]) -> World {
    let options = Options {
        clock: world.clock.clone(),
        seed: Some(2),
        ..options(variables)
    };
    world.restart(&options).unwrap()
}

/// A customer and what a service needs.
pub async fn shop(world: &World) {
    put(world, "/customers", customer()).await;
    put(world, "/products", product()).await;
    put(world, "/plans", plan()).await;
}

/// The same with a service that is live since today.
pub async fn live(world: &World) {
    shop(world).await;
    put(world, "/services", with(service(), json!({"status": "active"}))).await;
    assert_synced(world, "service", "svc_1").await;
}

/// A customer with an invoice of 1499.90.
pub async fn billed(world: &World) {
    put(world, "/customers", customer()).await;
    put(world, "/invoices", invoice()).await;
    minutes(world, 1).await;
    assert_synced(world, "invoice", "inv_1").await;
}

/// A person's decision about a record that is held in Zoho Billing.
pub async fn decide(world: &World, kind: Ours, id: &str, decision: Decision) -> Result<(), String> {
    let key = RecordKey::new(kind, id);
    let decided = resolve::decide(world.app(), &key, &System::ZOHO_BILLING, &decision).await;
    world.settle().await;
    decided.map(|_| ()).map_err(|it| format!("{it:#}"))
}

/// Lets days pass, of which nobody hears before the next minute.
pub async fn days(world: &World, count: u64) {
    world.clock.sleep(Duration::from_secs(count * 24 * 3600)).await;
    minutes(world, 2).await;
}

/// A call that a person's page makes.
pub async fn by_hand(world: &World, path: &str) {
    let body =
        "grant_type=refresh_token&refresh_token=1000.twin.refresh&client_id=1000.TWIN&client_secret=twin-client-secret";
    let ask = http::Request::post("/oauth/v2/token").header("content-type", "application/x-www-form-urlencoded");
    let answer = world
        .systems
        .billing
        .call(ask.body(body.into()).unwrap())
        .await
        .unwrap();
    let token: Value = serde_json::from_slice(answer.body()).unwrap();
    let token = token["access_token"].as_str().unwrap_or_else(|| panic!("{token}"));
    let ask = http::Request::post(path)
        .header("authorization", format!("Zoho-oauthtoken {token}"))
        .header("x-com-zoho-subscriptions-organizationid", "10234695");
    let answer = world
        .systems
        .billing
        .call(ask.body(bytes::Bytes::new()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
}
