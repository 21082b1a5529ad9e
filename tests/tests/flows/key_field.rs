//! Zoho's key field: nothing is written before it is known to be unique, and finding out costs one call.

use super::door::{ID, lead, post, show, world, world_with};
use super::heard::Heard;
use super::state::settled;
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;
use twins::{Effect, When};

fn counts(world: &World) -> (usize, usize) {
    let zoho = &world.systems.zoho;
    (zoho.count("fields"), zoho.count("upsert") + zoho.count("update"))
}

async fn standing(world: &World) -> Value {
    show(world, ID).await["systems"]["zoho_crm"]["status"].clone()
}

#[tokio::test(start_paused = true)]
async fn the_first_push_checks_the_field_and_no_later_one_does() {
    let world = world().await;
    post(&world, &lead()).await;
    settled(&world).await;
    assert_eq!(counts(&world), (1, 1));
    let mut edited = lead();
    edited["city"] = json!("Nadur");
    post(&world, &edited).await;
    settled(&world).await;
    assert_eq!(counts(&world), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_field_that_is_not_unique_stops_the_very_first_push_and_raises_an_alert() {
    let world = world_with(&[("ZOHO_CRM_LEAD_FIELDS", r#"{"portal_lead_id":"Website"}"#)]).await;
    let heard = Heard::listen();
    post(&world, &lead()).await;
    world.settle().await;
    world.pass(Duration::from_secs(400)).await.unwrap();
    assert_eq!(
        counts(&world),
        (1, 0),
        "the sweep's next message asks the stored answer"
    );
    assert_eq!(standing(&world).await, "pending", "nothing is lost");
    assert_eq!(heard.lines("alert=\"Zoho's key field is not unique\"").len(), 1);
    assert!(!heard.lines("Do not allow duplicate values").is_empty(), "the remedy");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_checked_is_not_written_and_is_tried_again() {
    let world = world().await;
    let later = super::door::start() + Duration::from_secs(100);
    let outage = When::Between(super::door::start(), later);
    world.systems.zoho.faults().add("fields", outage, Effect::Status(503));
    post(&world, &lead()).await;
    world.settle().await;
    assert_eq!(counts(&world), (1, 0));
    assert_eq!(standing(&world).await, "retrying");
    world.pass(Duration::from_secs(600)).await.unwrap();
    assert_eq!(counts(&world).1, 1);
    assert_eq!(standing(&world).await, "synced");
}
