//! Payments: applied to their invoice, at most its balance; the rest is credit; never sent twice.

use super::door::*;
use local::world::World;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use twins::billing::Kind;

async fn pay(world: &World, parts: Value) {
    put(world, "/payments", with(payment(), parts)).await;
    minutes(world, 1).await;
}

/// What the customer has of credit.
fn credit(world: &World) -> Decimal {
    money(&one(world, Kind::Customer)["unused_credits"])
}

fn paid(world: &World) -> (String, Decimal) {
    let invoice = one(world, Kind::Invoice);
    (
        invoice["status"].as_str().unwrap().to_owned(),
        money(&invoice["balance"]),
    )
}

#[tokio::test(start_paused = true)]
async fn a_draft_is_opened_first_and_then_paid() {
    let world = world().await;
    billed(&world).await;
    assert_eq!(one(&world, Kind::Invoice)["status"], "draft");
    pay(&world, json!({})).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(paid(&world), ("paid".into(), dec("0")));
    let made = one(&world, Kind::Payment);
    assert_eq!(
        (&made["reference_number"], &made["date"]),
        (&json!("pay_1"), &json!("2026-11-21"))
    );
    assert_eq!(world.systems.billing.count("open_invoice"), 1);
    assert_eq!(credit(&world), dec("0"));
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn what_exceeds_the_balance_is_credit() {
    let world = world().await;
    billed(&world).await;
    pay(&world, json!({"amount": "2000.00"})).await;
    let made = one(&world, Kind::Payment);
    assert_eq!(money(&made["invoices"][0]["amount_applied"]), dec("1499.90"));
    assert_eq!((money(&made["amount"]), credit(&world)), (dec("2000"), dec("500.10")));
    assert_eq!(paid(&world).0, "paid");
}

#[tokio::test(start_paused = true)]
async fn two_payments_of_one_invoice_share_its_balance() {
    let world = world().await;
    billed(&world).await;
    for (id, amount) in [("pay_1", "1000"), ("pay_2", "400"), ("pay_3", "200")] {
        post(
            &world,
            "/payments",
            with(payment(), json!({"id": id, "amount": amount})),
        )
        .await;
    }
    world.settle().await;
    minutes(&world, 2).await;
    for id in ["pay_1", "pay_2", "pay_3"] {
        assert_synced(&world, "payment", id).await;
    }
    assert_eq!(paid(&world), ("paid".into(), dec("0")));
    assert_eq!((rows(&world, Kind::Payment).len(), credit(&world)), (3, dec("100.10")));
}

#[tokio::test(start_paused = true)]
async fn a_payment_of_a_paid_invoice_is_credit() {
    let world = world().await;
    billed(&world).await;
    pay(&world, json!({})).await;
    pay(&world, json!({"id": "pay_2"})).await;
    assert_synced(&world, "payment", "pay_2").await;
    assert_eq!(credit(&world), dec("1499.90"));
}

#[tokio::test(start_paused = true)]
async fn a_part_is_a_part() {
    let world = world().await;
    billed(&world).await;
    pay(&world, json!({"amount": "0.10"})).await;
    assert_eq!(paid(&world), ("partially_paid".into(), dec("1499.80")));
}

#[tokio::test(start_paused = true)]
async fn a_payment_without_an_invoice_is_credit() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    pay(&world, json!({"invoice_id": null})).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(credit(&world), dec("1499.90"));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_completed_is_skipped_until_it_is() {
    let world = world().await;
    billed(&world).await;
    for word in ["pending", "failed", "processing"] {
        pay(&world, json!({ "status": word })).await;
        assert_stands(&world, "payment", "pay_1", "skipped", "not completed").await;
    }
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
    pay(&world, json!({"status": "Succeeded"})).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(paid(&world).0, "paid");
}

/// A payment that comes again without a word for how it stands is no word that the money came.
#[tokio::test(start_paused = true)]
async fn an_edit_that_says_nothing_of_the_status_does_not_complete_it() {
    let world = world().await;
    billed(&world).await;
    pay(&world, json!({"status": "pending"})).await;
    pay(&world, json!({"status": null, "description": "by hand"})).await;
    assert_stands(&world, "payment", "pay_1", "skipped", "not completed").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refund_is_a_persons_before_and_after_it_was_recorded() {
    for word in ["refunded", "partially_refunded", "reversed", "chargeback"] {
        let world = world().await;
        billed(&world).await;
        pay(&world, json!({ "status": word })).await;
        assert_stands(&world, "payment", "pay_1", "held", "refunded or reversed").await;
        pay(&world, json!({"id": "pay_2"})).await;
        pay(&world, json!({"id": "pay_2", "status": word})).await;
        assert_stands(&world, "payment", "pay_2", "held", "refunded or reversed").await;
        assert_eq!(
            rows(&world, Kind::Payment).len(),
            1,
            "nothing is recorded, and nothing taken back"
        );
        assert_eq!(paid(&world).0, "paid");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_changed_after_it_was_recorded_is_held_and_not_sent_again() {
    for parts in [
        json!({"amount": "1000"}),
        json!({"date": "2026-11-20"}),
        json!({"method": "cash"}),
        json!({"status": "pending"}),
        json!({"invoice_id": "inv_2"}),
        json!({"customer_id": "user_2"}),
    ] {
        let world = world().await;
        billed(&world).await;
        pay(&world, json!({})).await;
        let before = one(&world, Kind::Payment);
        put(&world, "/payments", with(payment(), parts.clone())).await;
        minutes(&world, 2).await;
        assert_stands(&world, "payment", "pay_1", "held", "changed in the app after").await;
        assert_eq!(one(&world, Kind::Payment), before, "{parts}");
        put(&world, "/payments", payment()).await;
        minutes(&world, 1).await;
        assert_ne!(status(&world, "payment", "pay_1").await, "failed", "{parts}");
        assert_eq!(world.systems.billing.count("create_payment"), 1, "{parts}");
    }
}

#[tokio::test(start_paused = true)]
async fn force_never_sends_a_payment_twice() {
    let world = world().await;
    billed(&world).await;
    pay(&world, json!({})).await;
    for _ in 0..3 {
        let (code, answer) = post(&world, "/sync/payment/pay_1", json!({"force": true})).await;
        assert_eq!(
            (code, &answer["systems"]["zoho_billing"]["syncs"]),
            (202, &json!(false)),
            "{answer}"
        );
        minutes(&world, 2).await;
    }
    assert_eq!(world.systems.billing.count("create_payment"), 1);
    assert_synced(&world, "payment", "pay_1").await;
}

#[tokio::test(start_paused = true)]
async fn how_it_was_paid_is_said_in_zohos_words() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    for (said, mode, note) in [
        ("card", "creditcard", ""),
        ("1", "creditcard", ""),
        ("EFT", "banktransfer", ""),
        ("4", "banktransfer", ""),
        ("cash", "cash", ""),
        ("cheque", "check", ""),
        ("bitcoin", "others", "paid by bitcoin"),
    ] {
        let id = format!("pay_{said}");
        pay(&world, json!({"id": id, "invoice_id": null, "method": said})).await;
        assert_synced(&world, "payment", &id).await;
        let made = rows(&world, Kind::Payment).pop().unwrap();
        assert_eq!(made["payment_mode"], mode, "{said}");
        assert_eq!(made["description"].as_str().unwrap_or_default(), note, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_in_another_currency_than_its_customers_is_never_recorded() {
    let world = world().await;
    billed(&world).await;
    pay(&world, json!({"currency": "USD"})).await;
    assert_stands(&world, "payment", "pay_1", "failed", "USD").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_equal_payments_of_one_day_are_two() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    for id in ["pay_1", "pay_2"] {
        pay(&world, json!({"id": id, "invoice_id": null})).await;
        assert_synced(&world, "payment", id).await;
    }
    assert_eq!((rows(&world, Kind::Payment).len(), credit(&world)), (2, dec("2999.80")));
}

#[tokio::test(start_paused = true)]
async fn one_with_our_reference_that_people_recorded_is_adopted() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let customer = remote(&world, "customer", "user_123").await;
    let fields = json!({
        "customer_id": customer, "payment_mode": "banktransfer", "amount": 1499.90, "date": "2026-11-21",
        "reference_number": "pay_1", "invoices": [],
    });
    world.systems.billing.insert(Kind::Payment, &fields).unwrap();
    pay(&world, json!({"invoice_id": null})).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 1);
}
