//! Stripe: its signature is its word; an event counts once.

use super::door::*;
use bytes::Bytes;
use http::Request;
use local::world::World;
use serde_json::{Value, json};
use shared::model::Class;
use shared::sync::numbers;
use twins::billing::Kind;
use twins::stripe_signature;

fn event(id: &str, kind: &str, object: Value) -> Value {
    json!({"id": id, "object": "event", "type": kind, "created": start().as_second(), "data": {"object": object}})
}

fn succeeded(id: &str, cents: i64) -> Value {
    let object = json!({
        "id": "pi_1", "object": "payment_intent", "amount_received": cents, "currency": "zar",
        "metadata": {"payment_id": "pay_1"},
    });
    event(id, "payment_intent.succeeded", object)
}

fn refunded(id: &str) -> Value {
    let object = json!({
        "id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": 500, "currency": "zar",
        "metadata": {"payment_id": "pay_1"},
    });
    event(id, "charge.refunded", object)
}

async fn send(world: &World, event: &Value, secret: &str) -> u16 {
    let (body, at) = (event.to_string(), world.clock.now().as_second());
    let signature = stripe_signature(secret, at, &body);
    let request = Request::post("/webhooks/stripe").header("stripe-signature", signature);
    let answer = world
        .request(request.body(Bytes::from(body)).unwrap(), "203.0.113.7")
        .await;
    world.settle().await;
    answer.status().as_u16()
}

async fn told(world: &World, event: &Value) {
    assert_eq!(send(world, event, "whsec_local").await, 200);
    minutes(world, 1).await;
}

async fn held(world: &World) -> usize {
    let (store, end) = (&world.app().store, jiff::Timestamp::MAX);
    store
        .due("intake", "attention", Class::LIVE, end, 100)
        .await
        .unwrap()
        .len()
}

