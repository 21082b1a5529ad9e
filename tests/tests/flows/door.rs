//! A world for a test, and the words in which tests speak to it.

use jiff::Timestamp;
use local::world::{Options, World};
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use std::time::Duration;

pub const KEY: &str = "test-key";
pub const CRON: &str = "local-cron-secret";
pub const ID: &str = "0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2c3d";

pub fn start() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

pub async fn world() -> World {
    world_with(&[]).await
}

/// Posts the usual lead, half a minute ago; Zoho's id of it.
pub async fn posted(world: &World) -> String {
    post(world, &lead()).await;
    world.settle().await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    world.clock.sleep(Duration::from_secs(30)).await;
    id
}

pub async fn world_with(variables: &[(&str, &str)]) -> World {
    let world = World::new(options(variables)).unwrap();
    store(world.app(), KEY, Scope::Leads, "tests").await.unwrap();
    world
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

fn options(variables: &[(&str, &str)]) -> Options {
    let mut options = Options::test(start());
    let variables = variables.iter();
    options.variables = variables
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    options
}

/// A lead as the portal's server sends it.
pub fn lead() -> Value {
    json!({
        "id": ID, "name": "Maria Borg", "email": "Maria.Borg@example.com", "phone": "+356 9912 3456",
        "street": "12, Triq il-Kbira", "city": "Xagħra", "status": "new", "notes": "call after six",
        "system_size_kw": "6.655", "total_price": "8450.00", "annual_savings": "1200", "payment_method": "loan",
        "loan_term": 120, "with_battery": true, "battery_size_kwh": "10", "source": "website",
    })
}

pub async fn post(world: &World, body: &Value) -> (u16, Value) {
    world.call("POST", "/leads", KEY, Some(body)).await.unwrap()
}

pub async fn show(world: &World, id: &str) -> Value {
    world.call("GET", &format!("/leads/{id}"), KEY, None).await.unwrap().1
}
