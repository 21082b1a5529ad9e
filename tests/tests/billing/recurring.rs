//! Payments of recurring invoices: applied to the invoice that Zoho makes of the subscription, or recorded and held.

use super::door::*;
use local::world::World;
use serde_json::{Value, json};
use twins::billing::Kind;

fn recurring(parts: Value) -> Value {
    let invoice = json!({
        "id": "rec_1", "customer_id": "user_123", "service_id": "svc_1", "type": "recurring", "date": "2026-11-21",
        "amount": "599.00",
    });
    with(invoice, parts)
}

async fn pay(world: &World, amount: &str) {
    let body = with(payment(), json!({"invoice_id": "rec_1", "amount": amount}));
    put(world, "/payments", body).await;
    minutes(world, 2).await;
}

#[tokio::test(start_paused = true)]
async fn it_pays_zohos_own_invoice_of_that_subscription_and_period() {
    for first in ["invoice", "payment"] {
        let world = world().await;
        live(&world).await;
        if first == "payment" {
            pay(&world, "599.00").await;
            assert_eq!(status(&world, "payment", "pay_1").await, "parked");
        }
        put(&world, "/invoices", recurring(json!({}))).await;
        pay(&world, "599.00").await;
        assert_synced(&world, "payment", "pay_1").await;
        let own = one(&world, Kind::Invoice);
        assert_eq!(
            (&own["status"], money(&own["balance"])),
            (&json!("paid"), dec("0")),
            "{own:#}"
        );
        assert_eq!(
            one(&world, Kind::Payment)["invoices"][0]["invoice_id"],
            own["invoice_id"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_period_says_which_month_is_paid() {
    let world = world().await;
    live(&world).await;
    days(&world, 31).await;
    assert_eq!(rows(&world, Kind::Invoice).len(), 2);
    let december = json!({"date": "2026-12-30", "period_start": "2026-12-21", "period_end": "2027-01-20"});
    put(&world, "/invoices", recurring(december)).await;
    pay(&world, "599.00").await;
    assert_synced(&world, "payment", "pay_1").await;
    let statuses: Vec<Value> = rows(&world, Kind::Invoice)
        .iter()
        .map(|it| it["status"].clone())
        .collect();
    assert_eq!(statuses[1], "paid", "{statuses:?}");
    assert_ne!(statuses[0], "paid", "{statuses:?}");
}

#[tokio::test(start_paused = true)]
async fn where_zoho_has_none_it_is_recorded_as_credit_and_held() {
    let world = world().await;
    live(&world).await;
    put(&world, "/invoices", recurring(json!({"date": "2026-09-01"}))).await;
    pay(&world, "599.00").await;
    assert_stands(&world, "payment", "pay_1", "held", "has no invoice of subscription").await;
    let made = one(&world, Kind::Payment);
    assert_eq!((money(&made["amount"]), &made["invoices"]), (dec("599"), &json!([])));
    assert_eq!(money(&one(&world, Kind::Customer)["unused_credits"]), dec("599"));
    // Whatever a person then asks for, it stays one payment.
    for body in [json!({}), json!({"force": true})] {
        post(&world, "/sync/payment/pay_1", body).await;
        minutes(&world, 2).await;
    }
    assert_eq!(world.systems.billing.count("create_payment"), 1);
}

#[tokio::test(start_paused = true)]
async fn where_zoho_has_several_it_is_held_with_the_candidates() {
    let world = world().await;
    live(&world).await;
    days(&world, 31).await;
    let two_months = json!({"period_start": "2026-11-01", "period_end": "2026-12-31"});
    put(&world, "/invoices", recurring(two_months)).await;
    pay(&world, "1198.00").await;
    let why = why(&world, "payment", "pay_1").await;
    for invoice in rows(&world, Kind::Invoice) {
        assert!(why.contains(invoice["invoice_id"].as_str().unwrap()), "{why}");
        assert_ne!(invoice["status"], "paid");
    }
    assert_eq!(status(&world, "payment", "pay_1").await, "held");
    assert_eq!(money(&one(&world, Kind::Payment)["amount"]), dec("1198"));
}

#[tokio::test(start_paused = true)]
async fn a_recurring_invoice_of_no_service_leaves_the_payment_as_credit_and_held() {
    let world = world().await;
    live(&world).await;
    put(&world, "/invoices", recurring(json!({"service_id": null}))).await;
    pay(&world, "599.00").await;
    assert_stands(&world, "payment", "pay_1", "held", "nothing stands for it").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_subscriptions_invoice_is_never_paid() {
    let world = world().await;
    live(&world).await;
    put(
        &world,
        "/services",
        with(service(), json!({"id": "svc_2", "status": "active"})),
    )
    .await;
    put(&world, "/invoices", recurring(json!({"service_id": "svc_2"}))).await;
    pay(&world, "599.00").await;
    assert_synced(&world, "payment", "pay_1").await;
    let second = remote(&world, "service", "svc_2").await;
    let subscription = world.systems.billing.row(Kind::Subscription, &second).unwrap();
    let paid: Vec<Value> = rows(&world, Kind::Invoice)
        .into_iter()
        .filter(|it| it["status"] == "paid")
        .collect();
    assert_eq!(
        (paid.len(), &paid[0]["invoice_id"]),
        (1, &subscription["child_invoice_id"])
    );
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_subscription_that_is_not_there_yet() {
    let world = world().await;
    shop(&world).await;
    world.systems.billing.block();
    put(&world, "/services", with(service(), json!({"status": "active"}))).await;
    put(&world, "/invoices", recurring(json!({}))).await;
    pay(&world, "599.00").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
    minutes(&world, 70).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(one(&world, Kind::Invoice)["status"], "paid");
}
