//! What one thing that goes wrong must not do to the others.

use super::door::{CRON, ID, lead, post, show, world};
use local::fault::Verdict;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use twins::Effect;

#[tokio::test(start_paused = true)]
async fn a_newer_version_accepted_during_a_refused_call_goes_by_itself() {
    let world = world().await;
    post(&world, &lead()).await;
    let refused = Effect::Record {
        index: 0,
        code: "INVALID_DATA".into(),
    };
    world.systems.zoho.faults().next("upsert", 1, refused);
    world.system_faults().set(|call| {
        if call.service == "zoho_crm" && call.operation.contains("upsert") {
            Verdict::DelayAfter(Duration::from_secs(4))
        } else {
            Verdict::Pass
        }
    });
    let mended = async {
        world.clock.sleep(Duration::from_secs(2)).await;
        let shown = show(&world, ID).await;
        assert_eq!(shown["systems"]["zoho_crm"]["status"], "syncing", "{shown:#}");
        let mut mended = lead();
        mended["notes"] = json!("mended");
        let (status, answer) = post(&world, &mended).await;
        assert_eq!((status, &answer["version"]), (202, &json!(2)), "{answer}");
    };
    tokio::join!(world.settle(), mended);
    world.system_faults().clear();
    world.pass(Duration::from_secs(7_200)).await.unwrap();
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["zoho_crm"]["status"], "synced", "{shown:#}");
}

#[tokio::test(start_paused = true)]
async fn a_row_of_the_future_does_not_blind_the_pull() {
    let world = world().await;
    let mut row = json!({"id": ID, "full_name": "Maria Borg", "email": "m@example.com"});
    row["updated_at"] = json!("2099-01-01T00:00:00Z");
    world.systems.portal.insert_row("leads", row).unwrap();
    world.systems.portal.take_webhooks();
    world.pass(Duration::from_secs(2 * 86_400)).await.unwrap();
    let row = json!({"id": "0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2c99", "full_name": "Joe Vella", "email": "j@example.com"});
    world.systems.portal.insert_row("leads", row).unwrap();
    assert_eq!(world.systems.portal.take_webhooks().len(), 1, "and lost");
    world.pass(Duration::from_secs(3 * 86_400)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn reads_wait_for_an_open_breaker() {
    let world = world().await;
    let app = world.app();
    shared::sync::budget::open_breaker(
        app,
        &shared::model::System::ZOHO_CRM,
        Some(Duration::from_secs(3_600)),
        "block",
    )
    .await
    .unwrap();
    let calls = std::sync::Arc::new(AtomicU64::new(0));
    let seen = calls.clone();
    world.system_faults().set(move |call| {
        if call.service == "zoho_crm" {
            seen.fetch_add(1, Ordering::Relaxed);
        }
        Verdict::Pass
    });
    let (status, _) = world.call("POST", "/crons/zoho_crm_pull", CRON, None).await.unwrap();
    assert_eq!(status, 202);
    world.settle().await;
    assert_eq!(calls.load(Ordering::Relaxed), 0, "calls while the breaker is open");
}

#[tokio::test(start_paused = true)]
async fn unstated_waits_double_for_look_ups_too() {
    let world = world().await;
    world.systems.zoho.faults().next("coql", 10_000, Effect::Status(429));
    post(&world, &lead()).await;
    world.pass(Duration::from_secs(2 * 3_600)).await.unwrap();
    let budget = shared::sync::budget::read(world.app(), &shared::model::System::ZOHO_CRM)
        .await
        .unwrap()
        .unwrap()
        .body;
    assert!(budget.refusals > 5, "{}", budget.refusals);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_can_not_be_read_stops_no_pull() {
    use shared::model::{Kind, RecordKey, System};
    use shared::store::{Places, keys};
    let world = world().await;
    let (_, answer) = post(&world, &lead()).await;
    world.settle().await;
    let at = keys::link(
        &RecordKey::new(Kind::LEAD, answer["id"].as_str().unwrap()),
        &System::ZOHO_CRM,
    );
    let stored = world.app().store.get::<serde_json::Value>(&at).await.unwrap().unwrap();
    world
        .app()
        .store
        .put(&at, &json!("garbage"), Some(&stored.rev), &Places::default())
        .await
        .unwrap();
    for row in [
        json!({"id": ID, "full_name": "Maria Borg", "email": "maria.borg@example.com", "updated_at": "2026-11-21T09:00:00Z"}),
        json!({"id": "0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2c99", "full_name": "Joe Vella", "email": "j@example.com", "updated_at": "2026-11-21T09:30:00Z"}),
    ] {
        world.systems.portal.insert_row("leads", row).unwrap();
    }
    world.systems.portal.take_webhooks();
    world.pass(Duration::from_secs(3 * 86_400)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_look_up_fails_nobody_for_good() {
    let world = world().await;
    for index in 0..4 {
        let mut lead = lead();
        lead["id"] = json!(format!("aaaaaaaa-0000-4000-8000-{index:012}"));
        lead["email"] = json!(format!("lead{index}@example.com"));
        post(&world, &lead).await;
    }
    world.systems.zoho.faults().next(
        "coql",
        1,
        Effect::Error {
            status: 400,
            code: "INVALID_QUERY".into(),
        },
    );
    world.pass(Duration::from_secs(7_200)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 4);
}
