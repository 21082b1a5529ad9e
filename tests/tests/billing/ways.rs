//! Ways in: the app's tables by their webhooks and by the hourly pull.

use super::door::*;
use local::world::{Options, World};
use serde_json::{Value, json};
use shared::model::Class;
use std::time::Duration;
use twins::Effect;
use twins::billing::Kind;

async fn pull(world: &World) -> Value {
    // A row of the last two seconds may not be whole yet.
    world.clock.sleep(Duration::from_secs(30)).await;
    let (code, answer) = world.call("POST", "/crons/billing_pull", CRON, None).await.unwrap();
    assert_eq!(code, 202, "{answer}");
    world.settle().await;
    run(world, &answer).await
}

async fn run(world: &World, begun: &Value) -> Value {
    let path = begun["status_url"].as_str().unwrap();
    world.call("GET", path, CRON, None).await.unwrap().1
}

/// How many rows wait for somebody who reads them.
async fn set_aside(world: &World) -> usize {
    let (store, end) = (&world.app().store, jiff::Timestamp::MAX);
    store
        .due("intake", "attention", Class::LIVE, end, 100)
        .await
        .unwrap()
        .len()
}

#[tokio::test(start_paused = true)]
async fn rows_of_all_four_tables_go_the_whole_way() {
    let world = world().await;
    put(&world, "/products", product()).await;
    put(&world, "/plans", plan()).await;
    insert(&world, "payment_transactions", with(payment(), json!({"date": null})));
    world.settle().await;
    insert(&world, "customer_invoices", invoice());
    let service = with(service(), json!({"status": "active"}));
    insert(&world, "customer_services", service);
    insert(&world, "customers", person());
    world.settle().await;
    minutes(&world, 2).await;
    for (kind, id) in [
        ("customer", "user_123"),
        ("service", "svc_1"),
        ("invoice", "inv_1"),
        ("payment", "pay_1"),
    ] {
        assert_synced(&world, kind, id).await;
    }
    let payment = one(&world, Kind::Payment);
    assert_eq!(
        payment["date"], "2026-11-21",
        "the day of its row, where the organisation is"
    );
    assert_eq!(money(&payment["invoices"][0]["amount_applied"]), dec("1499.90"));
}

#[tokio::test(start_paused = true)]
async fn a_row_late_at_night_belongs_to_the_organisations_day() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let row = with(
        payment(),
        json!({"date": null, "invoice_id": null, "created_at": "2026-11-20T22:30:00+00:00"}),
    );
    insert(&world, "payment_transactions", row);
    world.settle().await;
    assert_eq!(one(&world, Kind::Payment)["date"], "2026-11-21");
}

