//! A value that is changed back while nobody knows what became of the call that changed it.

use super::door::{ID, lead, post, show, world};
use super::state::settled;
use local::fault::Verdict;
use local::world::World;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const FIRST: &str = "call after six";
const SECOND: &str = "call after eight";

/// What becomes of the call that brings the second value.
const HARMS: [Verdict; 5] = [
    Verdict::DelayAfter(Duration::from_secs(4)),
    Verdict::LoseAnswer,
    Verdict::HangAfter,
    Verdict::HangBefore,
    Verdict::DelayBefore(Duration::from_secs(4)),
];

fn noted(notes: &str) -> Value {
    let mut body = lead();
    body["notes"] = json!(notes);
    body
}

/// The next write to this system comes to harm.
fn arm(world: &World, system: &'static str, harm: Verdict) {
    let armed = AtomicBool::new(true);
    world.system_faults().set(move |call| {
        let writes = call.operation.starts_with("PATCH") || call.operation.starts_with("PUT");
        let hit = call.service == system && writes && armed.swap(false, Ordering::Relaxed);
        if hit { harm } else { Verdict::Pass }
    });
}

async fn agrees(world: &World, notes: &Value, told: &str) {
    let shown = show(world, ID).await;
    for system in ["zoho_crm", "backoffice"] {
        assert_eq!(shown["systems"][system]["status"], "synced", "{told}: {shown:#}");
    }
    let (leads, rows) = (world.systems.zoho.leads(), world.systems.backoffice.rows("leads"));
    let held = [&shown["fields"]["notes"], &leads[0]["Description"], &rows[0]["notes"]];
    assert_eq!(held, [notes; 3], "{told}: Concord, Zoho, back office");
}

#[tokio::test(start_paused = true)]
async fn a_value_changed_back_during_its_call_is_never_left_in_a_system() {
    for system in ["zoho_crm", "backoffice"] {
        for harm in HARMS {
            for back_after in [2, 30] {
                let told = format!("{system} {harm:?}, changed back after {back_after} s");
                let world = world().await;
                post(&world, &noted(FIRST)).await;
                world.pass(Duration::from_secs(600)).await.unwrap();
                arm(&world, system, harm);
                post(&world, &noted(SECOND)).await;
                let back = async {
                    world.clock.sleep(Duration::from_secs(back_after)).await;
                    assert_eq!(post(&world, &noted(FIRST)).await.0, 202);
                };
                tokio::join!(world.settle(), back);
                world.system_faults().clear();
                world.pass(Duration::from_secs(3 * 3_600)).await.unwrap();
                settled(&world).await;
                agrees(&world, &json!(FIRST), &told).await;
            }
        }
    }
}

/// What Zoho shows of a call without an answer is our own word, and no edit of Zoho's.
#[tokio::test(start_paused = true)]
async fn our_own_lost_value_is_never_taken_for_an_edit_of_zohos() {
    for harm in [Verdict::LoseAnswer, Verdict::HangAfter] {
        let world = world().await;
        post(&world, &noted(FIRST)).await;
        world.pass(Duration::from_secs(600)).await.unwrap();
        arm(&world, "zoho_crm", harm);
        post(&world, &noted(SECOND)).await;
        world.settle().await;
        post(&world, &noted(FIRST)).await;
        // The hourly pull comes before the sweep.
        world.clock.sleep(Duration::from_secs(50)).await;
        world.tick("cron_zoho_crm_pull").unwrap();
        world.settle().await;
        world.pass(Duration::from_secs(3 * 3_600)).await.unwrap();
        agrees(&world, &json!(FIRST), &format!("{harm:?}")).await;
    }
}

/// The call whose answer was lost had cleared a field; it is empty no more, and then empty again.
#[tokio::test(start_paused = true)]
async fn a_cleared_value_is_never_left_behind() {
    for system in ["zoho_crm", "backoffice"] {
        let world = world().await;
        let mut bare = lead();
        bare["notes"] = json!(null);
        post(&world, &bare).await;
        world.pass(Duration::from_secs(600)).await.unwrap();
        arm(&world, system, Verdict::LoseAnswer);
        post(&world, &noted(SECOND)).await;
        let back = async {
            world.clock.sleep(Duration::from_secs(2)).await;
            post(&world, &bare).await;
        };
        tokio::join!(world.settle(), back);
        world.pass(Duration::from_secs(3 * 3_600)).await.unwrap();
        agrees(&world, &Value::Null, system).await;
    }
}

/// Seed 91: what came between the lease and the commit of a link that agrees after all was of no concern to that system,
/// and the link stood at the version before it for good.
#[tokio::test(start_paused = true)]
async fn a_link_that_agrees_after_all_is_never_left_behind_its_record() {
    let world = world().await;
    post(&world, &lead()).await;
    world.settle().await;
    let priced = |price: &str, latitude: &str| {
        let mut body = lead();
        (body["total_price"], body["latitude"]) = (json!(price), json!(latitude));
        body
    };
    for price in ["9000.00", "8450.00"] {
        post(&world, &priced(price, "36.05")).await;
    }
    // What is written stands at once, and is answered late: the lease is there a while before its commit.
    world.aws.faults.set(|call| match call.operation {
        "PutItem" => Verdict::DelayAfter(Duration::from_secs(2)),
        _ => Verdict::Pass,
    });
    let moved = async {
        for _ in 0..100 {
            world.clock.sleep(Duration::from_millis(100)).await;
            if show(&world, ID).await["systems"]["zoho_crm"]["status"] == "syncing" {
                return post(&world, &priced("8450.00", "36.06")).await.0;
            }
        }
        panic!("no lease was seen")
    };
    let (_, accepted) = tokio::join!(world.settle(), moved);
    assert_eq!(accepted, 202);
    let shown = show(&world, ID).await;
    for system in ["zoho_crm", "backoffice"] {
        let version = &shown["systems"][system]["synced_version"];
        assert_eq!(version, &shown["version"], "{system}: {shown:#}");
    }
    assert_eq!(world.systems.zoho.count("update"), 0);
}
