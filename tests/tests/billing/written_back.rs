//! What the app's own tables are told: how their rows stand in Zoho Billing.

use super::door::*;
use local::fault::{Failure, Verdict};
use local::world::{STATUS_COLUMNS, World};
use serde_json::{Value, json};
use shared::model::Kind as Ours;
use shared::sync::resolve::Decision;
use twins::billing::Kind;

async fn telling() -> World {
    world_with(&[("APP_STATUS_COLUMNS", STATUS_COLUMNS)]).await
}

fn row(world: &World, table: &str) -> Value {
    world.systems.app.rows(table).remove(0)
}

/// How the app's row is told, as Concord has it.
async fn told(world: &World, kind: &str, id: &str) -> Value {
    let shown = get(world, &format!("/sync/{kind}?id={id}")).await;
    shown["systems"]["app_status"].clone()
}

fn patches(world: &World) -> usize {
    let calls = world.systems.app.calls();
    calls.iter().filter(|it| it.method == "PATCH").count()
}

#[tokio::test(start_paused = true)]
async fn a_row_shows_how_it_stands_in_zoho_billing() {
    let world = telling().await;
    insert(&world, "customers", person());
    world.settle().await;
    minutes(&world, 2).await;
    let (row, zoho) = (row(&world, "customers"), one(&world, Kind::Customer));
    assert_eq!(row["zoho_status"], "synced", "{row:#}");
    assert_eq!(row["zoho_id"], zoho["customer_id"]);
    assert_eq!(row["zoho_error"], Value::Null);
    assert!(
        row["zoho_synced_at"].as_str().unwrap().starts_with("2026-11-21T10:0"),
        "{row:#}"
    );
    assert_eq!(told(&world, "customer", "user_123").await["status"], "synced");
}

