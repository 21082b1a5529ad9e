//! What a process saw of a budget spares it a read, and never outweighs what another process has written since.

use super::door::{ID, lead, post, restarted, show, world};
use local::world::World;
use serde_json::json;
use shared::model::{Class, System};
use shared::sync::budget::{self, Limit, Limits, Mode, NoSlot, Slot};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn limits(concurrency: u32, allowed: u64) -> Limits {
    let window = Limit {
        name: "minute",
        window: MINUTE,
        allowed,
    };
    Limits {
        windows: vec![window],
        concurrency,
    }
}

async fn take(world: &World, limits: &Limits) -> Result<Slot, NoSlot> {
    let (app, zoho) = (world.app(), System::ZOHO_CRM);
    // Less time than the invocation has left after it: nothing is waited for.
    let needs = app.time_left();
    budget::slot(app, &zoho, limits, 1, Class::LIVE, needs).await.unwrap()
}

async fn call(world: &World, limits: &Limits) {
    let slot = take(world, limits).await.unwrap();
    budget::ended_well(world.app(), &System::ZOHO_CRM, &slot).await;
}

/// Two processes on one table, of which the first has just called Zoho CRM.
async fn two(limits: &Limits) -> (World, World) {
    let first = world().await;
    call(&first, limits).await;
    let second = restarted(&first, &[]);
    (first, second)
}

#[tokio::test(start_paused = true)]
async fn calls_in_a_row_read_the_budget_once() {
    let world = world().await;
    let reads = || world.aws.faults.count("dynamodb", "GetItem");
    let before = reads();
    for _ in 0..5 {
        call(&world, &limits(2, 100)).await;
    }
    assert_eq!(reads() - before, 1);
    // What was seen long ago is mostly outdated: it is read again, not tried.
    world.clock.sleep(MINUTE).await;
    call(&world, &limits(2, 100)).await;
    assert_eq!(reads() - before, 2);
}

#[tokio::test(start_paused = true)]
async fn a_pause_by_another_process_is_heeded_at_once() {
    let limits = limits(2, 100);
    let (first, second) = two(&limits).await;
    for mode in [Mode::Paused, Mode::Mock] {
        budget::set_mode(second.app(), &System::ZOHO_CRM, mode).await.unwrap();
        assert_eq!(take(&first, &limits).await.unwrap_err(), NoSlot::Paused, "{mode:?}");
        let seen = budget::mode(first.app(), &System::ZOHO_CRM).await.unwrap();
        assert_eq!(seen, mode);
        budget::set_mode(second.app(), &System::ZOHO_CRM, Mode::On)
            .await
            .unwrap();
        let seen = budget::mode(first.app(), &System::ZOHO_CRM).await.unwrap();
        assert_eq!(seen, Mode::On, "a mock that has ended skips nothing more");
        call(&first, &limits).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_system_asked_another_process_for_is_heeded_at_once() {
    let limits = limits(2, 100);
    let (first, second) = two(&limits).await;
    let until = budget::open_breaker(second.app(), &System::ZOHO_CRM, Some(MINUTE), "block")
        .await
        .unwrap();
    let refused = take(&first, &limits).await.unwrap_err();
    assert_eq!(refused, NoSlot::Until(until, "block".into()));
}

#[tokio::test(start_paused = true)]
async fn calls_of_another_process_count_against_every_limit() {
    for limits in [limits(1, 100), limits(5, 2)] {
        let (first, second) = two(&limits).await;
        let _flying = take(&second, &limits).await.unwrap();
        let refused = take(&first, &limits).await;
        assert!(matches!(refused, Err(NoSlot::Until(..))), "{limits:?}: {refused:?}");
    }
}

/// A refusal by what was seen is no refusal: who was on again is called at once.
#[tokio::test(start_paused = true)]
async fn a_pause_that_has_ended_refuses_nothing_more() {
    let limits = limits(2, 100);
    let (first, second) = two(&limits).await;
    budget::set_mode(first.app(), &System::ZOHO_CRM, Mode::Paused)
        .await
        .unwrap();
    let seen = budget::read(second.app(), &System::ZOHO_CRM).await.unwrap().unwrap();
    assert_eq!(seen.body.mode, Mode::Paused);
    budget::set_mode(first.app(), &System::ZOHO_CRM, Mode::On)
        .await
        .unwrap();
    assert!(take(&second, &limits).await.is_ok());
}

/// A push that saw Zoho CRM on a moment ago sends nothing to what is a mock now, and says so in the end.
#[tokio::test(start_paused = true)]
async fn what_a_mock_took_meanwhile_is_never_sent() {
    let world = world().await;
    let second = restarted(&world, &[]);
    post(&world, &lead()).await;
    // A call that has just ended: the push that comes next remembers that the system was on.
    call(&world, &limits(10, 100)).await;
    budget::set_mode(second.app(), &System::ZOHO_CRM, Mode::Mock)
        .await
        .unwrap();
    assert_eq!(
        budget::mode(world.app(), &System::ZOHO_CRM).await.unwrap(),
        Mode::On,
        "as it was seen"
    );
    world.settle().await;
    world.pass(Duration::from_secs(600)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 0);
    let shown = show(&world, ID).await;
    let link = &shown["systems"]["zoho_crm"];
    assert_eq!(
        (&link["status"], &link["last_error"]),
        (&json!("skipped"), &json!("mock"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_process_reads_its_access_token_once_and_anew_when_it_is_refused() {
    let first = world().await;
    let second = restarted(&first, &[]);
    let tokens = |world: &World| world.app().zoho_crm.clone().unwrap().1;
    let old = tokens(&first).get(None).await.unwrap();
    assert_eq!(tokens(&second).get(None).await.unwrap().version, old.version);
    let before = (mints(&first), first.aws.faults.count("dynamodb", "GetItem"));
    for _ in 0..5 {
        assert_eq!(tokens(&first).get(None).await.unwrap().version, old.version);
    }
    let after = (mints(&first), first.aws.faults.count("dynamodb", "GetItem"));
    assert_eq!(after, before, "nothing is asked for");

    let new = tokens(&second).get(Some(old.version)).await.unwrap();
    assert_eq!(mints(&first), before.0 + 1);
    let found = tokens(&first).get(Some(old.version)).await.unwrap();
    assert_eq!(found.version, new.version, "the other one's, not a third");
    assert_eq!(mints(&first), before.0 + 1);

    // In its last minute a call still uses it; who fetches it for calls to come gets a new one.
    first.clock.sleep(Duration::from_secs(3_570)).await;
    assert_eq!(tokens(&first).get(None).await.unwrap().version, new.version);
    assert_ne!(tokens(&first).get_ahead().await.unwrap().version, new.version);
    assert_eq!(mints(&first), before.0 + 2);
}

fn mints(world: &World) -> usize {
    world.systems.zoho.count("token")
}
