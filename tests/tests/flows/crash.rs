//! A crash or a lost answer at every external call between a lead's arrival and its agreement.
//!
//! The points are not listed by hand: one undisturbed history is run first, and each of its calls is a point.

use super::door::{ID, lead, post, show, world};
use super::state::{records, settles};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What happens at one call.
#[derive(Clone, Copy, Debug)]
enum Harm {
    DiesBefore,
    DiesAfter,
    AnswerLost,
    NotSent,
    Refused,
}

const HARMS: [Harm; 5] = [
    Harm::DiesBefore,
    Harm::DiesAfter,
    Harm::AnswerLost,
    Harm::NotSent,
    Harm::Refused,
];

impl Harm {
    fn verdict(self) -> Verdict {
        match self {
            Self::DiesBefore => Verdict::HangBefore,
            Self::DiesAfter => Verdict::HangAfter,
            Self::AnswerLost => Verdict::LoseAnswer,
            Self::NotSent => Verdict::Fail(Failure::NotSent),
            Self::Refused => Verdict::Fail(Failure::ServerError),
        }
    }
}

/// Counts the calls of all services together; the one numbered `at` comes to harm.
fn arm(world: &World, at: u64, harm: Harm) -> Arc<AtomicU64> {
    let calls = Arc::new(AtomicU64::new(0));
    for faults in [&world.aws.faults, world.system_faults()] {
        let calls = calls.clone();
        faults.set(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
            number if number == at => harm.verdict(),
            _ => Verdict::Pass,
        });
    }
    calls
}

fn disarm(world: &World) {
    world.aws.faults.clear();
    world.system_faults().clear();
}

async fn agrees(world: &World, told: &str) {
    let (leads, rows) = (world.systems.zoho.leads(), world.systems.backoffice.rows("leads"));
    assert_eq!((leads.len(), rows.len()), (1, 1), "{told}: {leads:#?} {rows:#?}");
    assert_eq!(rows[0]["zoho_lead_id"], leads[0]["id"], "{told}");
    assert_eq!(records(world), 1, "{told}");
    let shown = show(world, ID).await;
    for system in ["zoho_crm", "backoffice"] {
        assert_eq!(shown["systems"][system]["status"], "synced", "{told}: {shown:#}");
    }
}

/// The calls of one undisturbed history.
async fn calls(history: impl AsyncFn(&World)) -> u64 {
    let world = world().await;
    let calls = arm(&world, u64::MAX, Harm::NotSent);
    history(&world).await;
    calls.load(Ordering::Relaxed)
}

async fn new_lead(world: &World) {
    // A sender that gets no answer, or 503, sends again.
    while post(world, &lead()).await.0 != 202 {}
    world.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_new_lead_neither_loses_nor_doubles_it() {
    let points = calls(new_lead).await;
    assert!(points > 20, "only {points} calls: the history is not whole");
    for at in 0..points {
        for harm in HARMS {
            let world = world().await;
            arm(&world, at, harm);
            new_lead(&world).await;
            disarm(&world);
            let told = format!("call {at} {harm:?}");
            settles(&world).await.unwrap_or_else(|open| panic!("{told}: {open}"));
            agrees(&world, &told).await;
        }
    }
}

async fn edited(world: &World) {
    let mut edited = lead();
    edited["notes"] = json!("call after eight");
    edited["total_price"] = json!("9000.00");
    while post(world, &edited).await.0 != 202 {}
    world.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_an_edit_ends_with_the_edit_on_both_sides() {
    let both = async |world: &World| {
        new_lead(world).await;
        world.clock.sleep(Duration::from_secs(10)).await;
    };
    let first = calls(both).await;
    let points = calls(async |world: &World| {
        both(world).await;
        edited(world).await;
    })
    .await;
    for at in first..points {
        for harm in HARMS {
            let world = world().await;
            arm(&world, at, harm);
            both(&world).await;
            edited(&world).await;
            disarm(&world);
            let told = format!("call {at} {harm:?}");
            settles(&world).await.unwrap_or_else(|open| panic!("{told}: {open}"));
            agrees(&world, &told).await;
            assert_eq!(
                world.systems.zoho.leads()[0]["Description"],
                "call after eight",
                "{told}"
            );
            let price = &world.systems.backoffice.rows("leads")[0]["total_price"];
            assert_eq!(price.as_f64(), Some(9000.0), "{told}");
        }
    }
}
