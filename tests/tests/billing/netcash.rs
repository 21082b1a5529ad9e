//! Netcash: a postback is a hint; what Netcash says when it is asked confirms a payment of the app.

use super::door::*;
use bytes::Bytes;
use http::Request;
use local::world::World;
use serde_json::{Value, json};
use shared::model::Class;
use twins::billing::Kind;

const TRACE: &str = "114.228862205218";

/// A postback through the door; its status and where it sends a browser.
async fn post_back(world: &World, form: impl Into<Bytes>, browser: bool) -> (u16, Option<String>) {
    let request = Request::post("/webhooks/netcash").header("content-type", "application/x-www-form-urlencoded");
    let request = match browser {
        true => request.header("accept", "text/html,application/xhtml+xml"),
        false => request,
    };
    let answer = world.request(request.body(form.into()).unwrap(), "203.0.113.7").await;
    let location = answer.headers().get("location");
    let location = location.map(|it| it.to_str().unwrap().to_owned());
    world.settle().await;
    (answer.status().as_u16(), location)
}

async fn told(world: &World) {
    let form = world.systems.netcash.postback(TRACE).unwrap();
    assert_eq!(post_back(world, form, false).await.0, 200);
}

fn paid(world: &World, amount: &str, method: &str) {
    world.systems.netcash.pay(TRACE, "pay_1", dec(amount), method, true, "");
}

/// A payment of the app's whose money has not come yet.
async fn pending(world: &World) {
    billed(world).await;
    put(world, "/payments", with(payment(), json!({"status": "pending"}))).await;
    assert_stands(world, "payment", "pay_1", "skipped", "not completed").await;
}

async fn held(world: &World) -> usize {
    let (store, end) = (&world.app().store, jiff::Timestamp::MAX);
    store
        .due("intake", "attention", Class::LIVE, end, 100)
        .await
        .unwrap()
        .len()
}

fn payments(world: &World) -> Vec<Value> {
    rows(world, Kind::Payment)
}

