//! What must be there first: children wait with the reason shown, and go on when it lands.

use super::door::*;
use serde_json::json;
use twins::Effect;
use twins::billing::Kind;

#[tokio::test(start_paused = true)]
async fn a_failed_parent_parks_its_children_with_its_reason_and_they_go_on_when_it_lands() {
    let world = world().await;
    world.systems.billing.faults().next(
        "create_customer",
        1,
        Effect::Error {
            status: 400,
            code: "1".into(),
        },
    );
    put(&world, "/customers", customer()).await;
    put(&world, "/invoices", invoice()).await;
    put(&world, "/payments", payment()).await;
    assert_stands(&world, "customer", "user_123", "failed", "refused").await;
    for (kind, id) in [("invoice", "inv_1"), ("payment", "pay_1")] {
        assert_stands(&world, kind, id, "parked", "customer#user_123").await;
        assert_stands(&world, kind, id, "parked", "refused").await;
    }
    minutes(&world, 40).await;
    assert_eq!(status(&world, "invoice", "inv_1").await, "parked");
    let said = cli(&world, &["status"]).await.unwrap();
    let named = said.lines().find(|it| it.contains("invoice#inv_1")).unwrap();
    assert!(
        named.contains("parked") && named.contains("customer#user_123"),
        "{said}"
    );
    post(&world, "/sync/customer/user_123", json!({})).await;
    minutes(&world, 2).await;
    for (kind, id) in [("invoice", "inv_1"), ("payment", "pay_1")] {
        assert_synced(&world, kind, id).await;
    }
    assert_eq!(rows(&world, Kind::Payment).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_invoice_keeps_its_payment_until_it_is_mended() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let lines = json!([{"name": "Dish", "price": "1"}]);
    put(&world, "/invoices", with(invoice(), json!({ "lines": lines }))).await;
    put(&world, "/payments", payment()).await;
    assert_stands(&world, "payment", "pay_1", "parked", "the lines come to 1").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
    let lines = json!([{"name": "Dish", "price": "1499.90"}]);
    put(&world, "/invoices", with(invoice(), json!({ "lines": lines }))).await;
    minutes(&world, 2).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(one(&world, Kind::Invoice)["status"], "paid");
}

#[tokio::test(start_paused = true)]
async fn parents_that_nobody_told_of_yet_are_waited_for() {
    let world = world().await;
    put(&world, "/services", with(service(), json!({"status": "active"}))).await;
    assert_stands(&world, "service", "svc_1", "parked", "customer#user_123").await;
    put(&world, "/customers", customer()).await;
    minutes(&world, 1).await;
    assert_stands(&world, "service", "svc_1", "parked", "plan#fibre-100").await;
    put(&world, "/plans", plan()).await;
    put(&world, "/products", product()).await;
    minutes(&world, 1).await;
    assert_synced(&world, "service", "svc_1").await;
}

#[tokio::test(start_paused = true)]
async fn a_held_parent_keeps_its_children_until_a_person_chooses() {
    let world = world().await;
    let fields = json!({"display_name": "N", "email": "nandi@example.com"});
    let there = world.systems.billing.insert(Kind::Customer, &fields).unwrap();
    put(&world, "/customers", customer()).await;
    put(&world, "/payments", with(payment(), json!({"invoice_id": null}))).await;
    assert_stands(&world, "payment", "pay_1", "parked", &there).await;
    let chosen = shared::sync::resolve::Decision::As(there.clone());
    decide(&world, shared::model::Kind::CUSTOMER, "user_123", chosen)
        .await
        .unwrap();
    minutes(&world, 1).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(one(&world, Kind::Payment)["customer_id"], json!(there));
}

#[tokio::test(start_paused = true)]
async fn many_children_of_one_parent_all_go_on() {
    let world = world().await;
    for id in 0..20 {
        let parts = json!({"id": format!("pay_{id}"), "invoice_id": null, "amount": format!("{}.01", id + 1)});
        post(&world, "/payments", with(payment(), parts)).await;
    }
    world.settle().await;
    put(&world, "/customers", customer()).await;
    minutes(&world, 4).await;
    for id in 0..20 {
        assert_synced(&world, "payment", &format!("pay_{id}")).await;
    }
    assert_eq!(rows(&world, Kind::Payment).len(), 20);
    no_violations(&world);
}