#[tokio::test(start_paused = true)]
async fn an_edited_row_is_an_update() {
    let world = world().await;
    insert(&world, "customers", person());
    world.settle().await;
    world
        .systems
        .app
        .update_row("customers", "user_123", json!({"phone": "1", "company_name": null}))
        .unwrap();
    world.settle().await;
    let found = one(&world, Kind::Customer);
    assert_eq!((&found["phone"], &found["company_name"]), (&json!("1"), &json!("")));
    assert_eq!(
        found["display_name"], "nandi@example.com",
        "it follows what it was derived of"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_webhook_is_made_up_for_by_the_hourly_pull() {
    let world = world().await;
    world.systems.app.faults().next("webhook", 1, Effect::LoseNotification);
    insert(&world, "customers", person());
    world.settle().await;
    assert_eq!(rows(&world, Kind::Customer).len(), 0);
    minutes(&world, 61).await;
    assert_synced(&world, "customer", "user_123").await;
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_comes_twice_is_one_customer() {
    let world = world().await;
    world
        .systems
        .app
        .faults()
        .next("webhook", 1, Effect::DuplicateNotification);
    insert(&world, "customers", person());
    world.settle().await;
    pull(&world).await;
    assert_eq!(get(&world, "/customers/user_123").await["version"], 1);
    assert_eq!(world.systems.billing.count("create_customer"), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_service_key_the_body_is_used_unconfirmed_until_a_pull_confirms_it() {
    let world = world_with(&[("APP_SUPABASE_SERVICE_KEY", "")]).await;
    insert(&world, "customers", person());
    world.settle().await;
    assert_synced(&world, "customer", "user_123").await;
    assert_eq!(get(&world, "/customers/user_123").await["unconfirmed"], true);
    assert_eq!(world.systems.app.calls().len(), 0);
    let world = restarted(&world, &[]);
    pull(&world).await;
    assert_eq!(get(&world, "/customers/user_123").await["unconfirmed"], false);
    assert_eq!(rows(&world, Kind::Customer).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_the_secret_nothing_is_believed() {
    let world = world().await;
    let body =
        json!({"type": "INSERT", "schema": "public", "table": "customers", "record": person(), "old_record": null});
    for secret in ["", "wrong", "local-app-secre", "local-portal-secret"] {
        let request = http::Request::post("/webhooks/supabase/app").header("x-webhook-secret", secret);
        let request = request.body(bytes::Bytes::from(body.to_string())).unwrap();
        assert_eq!(world.request(request, "203.0.113.7").await.status(), 401, "{secret:?}");
    }
    world.settle().await;
    assert_eq!(get(&world, "/customers/user_123").await["status"], 404);
}

#[tokio::test(start_paused = true)]
async fn a_pull_reads_past_every_page_and_a_second_one_changes_nothing() {
    let world = made(Options {
        most_rows: 40,
        ..options(&[])
    })
    .await;
    shared::sync::modes::switch(world.app(), "zoho_billing", shared::sync::budget::Mode::Paused)
        .await
        .unwrap();
    for id in 0..130 {
        let row = json!({"id": format!("user_{id:03}"), "email": format!("{id}@example.com")});
        insert(&world, "customers", row);
        insert(
            &world,
            "payment_transactions",
            with(payment(), json!({"id": format!("pay_{id}")})),
        );
    }
    world.systems.app.take_webhooks();
    let first = pull(&world).await;
    assert_eq!(first["counts"]["created"], 260, "{first:#}");
    for id in ["user_000", "user_129"] {
        assert_eq!(get(&world, &format!("/customers/{id}")).await["version"], 1);
    }
    let second = pull(&world).await;
    assert_eq!(
        (&second["counts"]["created"], &second["counts"]["updated"]),
        (&json!(0), &json!(0)),
        "{second:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_can_not_be_read_is_set_aside_until_it_can_and_the_rest_go_on() {
    let world = world().await;
    shop(&world).await;
    for (id, start) in [("svc_1", "2026-11-21"), ("svc_2", "tomorrow"), ("svc_3", "2026-11-21")] {
        let row = with(service(), json!({"id": id, "status": "active", "start_date": start}));
        insert(&world, "customer_services", row);
    }
    world.systems.app.take_webhooks();
    let run = pull(&world).await;
    assert_eq!(
        (&run["counts"]["failed"], set_aside(&world).await),
        (&json!(1), 1),
        "{run:#}"
    );
    assert_synced(&world, "service", "svc_1").await;
    assert_synced(&world, "service", "svc_3").await;
    assert_eq!(get(&world, "/services/svc_2").await["status"], 404);

    world
        .systems
        .app
        .update_row("customer_services", "svc_2", json!({"start_date": "2026-12-01"}))
        .unwrap();
    world.systems.app.take_webhooks();
    pull(&world).await;
    assert_synced(&world, "service", "svc_2").await;
    assert_eq!(set_aside(&world).await, 0, "it has its place now");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_in_the_app_marks_and_deletes_nothing_elsewhere() {
    let world = world().await;
    insert(&world, "customers", person());
    world.settle().await;
    world.systems.app.delete_row("customers", "user_123").unwrap();
    world.settle().await;
    minutes(&world, 65).await;
    let shown = get(&world, "/customers/user_123").await;
    assert_eq!(shown["systems"]["app"]["gone"], "deleted", "{shown:#}");
    assert_eq!(shown["systems"]["zoho_billing"]["status"], "synced");
    assert_eq!(one(&world, Kind::Customer)["status"], "active");
}

#[tokio::test(start_paused = true)]
async fn the_app_may_call_its_tables_and_columns_what_it_likes() {
    let tables = json!({"product": "offers"}).to_string();
    let columns = json!({"payment": {"amount": "total", "method": "channel"}}).to_string();
    let world = world_with(&[("APP_TABLES", &tables), ("APP_COLUMNS", &columns)]).await;
    put(&world, "/customers", customer()).await;
    put(&world, "/payments", with(payment(), json!({"invoice_id": null}))).await;
    assert_eq!(
        money(&one(&world, Kind::Payment)["amount"]),
        dec("1499.90"),
        "callers use Concord's names"
    );
    let (code, problem) = post(&world, "/payments", with(payment(), json!({"amount": "R 5"}))).await;
    assert_eq!((code, &problem["field"]), (422, &json!("amount")), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn a_payment_by_the_api_and_by_its_row_is_one_payment() {
    let world = world().await;
    billed(&world).await;
    put(&world, "/payments", payment()).await;
    insert(
        &world,
        "payment_transactions",
        with(payment(), json!({"description": "EFT of Nandi"})),
    );
    world.settle().await;
    minutes(&world, 61).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(one(&world, Kind::Payment)["reference_number"], "pay_1");
    assert_eq!(world.systems.billing.count("create_payment"), 1);
}
