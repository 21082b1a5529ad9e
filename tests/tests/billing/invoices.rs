//! Invoices: made by our number, each line with the product of its type, never e-mailed, to the cent or not at all.

use super::door::*;
use serde_json::{Value, json};
use twins::billing::Kind;

/// A row of the app's table, as its webhook brings it.
fn row(parts: Value) -> Value {
    let row = json!({
        "id": "inv_1", "number": "A-1001", "customer_id": "user_123", "type": "installation", "date": "2026-11-21",
        "amount": "1499.90",
    });
    with(row, parts)
}

#[tokio::test(start_paused = true)]
async fn every_type_has_a_product_of_its_own_that_is_made_once() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    for (kind, name) in [
        ("installation", "Installation"),
        ("pro-rata", "Pro-rata"),
        ("pro_rata", "Pro-rata"),
        ("Pro Rata", "Pro-rata"),
        ("equipment", "Equipment"),
        ("adjustment", "Adjustment"),
        ("installation", "Installation"),
    ] {
        let id = format!("inv_{}", rows(&world, Kind::Invoice).len());
        put(
            &world,
            "/invoices",
            with(invoice(), json!({"id": id, "number": id, "type": kind})),
        )
        .await;
        minutes(&world, 1).await;
        assert_synced(&world, "invoice", &id).await;
        let made = rows(&world, Kind::Invoice).pop().unwrap();
        let lines = made["invoice_items"].as_array().unwrap().clone();
        assert_eq!(lines.len(), 1, "one summary line: {made:#}");
        let product = lines[0]["product_id"].as_str().unwrap();
        let product = world.systems.billing.row(Kind::Product, product).unwrap();
        assert_eq!(product["name"], name, "{kind}");
        assert_eq!(money(&made["total"]), dec("1499.90"), "{made:#}");
        assert_eq!(made["number"], json!(id), "our number");
        assert_eq!((&made["is_emailed"], &made["status"]), (&json!(false), &json!("draft")));
    }
    assert_eq!(rows(&world, Kind::Product).len(), 4);
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn a_product_of_the_types_name_that_people_made_is_used() {
    let world = world().await;
    let there = world
        .systems
        .billing
        .insert(Kind::Product, &json!({"name": "Installation"}))
        .unwrap();
    billed(&world).await;
    assert_eq!(
        one(&world, Kind::Invoice)["invoice_items"][0]["product_id"],
        json!(there)
    );
    assert_eq!(rows(&world, Kind::Product).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn several_lines_all_carry_the_product_of_the_type() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let lines = json!([
        {"name": "Router", "price": "999.95", "quantity": 2},
        {"description": "Cable", "unit_price": 0.10, "quantity": "3"},
    ]);
    let body = with(
        invoice(),
        json!({"type": "equipment", "amount": "2000.20", "lines": lines}),
    );
    put(&world, "/invoices", body).await;
    minutes(&world, 1).await;
    let made = one(&world, Kind::Invoice);
    let product = remote(&world, "product", "invoice_type_equipment").await;
    let lines = made["invoice_items"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|it| it["product_id"] == json!(product)), "{made:#}");
    assert_eq!(money(&made["total"]), dec("2000.20"));
    assert_eq!(lines[1]["name"], "Cable");
}

#[tokio::test(start_paused = true)]
async fn a_recurring_one_is_left_to_zoho() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    put(
        &world,
        "/invoices",
        with(invoice(), json!({"type": "recurring", "amount": null})),
    )
    .await;
    assert_stands(&world, "invoice", "inv_1", "skipped", "recurring").await;
    assert_eq!(rows(&world, Kind::Invoice).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_type_is_refused_at_the_api_and_fails_with_its_reason_by_the_table() {
    let world = world().await;
    let (code, problem) = post(&world, "/invoices", with(invoice(), json!({"type": "deposit"}))).await;
    assert_eq!((code, &problem["field"]), (422, &json!("type")), "{problem}");
    world
        .systems
        .app
        .insert_row("customer_invoices", row(json!({"type": "deposit"})))
        .unwrap();
    world.settle().await;
    assert_stands(
        &world,
        "invoice",
        "inv_1",
        "failed",
        "\"deposit\" is none of installation",
    )
    .await;
    world
        .systems
        .app
        .insert_row("customers", json!({"id": "user_123", "email": "n@example.com"}))
        .unwrap();
    world
        .systems
        .app
        .update_row("customer_invoices", "inv_1", json!({"type": "adjustment"}))
        .unwrap();
    minutes(&world, 2).await;
    assert_synced(&world, "invoice", "inv_1").await;
}

#[tokio::test(start_paused = true)]
async fn lines_that_do_not_come_to_the_amount_fail_with_both_sums() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let lines = json!([{"name": "Dish", "price": "1499.00"}]);
    put(&world, "/invoices", with(invoice(), json!({ "lines": lines }))).await;
    assert_stands(
        &world,
        "invoice",
        "inv_1",
        "failed",
        "1499.90, and the lines come to 1499",
    )
    .await;
    assert_eq!(rows(&world, Kind::Invoice).len(), 0);
    put(
        &world,
        "/invoices",
        with(invoice(), json!({ "lines": lines, "amount": "1499" })),
    )
    .await;
    minutes(&world, 1).await;
    assert_synced(&world, "invoice", "inv_1").await;
}
