//! What Zoho Billing announces: the receipt is brought up to date, nothing is pushed back.

use super::door::*;
use bytes::Bytes;
use http::Request;
use local::world::World;
use serde_json::{Value, json};
use twins::billing::Kind;

pub async fn send(world: &World, body: &Value, secret: &str) -> u16 {
    let request = Request::post("/webhooks/zoho-billing").header("x-webhook-secret", secret);
    let request = request.body(Bytes::from(body.to_string())).unwrap();
    let answer = world.request(request, "203.0.113.7").await;
    world.settle().await;
    answer.status().as_u16()
}

async fn told(world: &World, body: &Value) {
    assert_eq!(send(world, body, "local-zoho-billing-secret").await, 200);
    minutes(world, 2).await;
}

fn writes(world: &World) -> usize {
    let calls = world.systems.billing.calls();
    calls.iter().filter(|it| it.method != "GET").count()
}

#[tokio::test(start_paused = true)]
async fn without_its_secret_nothing_is_believed_and_nothing_asked() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let calls = world.systems.billing.calls().len();
    let body = json!({"data": {"customer": {"customer_id": remote(&world, "customer", "user_123").await}}});
    for secret in ["", "wrong", "local-zoho-billing-secre", "local-app-secret"] {
        assert_eq!(send(&world, &body, secret).await, 401, "{secret:?}");
    }
    assert_eq!(world.systems.billing.calls().len(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_persons_edit_stays_and_is_not_pushed_back() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let (id, before) = (remote(&world, "customer", "user_123").await, writes(&world));
    world
        .systems
        .billing
        .edit(Kind::Customer, &id, &json!({"phone": "999"}))
        .unwrap();
    for _ in 0..2 {
        told(&world, &json!({"data": {"customer": {"customer_id": id}}})).await;
    }
    let shown = get(&world, "/customers/user_123").await;
    assert_eq!(
        shown["fields"]["phone"], "+27 21 555 0101",
        "the app is the source of truth"
    );
    assert_eq!((&shown["version"], writes(&world)), (&json!(1), before));
    assert_eq!(one(&world, Kind::Customer)["phone"], "999");
    assert_synced(&world, "customer", "user_123").await;
    // The app's next word on it goes through.
    put(&world, "/customers", with(customer(), json!({"phone": "1"}))).await;
    assert_eq!(one(&world, Kind::Customer)["phone"], "1");
}

#[tokio::test(start_paused = true)]
async fn what_the_receipt_learned_is_not_sent_again() {
    let world = world().await;
    live(&world).await;
    let id = remote(&world, "service", "svc_1").await;
    put(&world, "/services", with(service(), json!({"status": "cancelled"}))).await;
    let before = writes(&world);
    told(&world, &json!({"event_type": "subscription_cancellation_scheduled", "data": {"subscription": {"subscription_id": id}}})).await;
    put(&world, "/services", with(service(), json!({"status": "cancelled"}))).await;
    assert_eq!(writes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn objects_that_nobody_here_made_are_left_alone() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let fields = json!({"display_name": "Stranger", "email": "s@example.com"});
    let stranger = world.systems.billing.insert(Kind::Customer, &fields).unwrap();
    let calls = world.systems.billing.calls().len();
    for body in [
        json!({"data": {"customer": {"customer_id": stranger}}}),
        json!({"data": {"customer": {"customer_id": "1"}}}),
        json!({"data": {"hostedpage": {"hostedpage_id": "1"}}}),
        json!({}),
    ] {
        told(&world, &body).await;
    }
    assert_eq!(world.systems.billing.calls().len(), calls);
    assert_eq!(rows(&world, Kind::Customer).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_object_is_marked_and_never_made_again() {
    let world = world().await;
    billed(&world).await;
    let id = remote(&world, "invoice", "inv_1").await;
    world.systems.billing.delete(Kind::Invoice, &id).unwrap();
    told(&world, &json!({"data": {"invoice": {"invoice_id": id}}})).await;
    assert_eq!(standing(&world, "invoice", "inv_1").await["gone"], "deleted");
    put(&world, "/invoices", with(invoice(), json!({"amount": "5"}))).await;
    minutes(&world, 2).await;
    assert_stands(&world, "invoice", "inv_1", "skipped", "deleted").await;
    assert_eq!(rows(&world, Kind::Invoice).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_a_payment_is_the_payments_though_it_shows_its_customer_too() {
    let world = world().await;
    billed(&world).await;
    put(&world, "/payments", payment()).await;
    minutes(&world, 1).await;
    let (payment, customer) = (
        remote(&world, "payment", "pay_1").await,
        remote(&world, "customer", "user_123").await,
    );
    world.systems.billing.delete(Kind::Payment, &payment).unwrap();
    let data = json!({"customer": {"customer_id": customer}, "payment": {"payment_id": payment}});
    told(&world, &json!({"event_type": "payment_deleted", "data": data})).await;
    assert_eq!(standing(&world, "payment", "pay_1").await["gone"], "deleted");
    assert_eq!(standing(&world, "customer", "user_123").await["gone"], Value::Null);
    // Money is not recorded anew because somebody took it out there.
    put(
        &world,
        "/payments",
        with(super::door::payment(), json!({"description": "again"})),
    )
    .await;
    minutes(&world, 2).await;
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_twins_own_events_are_understood() {
    let world = world().await;
    all(&world).await;
    world.settle().await;
    minutes(&world, 2).await;
    let before = writes(&world);
    for kind in ["customer", "subscription", "invoice", "payment", "plan", "product"] {
        let ours = if kind == "subscription" { "service" } else { kind };
        let (id, named) = match kind {
            "plan" => ("fibre-100", "plan_code".to_owned()),
            "product" => ("fibre", "product_id".to_owned()),
            _ => (own(kind), format!("{kind}_id")),
        };
        let id = remote(&world, ours, id).await;
        told(&world, &json!({"event_id": "1", "data": { kind: { named: id } }})).await;
        told(&world, &json!({ kind: { "id": "x" } })).await;
    }
    assert_eq!(writes(&world), before);
    super::first::is_paid(&world).await;
}

fn own(kind: &str) -> &'static str {
    match kind {
        "customer" => "user_123",
        "subscription" => "svc_1",
        "invoice" => "inv_1",
        _ => "pay_1",
    }
}

/// A person ends it in Zoho and takes that back, and the app changes its price.
#[tokio::test(start_paused = true)]
async fn a_service_that_a_person_ended_and_took_back_gets_its_new_price() {
    let world = world().await;
    live(&world).await;
    let id = remote(&world, "service", "svc_1").await;
    for act in ["cancel?cancel_at_end=true", "reactivate"] {
        by_hand(&world, &format!("/billing/v1/subscriptions/{id}/{act}")).await;
        told(
            &world,
            &json!({"event_type": "subscription_changed", "data": {"subscription": {"subscription_id": id}}}),
        )
        .await;
    }
    put(
        &world,
        "/services",
        with(service(), json!({"status": "active", "price": "649.00"})),
    )
    .await;
    assert_synced(&world, "service", "svc_1").await;
    days(&world, 40).await;
    assert_eq!(money(&one(&world, Kind::Subscription)["plan"]["price"]), dec("649"));
}
