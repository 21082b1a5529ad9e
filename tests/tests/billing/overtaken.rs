//! The app speaks at two doors: what its API told last is not undone by a row that was read before.

use super::door::*;
use serde_json::json;
use shared::model::System;
use shared::sync::billing::{Word, take_word};
use std::time::Duration;
use twins::Effect;
use twins::billing::Kind;

#[tokio::test(start_paused = true)]
async fn a_row_that_was_read_before_the_api_told_more_takes_nothing_back() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    world.settle().await;
    let (first, then) = (json!({"date": "2026-11-20"}), json!({"date": "2026-11-21"}));
    let row = with(payment(), json!({"invoice_id": null}));
    insert(&world, "payment_transactions", with(row.clone(), first));
    let slow = Effect::SlowAnswer(Duration::from_secs(4));
    world.systems.app.faults().next("select", 1, slow);
    tokio::join!(world.settle(), async {
        world.clock.sleep(Duration::from_secs(1)).await;
        let app = &world.systems.app;
        app.faults().next("webhook", 1, Effect::LoseNotification);
        app.update_row("payment_transactions", "pay_1", then.clone()).unwrap();
        put(&world, "/payments", with(row.clone(), then.clone())).await;
        world.settle().await;
    });
    minutes(&world, 5).await;
    assert_eq!(one(&world, Kind::Payment)["date"], "2026-11-21");
    assert_synced(&world, "payment", "pay_1").await;
}

/// The API repeats what a gateway has confirmed: a row from before, read before, says nothing of it.
#[tokio::test(start_paused = true)]
async fn a_row_that_was_read_before_the_api_confirmed_a_payment_takes_nothing_back() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let row = with(payment(), json!({"invoice_id": null, "status": "pending"}));
    put(&world, "/payments", row.clone()).await;
    world.settle().await;
    world.clock.sleep(Duration::from_secs(60)).await;
    insert(&world, "payment_transactions", row.clone());
    let slow = Effect::SlowAnswer(Duration::from_secs(4));
    world.systems.app.faults().next("select", 1, slow);
    tokio::join!(world.settle(), async {
        world.clock.sleep(Duration::from_secs(1)).await;
        take_word(world.app(), paid("pay_1")).await.unwrap();
        let (app, then) = (&world.systems.app, json!({"status": "completed"}));
        app.faults().next("webhook", 1, Effect::LoseNotification);
        app.update_row("payment_transactions", "pay_1", then.clone()).unwrap();
        put(&world, "/payments", with(row.clone(), then)).await;
    });
    assert_eq!(get(&world, "/payments/pay_1").await["fields"]["status"], "completed");
    minutes(&world, 5).await;
    assert_synced(&world, "payment", "pay_1").await;
}

fn paid(payment: &str) -> Word {
    Word {
        gateway: System::STRIPE,
        transaction: "pi_1".to_owned(),
        payment: payment.to_owned(),
        amount: None,
        currency: None,
        method: None,
        status: "completed",
    }
}
