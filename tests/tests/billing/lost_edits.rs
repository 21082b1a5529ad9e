//! Edits that come while nobody knows what became of a call: they make nothing twice, and nothing that is not wanted any
//! more.

use super::door::*;
use serde_json::{Value, json};
use twins::Effect;
use twins::billing::Kind;

/// While nobody knows whether a payment was recorded, an edit of it must not make another one.
#[tokio::test(start_paused = true)]
async fn an_edit_of_a_payment_whose_answer_was_lost_makes_no_second_one() {
    for parts in [
        json!({"method": "cash"}),
        json!({"amount": "1400"}),
        json!({"date": "2026-11-20"}),
    ] {
        for invoice_id in [json!("inv_1"), Value::Null] {
            let world = world().await;
            billed(&world).await;
            let own = with(payment(), json!({ "invoice_id": invoice_id }));
            world
                .systems
                .billing
                .faults()
                .next("create_payment", 1, Effect::LoseAfter);
            put(&world, "/payments", own.clone()).await;
            put(&world, "/payments", with(own, parts.clone())).await;
            minutes(&world, 8).await;
            let made = rows(&world, Kind::Payment);
            assert_eq!(made.len(), 1, "{parts} {invoice_id}: {made:#?}");
            let standing = standing(&world, "payment", "pay_1").await;
            assert_eq!(standing["status"], "held", "{parts} {invoice_id}: {standing:#}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_a_name_whose_answer_was_lost_makes_no_second_product() {
    let world = world().await;
    world
        .systems
        .billing
        .faults()
        .next("create_product", 1, Effect::LoseAfter);
    put(&world, "/products", product()).await;
    put(&world, "/products", with(product(), json!({"name": "Fibre home"}))).await;
    minutes(&world, 5).await;
    assert_synced(&world, "product", "fibre").await;
    assert_eq!(one(&world, Kind::Product)["name"], "Fibre home");
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_a_customer_whose_answer_was_lost_makes_no_second_one() {
    let world = world().await;
    world
        .systems
        .billing
        .faults()
        .next("create_customer", 1, Effect::LoseAfter);
    put(&world, "/customers", customer()).await;
    put(
        &world,
        "/customers",
        with(customer(), json!({"email": "other@example.com"})),
    )
    .await;
    minutes(&world, 5).await;
    assert_synced(&world, "customer", "user_123").await;
    assert_eq!(one(&world, Kind::Customer)["email"], "other@example.com");
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_a_number_whose_answer_was_lost_makes_no_second_invoice() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    world
        .systems
        .billing
        .faults()
        .next("create_invoice", 1, Effect::LoseAfter);
    put(&world, "/invoices", invoice()).await;
    put(&world, "/invoices", with(invoice(), json!({"number": "A-1002"}))).await;
    minutes(&world, 5).await;
    assert_eq!(
        rows(&world, Kind::Invoice).len(),
        1,
        "{:#}",
        standing(&world, "invoice", "inv_1").await
    );
    assert_eq!(one(&world, Kind::Invoice)["number"], "A-1002");
    assert_synced(&world, "invoice", "inv_1").await;
}

/// The record was told to be cancelled while nobody knew whether its subscription was made.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_cancelled_while_its_answer_is_lost_ends_there_too() {
    for (effect, ends) in [(Effect::LoseAfter, "non_renewing"), (Effect::LoseBefore, "")] {
        let world = world().await;
        shop(&world).await;
        world
            .systems
            .billing
            .faults()
            .next("create_subscription", 1, effect.clone());
        put(&world, "/services", with(service(), json!({"status": "active"}))).await;
        put(&world, "/services", with(service(), json!({"status": "cancelled"}))).await;
        minutes(&world, 5).await;
        let found = rows(&world, Kind::Subscription);
        let status = found.first().map_or("", |it| it["status"].as_str().unwrap());
        assert_eq!(
            (status, found.len()),
            (ends, usize::from(!ends.is_empty())),
            "{effect:?}"
        );
    }
}
