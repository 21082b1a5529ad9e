//! Products, found by name, and plans, found by code: a plan waits for its product.

use super::door::*;
use serde_json::json;
use twins::billing::Kind;

#[tokio::test(start_paused = true)]
async fn a_product_of_that_name_is_adopted() {
    let world = world().await;
    let there = world
        .systems
        .billing
        .insert(Kind::Product, &json!({"name": "Fibre"}))
        .unwrap();
    put(&world, "/products", product()).await;
    assert_eq!(remote(&world, "product", "fibre").await, there);
    assert_eq!(
        one(&world, Kind::Product)["description"],
        "Fibre to the home",
        "what it lacked is filled"
    );
}

#[tokio::test(start_paused = true)]
async fn two_products_of_one_name_are_held() {
    let world = world().await;
    for _ in 0..2 {
        world
            .systems
            .billing
            .insert(Kind::Product, &json!({"name": "Fibre"}))
            .unwrap();
    }
    put(&world, "/products", product()).await;
    assert_stands(&world, "product", "fibre", "held", "several").await;
    assert_eq!(rows(&world, Kind::Product).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_product_is_the_same_one() {
    let world = world().await;
    put(&world, "/products", product()).await;
    put(&world, "/products", with(product(), json!({"name": "Fibre home"}))).await;
    assert_eq!(one(&world, Kind::Product)["name"], "Fibre home");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_published_is_skipped_and_made_once_it_is() {
    let world = world().await;
    put(&world, "/products", product()).await;
    put(
        &world,
        "/products",
        with(product(), json!({"id": "dsl", "name": "DSL", "published": false})),
    )
    .await;
    put(&world, "/plans", with(plan(), json!({"published": false}))).await;
    assert_stands(&world, "product", "dsl", "skipped", "not published").await;
    assert_stands(&world, "plan", "fibre-100", "skipped", "not published").await;
    assert_eq!(
        (rows(&world, Kind::Product).len(), rows(&world, Kind::Plan).len()),
        (1, 0)
    );

    put(&world, "/plans", with(plan(), json!({"published": true}))).await;
    assert_synced(&world, "plan", "fibre-100").await;
    put(
        &world,
        "/plans",
        with(plan(), json!({"published": false, "price": "650"})),
    )
    .await;
    assert_synced(&world, "plan", "fibre-100").await;
    assert_eq!(
        one(&world, Kind::Plan)["recurring_price"].to_string(),
        "650",
        "one that is there follows"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_of_an_unpublished_plan_waits_and_goes_on_once_it_is_published() {
    let world = world().await;
    shop(&world).await;
    put(
        &world,
        "/plans",
        with(
            plan(),
            json!({"id": "fibre-200", "name": "Fibre 200", "published": false}),
        ),
    )
    .await;
    let of_it = json!({"status": "active", "plan_id": "fibre-200"});
    put(&world, "/services", with(service(), of_it)).await;
    assert_stands(&world, "service", "svc_1", "parked", "not published").await;
    put(
        &world,
        "/plans",
        with(
            plan(),
            json!({"id": "fibre-200", "name": "Fibre 200", "published": true}),
        ),
    )
    .await;
    minutes(&world, 1).await;
    assert_synced(&world, "service", "svc_1").await;
    assert_eq!(one(&world, Kind::Subscription)["plan"]["plan_code"], "fibre-200");
}

#[tokio::test(start_paused = true)]
async fn a_plan_waits_for_its_product_and_needs_no_help() {
    let world = world().await;
    put(&world, "/plans", plan()).await;
    assert_eq!(status(&world, "plan", "fibre-100").await, "parked");
    assert_eq!(rows(&world, Kind::Plan).len(), 0);
    put(&world, "/products", product()).await;
    minutes(&world, 1).await;
    assert_synced(&world, "plan", "fibre-100").await;
    let made = one(&world, Kind::Plan);
    assert_eq!(made["plan_code"], "fibre-100");
    assert_eq!(
        (&made["interval"], &made["interval_unit"]),
        (&json!(1), &json!("months"))
    );
    assert_eq!(made["product_id"], json!(remote(&world, "product", "fibre").await));
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_that_code_is_adopted_and_its_price_is_ours() {
    let world = world().await;
    let product_id = world
        .systems
        .billing
        .insert(Kind::Product, &json!({"name": "Fibre"}))
        .unwrap();
    let fields = json!({
        "plan_code": "fibre-100", "name": "Old", "recurring_price": 1, "interval": 1, "product_id": product_id,
    });
    world.systems.billing.insert(Kind::Plan, &fields).unwrap();
    put(&world, "/products", product()).await;
    put(&world, "/plans", plan()).await;
    assert_synced(&world, "plan", "fibre-100").await;
    let plan = one(&world, Kind::Plan);
    assert_eq!(
        (plan["recurring_price"].to_string(), &plan["name"]),
        ("599".into(), &json!("Fibre 100"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_price_of_a_plan_is_one_update() {
    let world = world().await;
    shop(&world).await;
    for price in ["649.50", "699"] {
        put(&world, "/plans", with(plan(), json!({ "price": price }))).await;
        assert_eq!(money(&one(&world, Kind::Plan)["recurring_price"]), dec(price));
    }
    put(&world, "/plans", with(plan(), json!({"price": "699.00"}))).await;
    assert_eq!(
        world.systems.billing.count("update_plan"),
        2,
        "699 and 699.00 are one price"
    );
}
