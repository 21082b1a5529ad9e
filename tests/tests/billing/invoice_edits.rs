//! Invoices that are edited, adopted, or come to another sum in Zoho.

use super::door::*;
use serde_json::json;
use twins::billing::Kind;

#[tokio::test(start_paused = true)]
async fn an_edit_changes_the_same_invoice() {
    let world = world().await;
    billed(&world).await;
    put(
        &world,
        "/invoices",
        with(invoice(), json!({"amount": "1600", "due_date": "2026-12-21"})),
    )
    .await;
    let made = one(&world, Kind::Invoice);
    assert_eq!(
        (money(&made["total"]), &made["due_date"]),
        (dec("1600"), &json!("2026-12-21"))
    );
    assert_eq!(made["status"], "draft", "nothing was sent to anybody");
    assert_synced(&world, "invoice", "inv_1").await;
}

/// What an edit does not say stays, what is derived of it, too.
#[tokio::test(start_paused = true)]
async fn an_edit_without_lines_or_number_keeps_them() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let lines = json!([{"name": "Dish", "price": "1000"}, {"name": "Cable", "price": "499.90"}]);
    put(&world, "/invoices", with(invoice(), json!({ "lines": lines }))).await;
    minutes(&world, 1).await;
    let edit = json!({"id": "inv_1", "customer_id": "user_123", "type": "installation", "amount": "1499.90",
                      "due_date": "2026-12-01"});
    put(&world, "/invoices", edit).await;
    let made = one(&world, Kind::Invoice);
    assert_eq!(
        made["due_date"],
        "2026-12-01",
        "{:#}",
        standing(&world, "invoice", "inv_1").await
    );
    assert_eq!(made["invoice_items"].as_array().unwrap().len(), 2, "{made:#}");
    assert_eq!(made["number"], "A-1001");
}

#[tokio::test(start_paused = true)]
async fn one_without_a_number_or_day_has_our_id_and_the_day_on_which_it_came() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    put(
        &world,
        "/invoices",
        with(invoice(), json!({"number": null, "date": null})),
    )
    .await;
    minutes(&world, 1).await;
    assert_synced(&world, "invoice", "inv_1").await;
    let made = one(&world, Kind::Invoice);
    assert_eq!(
        (&made["number"], &made["invoice_date"]),
        (&json!("inv_1"), &json!("2026-11-21"))
    );
    days(&world, 3).await;
    put(
        &world,
        "/invoices",
        with(invoice(), json!({"number": null, "date": null, "amount": "5"})),
    )
    .await;
    assert_eq!(
        one(&world, Kind::Invoice)["invoice_date"],
        "2026-11-21",
        "an edit is no new day"
    );
}

#[tokio::test(start_paused = true)]
async fn one_with_our_number_is_adopted_and_brought_to_what_the_app_says() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let customer = remote(&world, "customer", "user_123").await;
    let product = world
        .systems
        .billing
        .insert(Kind::Product, &json!({"name": "Somebody's"}))
        .unwrap();
    let fields = json!({
        "customer_id": customer, "date": "2026-11-20", "invoice_items": [{"product_id": product, "quantity": 1, "price": 3}],
    });
    let id = world.systems.billing.insert(Kind::Invoice, &fields).unwrap();
    world
        .systems
        .billing
        .edit(Kind::Invoice, &id, &json!({"invoice_number": "A-1001"}))
        .unwrap();
    put(&world, "/invoices", invoice()).await;
    minutes(&world, 1).await;
    assert_eq!(remote(&world, "invoice", "inv_1").await, id);
    let made = one(&world, Kind::Invoice);
    assert_eq!(
        (money(&made["total"]), &made["invoice_date"]),
        (dec("1499.90"), &json!("2026-11-21"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_number_that_another_customer_has_fails_with_zohos_words() {
    let world = world().await;
    billed(&world).await;
    put(
        &world,
        "/customers",
        with(customer(), json!({"id": "user_2", "email": "2@example.com"})),
    )
    .await;
    put(
        &world,
        "/invoices",
        with(invoice(), json!({"id": "inv_2", "customer_id": "user_2"})),
    )
    .await;
    minutes(&world, 1).await;
    assert_stands(&world, "invoice", "inv_2", "failed", "already in use").await;
    assert_eq!(rows(&world, Kind::Invoice).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_total_that_zoho_rounds_to_another_sum_is_held() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let lines = json!([{"name": "Data", "price": "0.333", "quantity": 3}]);
    put(
        &world,
        "/invoices",
        with(invoice(), json!({ "lines": lines, "amount": "0.999" })),
    )
    .await;
    minutes(&world, 1).await;
    assert_stands(&world, "invoice", "inv_1", "held", "0.99").await;
    assert_eq!(one(&world, Kind::Invoice)["status"], "draft");
}

#[tokio::test(start_paused = true)]
async fn one_in_another_currency_than_its_customers_is_never_made() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    put(&world, "/invoices", with(invoice(), json!({"currency": "USD"}))).await;
    minutes(&world, 1).await;
    assert_stands(&world, "invoice", "inv_1", "failed", "USD").await;
    assert_eq!(rows(&world, Kind::Invoice).len(), 0);
}
