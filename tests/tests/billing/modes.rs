//! Paused, mocked, not configured: switched at run time, without loss and without surprise.

use super::door::*;
use super::first::is_paid;
use local::world::World;
use serde_json::json;
use shared::sync::budget::Mode;
use shared::sync::modes;
use twins::billing::Kind;

async fn switch(world: &World, mode: Mode) {
    modes::switch(world.app(), "zoho_billing", mode).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_it_is_paused_is_shown_as_pending_and_sent_when_it_is_on_again() {
    let world = world().await;
    switch(&world, Mode::Paused).await;
    all(&world).await;
    put(&world, "/customers", with(customer(), json!({"phone": "1"}))).await;
    minutes(&world, 10).await;
    assert_eq!(world.systems.billing.calls().len(), 0);
    assert_eq!(status(&world, "customer", "user_123").await, "pending");
    switch(&world, Mode::On).await;
    minutes(&world, 5).await;
    is_paid(&world).await;
    assert_eq!(one(&world, Kind::Customer)["phone"], "1");
    assert_eq!(
        world.systems.billing.count("update_customer"),
        0,
        "two edits are one call"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_paused_in_the_middle_goes_on_where_it_stood() {
    let world = world().await;
    billed(&world).await;
    switch(&world, Mode::Paused).await;
    put(&world, "/payments", payment()).await;
    minutes(&world, 30).await;
    assert_eq!(
        (
            rows(&world, Kind::Payment).len(),
            status(&world, "payment", "pay_1").await.as_str()
        ),
        (0, "pending")
    );
    switch(&world, Mode::On).await;
    minutes(&world, 3).await;
    assert_synced(&world, "payment", "pay_1").await;
}

#[tokio::test(start_paused = true)]
async fn what_a_mock_takes_is_never_sent_not_later_either() {
    let world = world().await;
    switch(&world, Mode::Mock).await;
    all(&world).await;
    minutes(&world, 5).await;
    for (kind, id) in [
        ("customer", "user_123"),
        ("plan", "fibre-100"),
        ("invoice", "inv_1"),
        ("payment", "pay_1"),
    ] {
        assert_stands(&world, kind, id, "skipped", "mock").await;
    }
    switch(&world, Mode::On).await;
    minutes(&world, 65).await;
    assert_eq!(world.systems.billing.calls().len(), 0);
    assert_stands(&world, "payment", "pay_1", "skipped", "mock").await;
}

#[tokio::test(start_paused = true)]
async fn a_new_payment_of_a_mocked_customer_waits_until_somebody_sends_the_customer() {
    let world = world().await;
    switch(&world, Mode::Mock).await;
    put(&world, "/customers", customer()).await;
    switch(&world, Mode::On).await;
    put(&world, "/payments", with(payment(), json!({"invoice_id": null}))).await;
    assert_stands(&world, "payment", "pay_1", "parked", "mock").await;
    let (code, _) = post(&world, "/sync/customer/user_123", json!({})).await;
    assert_eq!(code, 202);
    minutes(&world, 1).await;
    assert_synced(&world, "payment", "pay_1").await;
}

#[tokio::test(start_paused = true)]
async fn not_configured_counts_as_paused() {
    for variable in [
        "ZOHO_BILLING_ORGANIZATION_ID",
        "ZOHO_REFRESH_TOKEN",
        "ZOHO_CLIENT_SECRET",
    ] {
        let world = world_with(&[(variable, "")]).await;
        all(&world).await;
        minutes(&world, 5).await;
        assert_eq!(status(&world, "customer", "user_123").await, "pending", "{variable}");
        let found = get(&world, "/sync/customer?id=user_123&action=find").await;
        assert_eq!(
            found["found"]["zoho_billing"]["not_asked"], "the system is not configured",
            "{found}"
        );
        let world = restarted(&world, &[]);
        minutes(&world, 5).await;
        is_paid(&world).await;
    }
}
