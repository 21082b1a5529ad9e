//! A call without an answer keeps its slot: the system may still be at work on it.

use super::door::{lead, post, world};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::json;
use shared::model::System;
use shared::sync::budget::{self, Budget};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

async fn budget(world: &World) -> Budget {
    let item = budget::read(world.app(), &System::ZOHO_CRM).await.unwrap();
    item.unwrap().body
}

/// The first call to Zoho with this in its name comes to harm.
fn arm(world: &World, part: &'static str, harm: Verdict) {
    let armed = AtomicBool::new(true);
    world.system_faults().set(move |call| {
        let hit = call.service == "zoho_crm" && call.operation.contains(part);
        match hit && armed.swap(false, Ordering::Relaxed) {
            true => harm,
            false => Verdict::Pass,
        }
    });
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_never_makes_room_for_another_call() {
    let (mut edited, mut another) = (lead(), lead());
    edited["notes"] = json!("call after eight");
    another["id"] = json!("0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2c99");
    another["email"] = json!("joe@example.com");
    for (body, part) in [(&edited, "PUT"), (&another, "upsert"), (&another, "coql")] {
        for harm in [Verdict::LoseAnswer, Verdict::Fail(Failure::NoAnswer)] {
            let world = world().await;
            post(&world, &lead()).await;
            world.pass(Duration::from_secs(60)).await.unwrap();
            // The system has asked to be waited for, and not answered well since.
            let app = world.app();
            budget::open_breaker(app, &System::ZOHO_CRM, None, "block")
                .await
                .unwrap();
            world.clock.sleep(Duration::from_secs(6)).await;
            arm(&world, part, harm);
            post(&world, body).await;
            // Only what is delivered at once: the sweep has not come.
            world.settle().await;
            let after = budget(&world).await;
            assert_eq!(after.flying.len(), 1, "{part} {harm:?}: {after:?}");
            // A look-up went well before the upsert, and a read before the update.
            let refusals = u32::from(part == "coql");
            assert_eq!(after.refusals, refusals, "{part} {harm:?}: it is no good end");
            world.pass(Duration::from_secs(3_600)).await.unwrap();
            let after = budget(&world).await;
            assert_eq!((after.flying.len(), after.refusals), (0, 0), "{part} {harm:?}");
            let leads = 1 + usize::from(part != "PUT");
            assert_eq!(world.systems.zoho.leads().len(), leads, "{part} {harm:?}");
            assert_eq!(world.systems.zoho.violations(), Vec::<String>::new());
        }
    }
}

/// What was not sent, or answered with an error, has ended.
#[tokio::test(start_paused = true)]
async fn a_call_that_was_not_sent_never_keeps_its_slot() {
    for part in ["upsert", "coql"] {
        let world = world().await;
        arm(&world, part, Verdict::Fail(Failure::NotSent));
        post(&world, &lead()).await;
        world.settle().await;
        assert_eq!(budget(&world).await.flying.len(), 0, "{part}");
    }
}