#[tokio::test(start_paused = true)]
async fn what_is_told_comes_back_as_no_change() {
    let world = telling().await;
    insert(&world, "customers", person());
    minutes(&world, 3).await;
    let (patched, calls) = (patches(&world), world.systems.billing.calls().len());
    assert!((1..=2).contains(&patched), "{patched}: pending and synced at most");
    world.call("POST", "/crons/billing_pull", CRON, None).await.unwrap();
    minutes(&world, 90).await;
    assert_eq!((patches(&world), world.systems.billing.calls().len()), (patched, calls));
    assert_eq!(get(&world, "/customers/user_123").await["version"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stands_in_its_row_until_it_is_mended() {
    let world = telling().await;
    let all = with(invoice(), json!({"customer_id": "user_123", "type": "unheard_of"}));
    insert(&world, "customers", person());
    insert(&world, "customer_invoices", all);
    minutes(&world, 3).await;
    let refused = row(&world, "customer_invoices");
    assert_eq!(refused["zoho_status"], "failed", "{refused:#}");
    assert!(
        refused["zoho_error"].as_str().unwrap().contains("unheard_of"),
        "{refused:#}"
    );
    assert_eq!(refused["zoho_id"], Value::Null);
    let mended = json!({"type": "installation"});
    world
        .systems
        .app
        .update_row("customer_invoices", "inv_1", mended)
        .unwrap();
    minutes(&world, 3).await;
    let mended = row(&world, "customer_invoices");
    assert_eq!(
        (&mended["zoho_status"], &mended["zoho_error"]),
        (&json!("synced"), &Value::Null)
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_still_waits_says_for_what() {
    let world = telling().await;
    insert(
        &world,
        "payment_transactions",
        with(payment(), json!({"customer_id": "nobody", "invoice_id": null})),
    );
    minutes(&world, 3).await;
    assert_eq!(row(&world, "payment_transactions")["zoho_status"], "pending");
    minutes(&world, 20).await;
    let waits = row(&world, "payment_transactions");
    assert_eq!(waits["zoho_status"], "pending", "{waits:#}");
    assert!(waits["zoho_error"].as_str().unwrap().contains("nobody"), "{waits:#}");
    let patched = patches(&world);
    minutes(&world, 60).await;
    assert_eq!(patches(&world), patched, "said once");
    insert(&world, "customers", with(person(), json!({"id": "nobody"})));
    minutes(&world, 3).await;
    let there = row(&world, "payment_transactions");
    assert_eq!(
        (&there["zoho_status"], &there["zoho_error"]),
        (&json!("synced"), &Value::Null),
        "{there:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_has_no_row_is_told_when_it_has_one() {
    let world = telling().await;
    put(&world, "/customers", customer()).await;
    minutes(&world, 2).await;
    let shown = told(&world, "customer", "user_123").await;
    assert_eq!(
        (&shown["status"], &shown["last_error"]),
        (&json!("skipped"), &json!("no row has this id"))
    );
    insert(&world, "customers", person());
    minutes(&world, 2).await;
    assert_eq!(row(&world, "customers")["zoho_status"], "synced");
    assert_eq!(world.systems.app.rows("customers").len(), 1, "Concord makes no rows");
}

#[tokio::test(start_paused = true)]
async fn an_app_that_is_down_holds_up_nothing_and_is_told_later() {
    let world = telling().await;
    insert(&world, "customers", person());
    world.system_faults().set(|call| match call.service {
        "app" if call.operation.starts_with("PATCH") => Verdict::Fail(Failure::NotSent),
        _ => Verdict::Pass,
    });
    minutes(&world, 5).await;
    assert_synced(&world, "customer", "user_123").await;
    assert_eq!(told(&world, "customer", "user_123").await["status"], "retrying");
    world.system_faults().clear();
    minutes(&world, 30).await;
    assert_eq!(row(&world, "customers")["zoho_status"], "synced");
}

#[tokio::test(start_paused = true)]
async fn a_table_without_the_columns_is_a_reason_and_no_trouble_for_billing() {
    let columns = ("APP_STATUS_COLUMNS", r#"{"status":"billing_state"}"#);
    let world = world_with(&[columns]).await;
    insert(&world, "customers", person());
    minutes(&world, 3).await;
    assert_synced(&world, "customer", "user_123").await;
    let shown = told(&world, "customer", "user_123").await;
    assert_eq!(shown["status"], "failed", "{shown:#}");
    assert!(
        shown["last_error"].as_str().unwrap().contains("billing_state"),
        "{shown:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_columns_nothing_is_written_back() {
    let world = world().await;
    insert(&world, "customers", person());
    minutes(&world, 3).await;
    assert_synced(&world, "customer", "user_123").await;
    assert_eq!(
        (patches(&world), told(&world, "customer", "user_123").await),
        (0, Value::Null)
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_person_decides_is_told() {
    let world = telling().await;
    insert(&world, "customers", person());
    let unknown = with(invoice(), json!({"customer_id": "user_123", "type": "unheard_of"}));
    insert(&world, "customer_invoices", unknown);
    minutes(&world, 3).await;
    decide(&world, Ours::INVOICE, "inv_1", Decision::Drop).await.unwrap();
    minutes(&world, 2).await;
    let dropped = row(&world, "customer_invoices");
    assert_eq!(
        (&dropped["zoho_status"], &dropped["zoho_error"]),
        (&json!("skipped"), &json!("dropped by a person"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_from_before_the_columns_is_told_with_what_happens_next() {
    let world = world().await;
    insert(&world, "customers", person());
    minutes(&world, 2).await;
    let world = world
        .restart(&options(&[("APP_STATUS_COLUMNS", STATUS_COLUMNS)]))
        .unwrap();
    let (code, answer) = post(&world, "/sync/customer/user_123", json!({"force": true})).await;
    assert_eq!(
        (code, &answer["systems"]["zoho_billing"]["syncs"]),
        (202, &json!(true)),
        "{answer}"
    );
    minutes(&world, 3).await;
    assert_eq!(row(&world, "customers")["zoho_status"], "synced");
}

#[tokio::test(start_paused = true)]
async fn operators_tools_learn_of_the_columns_from_the_deployment() {
    let world = telling().await;
    minutes(&world, 2).await;
    let deployed = shared::sync::deployment::read(&world.app().store)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(deployed.settings["APP_STATUS_COLUMNS"], STATUS_COLUMNS);
}

#[tokio::test(start_paused = true)]
async fn rows_from_before_the_columns_are_told_by_a_backfill_at_no_call_to_zoho_billing() {
    let world = world().await;
    let left_out = with(invoice(), json!({"type": "recurring"}));
    insert(&world, "customers", person());
    insert(&world, "customer_invoices", left_out);
    minutes(&world, 2).await;
    let calls = world.systems.billing.calls().len();
    let world = world
        .restart(&options(&[("APP_STATUS_COLUMNS", STATUS_COLUMNS)]))
        .unwrap();
    let (code, answer) = post(&world, "/sync/bulk", json!({"kinds": "all"})).await;
    assert_eq!(code, 202, "{answer}");
    minutes(&world, 10).await;
    assert_eq!(row(&world, "customers")["zoho_status"], "synced");
    assert_eq!(row(&world, "customer_invoices")["zoho_status"], "skipped");
    assert_eq!(world.systems.billing.calls().len(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_says_just_what_the_api_said_is_told_too() {
    let world = telling().await;
    put(&world, "/customers", person()).await;
    minutes(&world, 2).await;
    insert(&world, "customers", person());
    minutes(&world, 2).await;
    assert_eq!(row(&world, "customers")["zoho_status"], "synced");
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_there_is_told() {
    let world = telling().await;
    insert(&world, "customers", person());
    minutes(&world, 2).await;
    let id = remote(&world, "customer", "user_123").await;
    world.systems.billing.delete(Kind::Customer, &id).unwrap();
    let body = json!({"data": {"customer": {"customer_id": id}}});
    let told = super::zoho::send(&world, &body, "local-zoho-billing-secret").await;
    minutes(&world, 2).await;
    assert_eq!(
        (told, &row(&world, "customers")["zoho_status"]),
        (200, &json!("deleted"))
    );
}

#[test]
fn columns_that_are_read_or_named_twice_are_refused_by_their_name() {
    for (columns, named) in [
        (r#"{"status":"status"}"#, "status"),
        (r#"{"last_synced":"phone"}"#, "phone"),
        (r#"{"last_synced":"updated_at"}"#, "updated_at"),
        (r#"{"status":"a","last_error":"a"}"#, "a"),
        (r#"{"status":""}"#, ""),
        (r#"{"state":"a"}"#, "state"),
    ] {
        let refused = World::new(options(&[("APP_STATUS_COLUMNS", columns)])).err().unwrap();
        let why = format!("{refused:#}");
        assert!(
            why.contains("APP_STATUS_COLUMNS") && why.contains(named),
            "{columns}: {why}"
        );
    }
}
