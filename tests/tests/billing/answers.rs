//! What `/sync`, `/runs` and `/health` tell a developer who waits for something.

use super::door::*;
use serde_json::json;
use shared::model::System;
use shared::sync::billing::{Word, take_word};
use shared::sync::budget::Mode;
use shared::sync::modes;

#[tokio::test(start_paused = true)]
async fn a_table_that_is_not_there_ends_the_run_and_health_says_so() {
    let world = world_with(&[("APP_TABLES", r#"{"invoice": "bills"}"#)]).await;
    let (_, begun) = post(&world, "/sync/bulk", json!({"kinds": ["invoice"]})).await;
    minutes(&world, 7).await;
    let run = get(&world, begun["status_url"].as_str().unwrap()).await;
    assert_eq!(
        (&run["status"], run["finished_at"].is_string()),
        (&json!("failed"), true),
        "{run:#}"
    );
    assert!(run["error"].as_str().unwrap().contains("bills"), "{run:#}");
    minutes(&world, 90).await;
    let (code, health) = world.call("GET", "/health", "", None).await.unwrap();
    let told = health["checks"]["billing_pull"]["detail"].as_str().unwrap();
    assert_eq!(code, 503, "{health:#}");
    assert!(
        told.contains("failed: GET /runs?job=billing_pull") && !told.contains("bills"),
        "{told}"
    );
    // Another backfill is not kept waiting by one that can't end.
    let (code, begun) = post(&world, "/sync/bulk", json!({"kinds": ["customer"]})).await;
    assert_eq!(code, 202, "{begun}");
}

#[tokio::test(start_paused = true)]
async fn a_kind_without_a_table_is_refused() {
    let world = world().await;
    let (code, problem) = post(&world, "/sync/bulk", json!({"kinds": ["product", "customer", "plan"]})).await;
    assert_eq!((code, &problem["field"]), (422, &json!("kinds")), "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("products (") && detail.contains("plans ("), "{detail}");
    assert!(!detail.contains("customer"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_waits_for_a_paused_system_says_so() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    world.settle().await;
    modes::switch(world.app(), "zoho_billing", Mode::Paused).await.unwrap();
    let (_, told) = post(&world, "/sync/customer/user_123", json!({"force": true})).await;
    let told = &told["systems"]["zoho_billing"];
    assert_eq!(
        (&told["syncs"], &told["waits"]),
        (&json!(true), &json!("zoho_billing is paused"))
    );
    let status = async || get(&world, "/sync/customer?id=user_123").await["systems"]["zoho_billing"].clone();
    assert_eq!(status().await["waits"], "zoho_billing is paused");
    modes::switch(world.app(), "zoho_billing", Mode::On).await.unwrap();
    minutes(&world, 2).await;
    let synced = status().await;
    assert_eq!((&synced["status"], synced.get("waits")), (&json!("synced"), None));
}

#[tokio::test(start_paused = true)]
async fn what_a_gateway_said_and_waits_for_a_person_is_shown_with_its_payment() {
    let world = world().await;
    put(
        &world,
        "/payments",
        with(payment(), json!({"id": "pay/1 a", "invoice_id": null})),
    )
    .await;
    let word = Word {
        gateway: System::STRIPE,
        transaction: "pi_1".to_owned(),
        payment: "pay/1 a".to_owned(),
        amount: Some(dec("1.00")),
        currency: None,
        method: None,
        status: "completed",
    };
    let early = Word {
        payment: "pay_9".to_owned(),
        ..word.clone()
    };
    take_word(world.app(), early).await.unwrap();
    let unknown = get(&world, "/sync/payment?id=pay_9").await;
    assert_eq!(
        unknown["held"][0]["source"], "stripe",
        "before there is a record: {unknown:#}"
    );
    take_word(world.app(), word).await.unwrap();
    let shown = get(&world, "/sync/payment?id=pay%2F1%20a").await;
    let held = &shown["held"][0];
    assert_eq!(
        (&held["source"], &held["row"]),
        (&json!("stripe"), &json!("payment/pay/1 a")),
        "{shown:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_id_of_any_characters_is_found_by_the_url_that_was_answered() {
    let world = world().await;
    let (_, told) = post(&world, "/customers", with(customer(), json!({"id": "a b/c?d"}))).await;
    let url = told["status_url"].as_str().unwrap();
    assert_eq!(url, "/customers/a%20b%2Fc%3Fd");
    assert_eq!(get(&world, url).await["id"], "a b/c?d");
}

#[tokio::test(start_paused = true)]
async fn health_calls_a_source_that_is_not_configured_off() {
    let world = world_with(&[("APP_SUPABASE_URL", "")]).await;
    minutes(&world, 70).await;
    let (code, health) = world.call("GET", "/health", "", None).await.unwrap();
    assert_eq!(
        (code, &health["checks"]["billing_pull"]["status"]),
        (200, &json!("off")),
        "{health:#}"
    );
}