#[tokio::test(start_paused = true)]
async fn a_postback_that_netcash_confirms_completes_the_payment_once() {
    let world = world().await;
    pending(&world).await;
    paid(&world, "1499.90", "2");
    for _ in 0..3 {
        told(&world).await;
        minutes(&world, 1).await;
    }
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(payments(&world).len(), 1);
    assert_eq!(one(&world, Kind::Invoice)["status"], "paid");
    assert_eq!(held(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_sent_back_to_the_shop_whatever_it_brings() {
    let world = world_with(&[("NETCASH_RETURN_URL", "https://shop.example/thanks")]).await;
    pending(&world).await;
    paid(&world, "1499.90", "1");
    let form = world.systems.netcash.postback(TRACE).unwrap();
    let there = Some("https://shop.example/thanks".to_owned());
    assert_eq!(post_back(&world, form, true).await, (303, there.clone()));
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(post_back(&world, "nonsense", true).await, (303, there));
    assert_eq!(post_back(&world, "nonsense", false).await, (400, None));
}

#[tokio::test(start_paused = true)]
async fn a_forged_postback_changes_nothing() {
    let world = world().await;
    pending(&world).await;
    let forged = [
        "TransactionAccepted=true&RequestTrace=999.1&Reference=pay_1&Amount=1499.90&Method=1&Reason=".to_owned(),
        // A trace that is real, of another payment.
        format!("TransactionAccepted=true&RequestTrace={TRACE}&Reference=pay_1&Amount=1499.90&Method=1&Reason="),
    ];
    world
        .systems
        .netcash
        .pay(TRACE, "pay_other", dec("1.00"), "1", true, "");
    for form in forged {
        assert_eq!(post_back(&world, form, false).await.0, 200);
    }
    minutes(&world, 90).await;
    assert_stands(&world, "payment", "pay_1", "skipped", "not completed").await;
    assert_eq!(payments(&world).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_claims_what_netcash_denies_changes_nothing() {
    let world = world().await;
    pending(&world).await;
    world
        .systems
        .netcash
        .pay(TRACE, "pay_1", dec("1499.90"), "1", false, "Declined");
    let form = format!("TransactionAccepted=true&RequestTrace={TRACE}&Reference=pay_1&Amount=1499.90&Method=1&Reason=");
    post_back(&world, form, false).await;
    minutes(&world, 30).await;
    assert_eq!(
        (
            status(&world, "payment", "pay_1").await.as_str(),
            payments(&world).len()
        ),
        ("skipped", 0)
    );
}

#[tokio::test(start_paused = true)]
async fn another_amount_than_the_apps_is_held_and_recorded_by_nobody() {
    for amount in ["1499.89", "1500.00"] {
        let world = world().await;
        pending(&world).await;
        paid(&world, amount, "1");
        told(&world).await;
        minutes(&world, 5).await;
        assert_stands(&world, "payment", "pay_1", "skipped", "not completed").await;
        assert_eq!((payments(&world).len(), held(&world).await), (0, 1), "{amount}");
        // The app corrects itself: what was held is taken in.
        put(
            &world,
            "/payments",
            with(payment(), json!({"status": "pending", "amount": amount})),
        )
        .await;
        minutes(&world, 1).await;
        assert_synced(&world, "payment", "pay_1").await;
        assert_eq!(held(&world).await, 0, "{amount}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_eft_is_pending_first_and_counts_when_it_is_accepted() {
    let world = world().await;
    pending(&world).await;
    world
        .systems
        .netcash
        .pay(TRACE, "pay_1", dec("1499.90"), "2", false, "Pending");
    told(&world).await;
    minutes(&world, 5).await;
    assert_eq!(payments(&world).len(), 0);
    assert!(world.systems.netcash.settle(TRACE));
    told(&world).await;
    minutes(&world, 1).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(payments(&world)[0]["payment_mode"], "banktransfer");
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_before_the_apps_payment_is_held_and_applied_when_that_comes() {
    let world = world().await;
    billed(&world).await;
    paid(&world, "1499.90", "1");
    told(&world).await;
    assert_eq!(held(&world).await, 1);
    assert_eq!(
        get(&world, "/payments/pay_1").await["status"],
        404,
        "a gateway alone makes no payment"
    );
    put(
        &world,
        "/payments",
        with(payment(), json!({"status": "pending", "method": null})),
    )
    .await;
    minutes(&world, 1).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(payments(&world)[0]["payment_mode"], "creditcard");
    assert_eq!(held(&world).await, 0);
}

/// The app says that it is paid by Netcash, Netcash says how: the payment is one, and nobody has changed it.
#[tokio::test(start_paused = true)]
async fn a_payment_through_both_doors_is_one_in_either_order() {
    for method in ["netcash", "card", "eft"] {
        for app_first in [true, false] {
            let world = world().await;
            billed(&world).await;
            paid(&world, "1499.90", "1");
            let own = with(payment(), json!({ "method": method }));
            if app_first {
                put(&world, "/payments", own.clone()).await;
                minutes(&world, 1).await;
            }
            told(&world).await;
            put(&world, "/payments", own).await;
            minutes(&world, 3).await;
            assert_synced(&world, "payment", "pay_1").await;
            assert_eq!(payments(&world).len(), 1, "{method} {app_first}");
            assert_eq!(held(&world).await, 0, "{method} {app_first}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_app_that_still_says_pending_does_not_take_the_confirmation_back() {
    let world = world().await;
    billed(&world).await;
    let row = with(payment(), json!({"status": "pending"}));
    world.systems.app.insert_row("payment_transactions", row).unwrap();
    world.settle().await;
    paid(&world, "1499.90", "2");
    told(&world).await;
    minutes(&world, 1).await;
    assert_synced(&world, "payment", "pay_1").await;
    for changes in [json!({"description": "by hand"}), json!({"status": "completed"})] {
        world
            .systems
            .app
            .update_row("payment_transactions", "pay_1", changes)
            .unwrap();
        world.settle().await;
        minutes(&world, 61).await;
        assert_synced(&world, "payment", "pay_1").await;
    }
    assert_eq!(payments(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_netcash_does_not_answer_nothing_is_lost() {
    let world = world().await;
    pending(&world).await;
    paid(&world, "1499.90", "2");
    let faults = world.systems.netcash.faults();
    let rule = faults.add("check", twins::When::Always, twins::Effect::Status(503));
    told(&world).await;
    minutes(&world, 20).await;
    assert_eq!(payments(&world).len(), 0);
    faults.remove(rule);
    minutes(&world, 70).await;
    assert_synced(&world, "payment", "pay_1").await;
}
