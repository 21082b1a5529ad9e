//! What Zoho Billing's webhooks did not tell: its list of events is read once a day.

use super::door::*;
use local::world::World;
use serde_json::json;
use shared::sync::budget::Mode;
use shared::sync::modes;
use twins::billing::Kind;

async fn renewed(world: &World) {
    world.tick("cron_renew").unwrap();
    world.settle().await;
    minutes(world, 2).await;
}

/// Reads of lists of events, and of single ones.
fn asked(world: &World) -> (usize, usize) {
    let billing = &world.systems.billing;
    (billing.count("events"), billing.count("event"))
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_never_came_is_made_good_the_next_day() {
    let world = world().await;
    live(&world).await;
    renewed(&world).await;
    let id = remote(&world, "service", "svc_1").await;
    world.systems.billing.delete(Kind::Subscription, &id).unwrap();
    renewed(&world).await;
    assert_eq!(standing(&world, "service", "svc_1").await["gone"], "deleted");
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_asked_for_once_and_one_that_was_told_never() {
    let world = world().await;
    renewed(&world).await;
    assert_eq!(asked(&world), (0, 0), "nothing was missed before the first look");
    live(&world).await;
    let told = json!({"event_id": "1", "data": {"customer": {"customer_id": "1"}}});
    for _ in 0..2 {
        assert_eq!(super::zoho::send(&world, &told, "local-zoho-billing-secret").await, 200);
    }
    let happened = world.systems.billing.happened().len();
    assert!(happened > 0);
    renewed(&world).await;
    let first = asked(&world);
    assert_eq!(
        first,
        (1, happened),
        "those of our own writes, which no webhook told of"
    );
    renewed(&world).await;
    assert_eq!(asked(&world), (2, happened));
}

#[tokio::test(start_paused = true)]
async fn a_pause_and_a_refusal_are_made_good_by_the_next_look() {
    let world = world().await;
    live(&world).await;
    renewed(&world).await;
    let id = remote(&world, "service", "svc_1").await;
    world.systems.billing.delete(Kind::Subscription, &id).unwrap();
    modes::switch(world.app(), "zoho_billing", Mode::Paused).await.unwrap();
    renewed(&world).await;
    modes::switch(world.app(), "zoho_billing", Mode::On).await.unwrap();
    lose_next(&world, "events");
    renewed(&world).await;
    assert_eq!(standing(&world, "service", "svc_1").await["gone"], json!(null));
    days(&world, 1).await;
    renewed(&world).await;
    assert_eq!(standing(&world, "service", "svc_1").await["gone"], "deleted");
}

#[tokio::test(start_paused = true)]
async fn without_webhooks_nothing_is_missed_and_nothing_asked() {
    let world = world_with(&[("ZOHO_BILLING_WEBHOOK_SECRET", "")]).await;
    for _ in 0..2 {
        live(&world).await;
        renewed(&world).await;
    }
    assert_eq!(asked(&world), (0, 0));
}
