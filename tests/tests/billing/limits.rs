//! Zoho's refusals of more calls: nothing is sent blindly, everything is done afterwards.

use super::door::*;
use super::first::is_paid;
use jiff::SignedDuration;
use local::world::World;
use serde_json::json;
use twins::Effect;
use twins::billing::{Kind, Settings};

fn calls(world: &World) -> usize {
    world.systems.billing.calls().len()
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_nothing_is_sent_until_its_time_has_come() {
    for (code, quiet_minutes) in [("44", 0), ("1070", 0), ("45", 59), ("43", 59)] {
        let world = world().await;
        let status = 429;
        let code_of = code.to_owned();
        world
            .systems
            .billing
            .faults()
            .next("*", 1, Effect::Error { status, code: code_of });
        all(&world).await;
        world.settle().await;
        assert_eq!(calls(&world), 1, "{code}: the breaker is open");
        if quiet_minutes > 0 {
            minutes(&world, quiet_minutes).await;
            assert_eq!(calls(&world), 1, "{code}: a stated wait is not cut short");
        }
        minutes(&world, 10).await;
        is_paid(&world).await;
        let at: Vec<_> = world.systems.billing.calls().iter().map(|it| it.at).collect();
        let waited = at[1].duration_since(at[0]);
        if code == "44" {
            assert!(waited >= SignedDuration::from_secs(60), "{code}: {waited}");
        }
        no_violations(&world);
    }
}

#[tokio::test(start_paused = true)]
async fn the_hour_long_block_costs_one_call_an_hour_and_loses_nothing() {
    let world = world().await;
    world.systems.billing.block();
    all(&world).await;
    world.settle().await;
    minutes(&world, 30).await;
    assert_eq!(calls(&world), 1);
    world.systems.billing.block();
    minutes(&world, 45).await;
    assert!(calls(&world) <= 3, "{:#?}", world.systems.billing.calls());
    minutes(&world, 70).await;
    let refused = world
        .systems
        .billing
        .calls()
        .iter()
        .filter(|it| it.status == 429)
        .count();
    assert!(refused <= 2, "{refused}");
    for (kind, count) in [(Kind::Customer, 1), (Kind::Subscription, 1), (Kind::Payment, 1)] {
        assert_eq!(rows(&world, kind).len(), count);
    }
    assert_synced(&world, "payment", "pay_1").await;
}

#[tokio::test(start_paused = true)]
async fn a_small_organisation_is_never_asked_more_than_it_allows() {
    let settings = Settings {
        calls_per_minute: 10,
        calls_per_day: 200,
        concurrency: 2,
        ..Settings::default()
    };
    let variables = [
        ("ZOHO_BILLING_CALLS_PER_MINUTE", "10"),
        ("ZOHO_BILLING_CALLS_PER_DAY", "200"),
        ("ZOHO_BILLING_CALLS_AT_ONCE", "2"),
    ];
    let world = world_of(settings, &variables).await;
    for id in 0..25 {
        let fields = json!({"id": format!("crowd_{id}"), "email": format!("{id}@example.com")});
        post(&world, "/customers", with(customer(), fields)).await;
    }
    all(&world).await;
    world.settle().await;
    minutes(&world, 12).await;
    assert_eq!(rows(&world, Kind::Customer).len(), 26);
    assert_synced(&world, "payment", "pay_1").await;
    no_violations(&world);
}

/// 160 calls at 30 a minute take some six minutes: none of the rate lies idle.
#[tokio::test(start_paused = true)]
async fn a_payment_goes_before_a_crowd_of_customers() {
    let world = world_with(&[("ZOHO_BILLING_CALLS_PER_MINUTE", "30")]).await;
    billed(&world).await;
    for id in 0..150 {
        let fields = json!({"id": format!("crowd_{id}"), "email": format!("{id}@example.com")});
        post(&world, "/customers", with(customer(), fields)).await;
    }
    post(&world, "/payments", payment()).await;
    minutes(&world, 3).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert!(
        rows(&world, Kind::Customer).len() < 150,
        "the crowd has not gone through yet"
    );
    minutes(&world, 5).await;
    assert_eq!(rows(&world, Kind::Customer).len(), 151);
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_dies_is_replaced_and_nothing_fails() {
    let world = world().await;
    billed(&world).await;
    world.systems.billing.faults().next("*", 1, Effect::RevokeTokens);
    put(&world, "/payments", payment()).await;
    minutes(&world, 10).await;
    assert_synced(&world, "payment", "pay_1").await;
    assert_eq!(rows(&world, Kind::Payment).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn rights_that_do_not_suffice_stop_the_system_and_fail_no_record() {
    let world = world().await;
    let code = "57".to_owned();
    world
        .systems
        .billing
        .faults()
        .next("*", 1, Effect::Error { status: 401, code });
    put(&world, "/customers", customer()).await;
    let standing = standing(&world, "customer", "user_123").await;
    assert_eq!(standing["status"], "retrying", "{standing:#}");
    minutes(&world, 12).await;
    assert_synced(&world, "customer", "user_123").await;
}
