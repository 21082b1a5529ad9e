//! One of many: a lead that is refused, unreadable or makes us panic speaks for itself only.

use super::ask::{stored, wait};
use super::door::{lead, post, show, world};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::{Value, json};
use shared::model::{Class, Kind, RecordKey, System};
use shared::store::{DueIndex, Places, keys};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use twins::Effect;

const COUNT: u64 = 5;

fn id(index: u64) -> String {
    format!("aaaaaaaa-0000-4000-8000-{index:012}")
}

fn nth(index: u64) -> Value {
    let mut lead = lead();
    lead["id"] = json!(id(index));
    lead["email"] = json!(format!("lead{index}@example.com"));
    lead
}

/// Accepts several leads; nothing is delivered yet. Their records' ids.
async fn several(world: &World) -> Vec<String> {
    let mut ids = Vec::new();
    for index in 0..COUNT {
        let (status, answer) = post(world, &nth(index)).await;
        assert_eq!(status, 202);
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    ids
}

async fn statuses(world: &World, system: &str) -> Vec<String> {
    let mut found = Vec::new();
    for index in 0..COUNT {
        let shown = show(world, &id(index)).await;
        found.push(shown["systems"][system]["status"].as_str().unwrap().to_owned());
    }
    found
}

fn count(statuses: &[String], of: &str) -> usize {
    statuses.iter().filter(|it| *it == of).count()
}

#[tokio::test(start_paused = true)]
async fn one_refused_lead_of_a_batch_fails_alone_with_its_own_error() {
    let world = world().await;
    several(&world).await;
    let refused = Effect::Record {
        index: 2,
        code: "INVALID_DATA".into(),
    };
    world.systems.zoho.faults().next("upsert", 1, refused);
    world.settle().await;
    let after = statuses(&world, "zoho_crm").await;
    assert_eq!((count(&after, "synced"), count(&after, "failed")), (4, 1), "{after:?}");
    assert_eq!(world.systems.zoho.leads().len(), 4);
    // Nothing of it is taken for known there: its next version is sent whole.
    let failed = after.iter().position(|it| it == "failed").unwrap() as u64;
    let why = show(&world, &id(failed)).await["systems"]["zoho_crm"]["last_error"].clone();
    assert!(why.as_str().unwrap().contains("INVALID_DATA"), "{why}");
    let mut mended = nth(failed);
    mended["notes"] = json!("mended");
    post(&world, &mended).await;
    world.settle().await;
    let leads = world.systems.zoho.leads();
    let lead = leads
        .iter()
        .find(|it| it["Portal_Lead_ID"] == id(failed).as_str())
        .unwrap();
    assert_eq!(
        (&lead["Last_Name"], &lead["Description"]),
        (&json!("Borg"), &json!("mended")),
        "{lead:#}"
    );
}

/// The record's link to Zoho is written by a version of us that we don't understand.
async fn poison(world: &World, id: &str) {
    let at = keys::link(&RecordKey::new(Kind::LEAD, id), &System::ZOHO_CRM);
    let stored = world.app().store.get::<Value>(&at).await.unwrap().unwrap();
    let due = DueIndex {
        system: "zoho_crm".into(),
        bucket: "open",
        class: Class::LIVE,
        at: world.clock.now(),
    };
    let places = Places {
        due: Some(due),
        ..Places::default()
    };
    let garbage = json!("garbage");
    world
        .app()
        .store
        .put(&at, &garbage, Some(&stored.rev), &places)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_item_that_can_not_be_read_keeps_nobody_else_from_being_fed() {
    let world = world().await;
    let ids = several(&world).await;
    for queue in ["concord-sync-zoho-crm-lead", "concord-sync-backoffice-lead"] {
        for lost in world.aws.queues.receive(queue, 10, world.clock.now_ms()).unwrap() {
            world.aws.queues.delete(queue, &lost.handle).unwrap();
        }
    }
    poison(&world, &ids[0]).await;
    super::webhooks::portal(&super::webhooks::row(&world)).of(&world).await;
    for lost in world
        .aws
        .queues
        .receive("concord-intake", 10, world.clock.now_ms())
        .unwrap()
    {
        world.aws.queues.delete("concord-intake", &lost.handle).unwrap();
    }
    world.pass(Duration::from_secs(190)).await.unwrap();
    assert_eq!(
        world.systems.zoho.leads().len(),
        5,
        "four of the five, and the webhook's"
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_that_can_not_be_read_takes_nothing_of_its_batch_along() {
    let world = world().await;
    let ids = several(&world).await;
    poison(&world, &ids[3]).await;
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 4, "the others are there");
    assert_eq!(
        world.systems.backoffice.rows("leads").len(),
        4,
        "as in the other system"
    );
    let left = world
        .aws
        .queues
        .depth("concord-sync-zoho-crm-lead", world.clock.now_ms());
    assert_eq!(left, 1, "its message alone comes again");
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_makes_us_panic_takes_nothing_of_its_batch_along() {
    let world = world().await;
    several(&world).await;
    // The first call holds them all; then one by one: the third of those is the poisoned one.
    let calls = AtomicU64::new(0);
    world.systems.faults.set(move |call| {
        if call.operation.ends_with("/Leads/upsert") && [0, 3].contains(&calls.fetch_add(1, Ordering::Relaxed)) {
            panic!("poison");
        }
        Verdict::Pass
    });
    world.settle().await;
    let after = statuses(&world, "zoho_crm").await;
    assert_eq!((count(&after, "synced"), count(&after, "failed")), (4, 1), "{after:?}");
    assert_eq!(world.systems.zoho.leads().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_looking_up_fails_the_poisoned_lead_alone() {
    let world = world().await;
    several(&world).await;
    let calls = AtomicU64::new(0);
    world.systems.faults.set(move |call| {
        if call.operation.ends_with("/coql") && [0, 3].contains(&calls.fetch_add(1, Ordering::Relaxed)) {
            panic!("poison");
        }
        Verdict::Pass
    });
    world.settle().await;
    let after = statuses(&world, "zoho_crm").await;
    assert_eq!((count(&after, "synced"), count(&after, "failed")), (4, 1), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_whole_comes_again_whole() {
    let world = world().await;
    several(&world).await;
    let calls = AtomicU64::new(0);
    world.aws.faults.set(move |call| {
        let early = call.operation == "BatchGetItem" && calls.fetch_add(1, Ordering::Relaxed) < 24;
        if early {
            Verdict::Fail(Failure::ServerError)
        } else {
            Verdict::Pass
        }
    });
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 0);
    for _ in 0..4 {
        wait(&world, 190).await;
        world.settle().await;
    }
    assert_eq!(world.systems.zoho.leads().len(), 5, "each of its members");
    assert_eq!(stored(&world, "note#dead_letter#"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_makes_us_panic_waits_for_a_person_and_takes_no_other_along() {
    let world = world().await;
    let body = super::webhooks::row(&world);
    let calls = AtomicU64::new(0);
    world.systems.faults.set(move |call| {
        if call.service == "portal" && calls.fetch_add(1, Ordering::Relaxed) == 0 {
            panic!("poison");
        }
        Verdict::Pass
    });
    super::webhooks::portal(&body).of(&world).await;
    super::webhooks::portal(&body).of(&world).await;
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 1, "the second was applied");
    let waiting = super::state::due(&world, "attention");
    assert_eq!(waiting.len(), 1, "{waiting:#?}");
    assert_eq!(waiting[0]["body"]["error"], "panic");
}
