//! Customers that Zoho's own synchronisation ties to Zoho CRM are told of before a backfill.

use super::door::*;
use concord::backfill::{Args, Kinds, Progress};
use local::world::World;
use serde_json::{Value, json};
use shared::alert;
use shared::sync::budget::Mode;
use shared::sync::modes;
use twins::billing::Kind;

async fn backfill(world: &World, words: &str) -> String {
    let words: Vec<&str> = ["backfill"].into_iter().chain(words.split(' ')).collect();
    cli(world, &words).await.unwrap()
}

/// What a dry run says of customers.
async fn foretold(world: &World) -> String {
    backfill(world, "customers --dry-run --detach").await
}

async fn renewed(world: &World) {
    world.tick("cron_renew").unwrap();
    world.settle().await;
}

/// Whether the alert was raised within this hour; it is raised now.
async fn is_alerted(world: &World) -> bool {
    let cause = "Zoho itself ties customers of Zoho Billing to Zoho CRM";
    !alert::raise(world.app(), cause, "").await.unwrap()
}

fn made_by_hand(world: &World, number: u32) -> String {
    let customer = json!({ "display_name": format!("C {number}"), "email": format!("c{number}@example.com") });
    world.systems.billing.insert(Kind::Customer, &customer).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_zoho_ties_to_its_crm_is_told_of_before_a_backfill() {
    let world = world().await;
    // As before a first backfill.
    modes::switch(world.app(), "zoho_billing", Mode::Paused).await.unwrap();
    let tied = made_by_hand(&world, 1);
    made_by_hand(&world, 2);
    world.systems.billing.link_with_crm(&tied, "crm-1").unwrap();
    let told = foretold(&world).await;
    assert!(told.contains("nobody has looked yet. Activate cron_renew"), "{told}");
    renewed(&world).await;
    for words in ["customers --dry-run --detach", "all --detach"] {
        let told = backfill(&world, words).await;
        assert!(told.contains("WARNING") && told.contains("Zoho CRM: 1 ("), "{told}");
        assert!(told.contains(&tied), "{told}");
        world.settle().await;
    }
    let told: Value = serde_json::from_str(&backfill(&world, "all --detach --json").await).unwrap();
    let (tied_there, found) = (&told["tied"], &told["tied"]["found"]);
    assert_eq!(
        (&tied_there["known"], &found["customers"], &found["ids"]),
        (&json!(true), &json!(1), &json!([tied]))
    );
    world.settle().await;
    let services = backfill(&world, "services --dry-run --detach").await;
    assert!(!services.contains("Zoho CRM"), "{services}");
    assert!(is_alerted(&world).await, "an alert");
    days(&world, 1).await;
    renewed(&world).await;
    assert!(!is_alerted(&world).await, "and none the next day");
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn where_zoho_ties_nobody_one_call_a_day_says_so() {
    let world = world().await;
    made_by_hand(&world, 1);
    renewed(&world).await;
    let told = foretold(&world).await;
    assert!(!told.contains("Zoho CRM"), "{told}");
    assert_eq!(world.systems.billing.count("list_customers"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_made_good_the_next_day() {
    let world = world().await;
    let tied = made_by_hand(&world, 1);
    world.systems.billing.link_with_crm(&tied, "crm-1").unwrap();
    lose_next(&world, "list_customers");
    renewed(&world).await;
    let told = foretold(&world).await;
    assert!(told.contains("is not known: the look of 2026-11-21"), "{told}");
    days(&world, 1).await;
    renewed(&world).await;
    let told = foretold(&world).await;
    assert!(told.contains("WARNING"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn an_old_look_is_no_all_clear() {
    let world = world().await;
    renewed(&world).await;
    let told = foretold(&world).await;
    assert!(!told.contains("Zoho CRM"), "{told}");
    for _ in 0..3 {
        days(&world, 1).await;
        lose_next(&world, "list_customers");
        renewed(&world).await;
    }
    let told = foretold(&world).await;
    assert!(told.contains("is not known: the look of 2026-11-24"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_person_is_warned_before_anything_is_begun() {
    let world = world().await;
    let tied = made_by_hand(&world, 1);
    world.systems.billing.link_with_crm(&tied, "crm-1").unwrap();
    renewed(&world).await;
    let args = Args {
        kind: Kinds::All,
        dry_run: false,
        detach: true,
    };
    let mut order = Vec::new();
    let watch = |it: Progress<'_>| match it {
        Progress::Warns(text) => order.push(text.contains(&tied)),
        Progress::Reads(_) | Progress::Writes(..) => order.push(false),
    };
    concord::backfill::run(world.app(), &args, watch).await.unwrap();
    assert_eq!(order.first(), Some(&true), "{order:?}");
}