async fn pending(world: &World) {
    billed(world).await;
    put(
        world,
        "/payments",
        with(payment(), json!({"status": "pending", "method": null})),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_twice_counts_once_and_so_do_two_of_one_payment() {
    let world = world().await;
    pending(&world).await;
    for id in ["evt_1", "evt_1", "evt_2"] {
        told(&world, &succeeded(id, 149_990)).await;
    }
    assert_synced(&world, "payment", "pay_1").await;
    let made = one(&world, Kind::Payment);
    assert_eq!(
        (&made["payment_mode"], money(&made["amount"])),
        (&json!("creditcard"), dec("1499.90"))
    );
    assert_eq!(one(&world, Kind::Invoice)["status"], "paid");
    assert_eq!(held(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_signature_is_refused_and_changes_nothing() {
    let world = world().await;
    pending(&world).await;
    for secret in ["whsec_other", "", "local"] {
        assert_eq!(
            send(&world, &succeeded("evt_1", 149_990), secret).await,
            401,
            "{secret:?}"
        );
    }
    let unsigned = Request::post("/webhooks/stripe").body(Bytes::from(succeeded("evt_1", 149_990).to_string()));
    assert_eq!(world.request(unsigned.unwrap(), "203.0.113.7").await.status(), 401);
    minutes(&world, 5).await;
    assert_stands(&world, "payment", "pay_1", "skipped", "not completed").await;
}

#[tokio::test(start_paused = true)]
async fn without_a_secret_nothing_is_believed() {
    let world = world_with(&[("STRIPE_WEBHOOK_SECRET", "")]).await;
    pending(&world).await;
    assert_eq!(send(&world, &succeeded("evt_1", 149_990), "").await, 401);
    assert_eq!(status(&world, "payment", "pay_1").await, "skipped");
}

#[tokio::test(start_paused = true)]
async fn a_refund_is_held_before_and_after_the_payment_was_recorded() {
    for recorded in [false, true] {
        let world = world().await;
        pending(&world).await;
        if recorded {
            told(&world, &succeeded("evt_1", 149_990)).await;
        }
        told(&world, &refunded("evt_2")).await;
        assert_stands(&world, "payment", "pay_1", "held", "refunded").await;
        assert_eq!(rows(&world, Kind::Payment).len(), usize::from(recorded));
        // Stripe promises no order: the older event that comes late does not make good what was given back.
        told(&world, &succeeded("evt_3", 149_990)).await;
        assert_stands(&world, "payment", "pay_1", "held", "refunded").await;
        assert_eq!(rows(&world, Kind::Payment).len(), usize::from(recorded));
    }
}

#[tokio::test(start_paused = true)]
async fn another_amount_or_currency_is_held() {
    let world = world().await;
    pending(&world).await;
    told(&world, &succeeded("evt_1", 149_991)).await;
    assert_eq!(
        (status(&world, "payment", "pay_1").await.as_str(), held(&world).await),
        ("skipped", 1)
    );
    let shown = get(&world, "/sync/payment?id=pay_1").await;
    let why = shown["held"][0]["why"].as_str().unwrap_or_default();
    assert_eq!(why, "amount: stripe says 1499.91, and the app 1499.90", "{shown}");
    // The app corrects its own, to another wrong one: what is shown follows.
    put(
        &world,
        "/payments",
        with(payment(), json!({"status": "pending", "amount": "1499.92"})),
    )
    .await;
    let shown = get(&world, "/sync/payment?id=pay_1").await;
    let why = shown["held"][0]["why"].as_str().unwrap_or_default();
    assert_eq!(why, "amount: stripe says 1499.91, and the app 1499.92", "{shown}");
    let mut dollars = succeeded("evt_2", 149_990);
    dollars["data"]["object"]["currency"] = json!("usd");
    told(&world, &dollars).await;
    assert_eq!(status(&world, "payment", "pay_1").await, "skipped");
    let line = ["resolve", "stripe/payment/pay_1", "--as", "pay_1", "--yes"];
    let refused = cli(&world, &line).await.unwrap_err().to_string();
    assert!(
        refused.contains("says USD") && refused.contains("never taken"),
        "{refused}"
    );
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
}

/// `concord resolve` takes what `concord status` names.
#[tokio::test(start_paused = true)]
async fn what_a_gateway_told_and_is_held_can_be_resolved() {
    let world = world().await;
    billed(&world).await;
    told(&world, &succeeded("evt_1", 149_990)).await;
    assert_eq!(held(&world).await, 1);
    let waiting = numbers::read(world.app()).await.unwrap().waiting;
    let row = &waiting.held[0];
    let name = format!("{}/{}", row.source, row.row);
    let said = cli(&world, &["status"]).await.unwrap();
    assert!(said.contains(&name), "{said}");
    cli(&world, &["resolve", &name, "--drop"]).await.unwrap();
    assert_eq!(held(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn another_sum_is_taken_only_by_a_person_who_was_shown_both() {
    let world = world().await;
    pending(&world).await;
    let mut nobodys = succeeded("evt_1", 70_000);
    nobodys["data"]["object"]["metadata"] = json!({});
    told(&world, &nobodys).await;
    let line = ["resolve", "stripe/payment/pi_1", "--as", "pay_1"];
    let refused = cli(&world, &line).await.unwrap_err().to_string();
    for part in ["stripe says 700.00, and the app 1499.90", "--yes"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    minutes(&world, 2).await;
    assert_eq!((held(&world).await, rows(&world, Kind::Payment).len()), (1, 0));
    let made_up = ["resolve", "stripe/payment/pi_1", "--new"];
    let refused = cli(&world, &made_up).await.unwrap_err().to_string();
    assert!(refused.contains("the app's to make"), "{refused}");
    let no_payment = ["resolve", "stripe/payment/pi_1", "--as", "customer#user_123", "--yes"];
    let refused = cli(&world, &no_payment).await.unwrap_err().to_string();
    assert!(refused.contains("is no customer"), "{refused}");
    cli(&world, &[&line[..], &["--yes"]].concat()).await.unwrap();
    minutes(&world, 2).await;
    assert_eq!(money(&one(&world, Kind::Payment)["amount"]), money(&json!(700)));
    assert_eq!(held(&world).await, 0);
    let notes = world.app().store.list::<Value>("payment#pay_1", "attempt#", 100).await;
    let took = |it: &Value| it["note"].as_str().is_some_and(|it| it.contains("says 700.00"));
    assert!(
        notes.unwrap().iter().any(|it| took(&it.1.body)),
        "the ledger names what was taken"
    );
    // What the gateway tells later of this transaction is known to be of this payment.
    let mut back = refunded("evt_2");
    back["data"]["object"]["metadata"] = json!({});
    told(&world, &back).await;
    assert_stands(&world, "payment", "pay_1", "held", "refunded").await;
    assert_eq!(held(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn one_whose_reference_nobody_knows_is_held_and_makes_no_payment() {
    let world = world().await;
    pending(&world).await;
    let mut nobodys = succeeded("evt_1", 149_990);
    nobodys["data"]["object"]["metadata"] = json!({});
    told(&world, &nobodys).await;
    assert_eq!(held(&world).await, 1);
    let shown = get(&world, "/sync/payment?id=pi_1").await;
    let why = shown["held"][0]["why"].as_str().unwrap_or_default();
    assert!(why.contains("names no payment of the app"), "{shown}");
    let sought = get(&world, "/sync/payment?id=pi_1&action=find").await;
    assert_eq!(sought["title"], "No such payment yet", "{sought}");
    assert_eq!(get(&world, "/payments/pi_1").await["status"], 404);
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_apps_own_word_and_stripes_are_one_payment() {
    for method in ["stripe", "card"] {
        let world = world().await;
        billed(&world).await;
        put(&world, "/payments", with(payment(), json!({ "method": method }))).await;
        told(&world, &succeeded("evt_1", 149_990)).await;
        assert_synced(&world, "payment", "pay_1").await;
        assert_eq!(rows(&world, Kind::Payment).len(), 1, "{method}");
    }
}
