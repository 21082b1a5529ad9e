//! Totals are counted up as records are made, and healed by the nightly recount.

use super::door::{lead, post, world, world_with};
use super::operator::{concord, standing};
use super::state::settled;
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::json;
use shared::model::Kind;
use shared::sync::recount::{self, totals_key};
use std::time::Duration;

/// More than a page of the scan holds, in a deployment that sends them nowhere.
async fn many() -> World {
    let world = world_with(&[("ZOHO_CLIENT_ID", ""), ("BACKOFFICE_SUPABASE_URL", "")]).await;
    for number in 0..200 {
        let mut lead = lead();
        lead["id"] = json!(format!("0d9fe6c8-6a2b-4c3c-9f5e-{number:012}"));
        lead["email"] = json!(format!("lead{number}@example.com"));
        assert_eq!(post(&world, &lead).await.0, 202);
    }
    assert!(super::state::items(&world).len() > 1_000);
    world
}

async fn corrupt(world: &World, by: i64) {
    let store = &world.app().store;
    store.add(&totals_key(&Kind::LEAD), "total", by).await.unwrap();
}

async fn total(world: &World) -> i64 {
    recount::total(world.app(), &Kind::LEAD).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_wrong_total_is_healed_and_a_record_made_meanwhile_is_counted_once() {
    let world = many().await;
    world.clock.sleep(Duration::from_secs(5)).await;
    assert_eq!(total(&world).await, 200);
    corrupt(&world, 77).await;
    // The second page is never answered: the count stops in the middle.
    let pages = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = pages.clone();
    world.aws.faults.set(move |call| {
        let scan = call.operation == "Scan";
        let first = scan && counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        if scan && !first {
            Verdict::Fail(Failure::ServerError)
        } else {
            Verdict::Pass
        }
    });
    world.tick("cron_renew").unwrap();
    world.settle().await;
    assert_eq!(total(&world).await, 277, "nothing is healed before the count has ended");
    assert!(recount::is_under_way(world.app()).await.unwrap());
    let half = concord(&world, &["runs", "--job", "renew"]).await.unwrap();
    let counted = half["runs"][0]["counts"]["read"].as_u64().unwrap();
    assert!((1..200).contains(&counted), "{half:#}");

    world.clock.sleep(Duration::from_secs(5)).await;
    let mut meanwhile = lead();
    meanwhile["id"] = json!("7a5cf9f4-0f0d-4a52-9a44-1c8a30ec2c11");
    post(&world, &meanwhile).await;
    world.aws.faults.clear();
    let before = world.aws.faults.count("dynamodb", "Scan");
    world.pass(Duration::from_secs(300)).await.unwrap();
    assert_eq!(total(&world).await, 201);
    let pages = world.aws.faults.count("dynamodb", "Scan") - before;
    let whole = super::state::items(&world).len().div_ceil(1_000);
    assert!(
        pages < whole as u64 + 1,
        "it went on where it stood: {pages} of {whole} pages"
    );
    let status = concord(&world, &["status"]).await.unwrap();
    assert_eq!(standing(&status, "zoho_crm")["total"], 201, "{status:#}");

    // Woken twice in a night, it counts once.
    let before = world.aws.faults.count("dynamodb", "Scan");
    world.tick("cron_renew").unwrap();
    world.settle().await;
    assert_eq!(world.aws.faults.count("dynamodb", "Scan"), before);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_the_healing_heals_once() {
    let world = world().await;
    post(&world, &lead()).await;
    settled(&world).await;
    corrupt(&world, -5).await;
    world.clock.sleep(Duration::from_secs(5)).await;
    let lost = std::sync::atomic::AtomicBool::new(false);
    world.aws.faults.set(move |call| {
        let first = call.operation == "UpdateItem" && !lost.swap(true, std::sync::atomic::Ordering::Relaxed);
        if first { Verdict::LoseAnswer } else { Verdict::Pass }
    });
    world.tick("cron_renew").unwrap();
    world.settle().await;
    assert_eq!(total(&world).await, 1);
}
