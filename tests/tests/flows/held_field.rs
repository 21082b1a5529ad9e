//! A held field waits alone; a person maps its word or chooses a value.

use super::door::{ID, lead, post, show, start, world, world_with};
use super::operator::{concord, standing};
use super::state::settled;
use local::world::{Options, World};
use serde_json::{Value, json};
use std::time::Duration;

/// A deployment whose table lacks a word of Zoho's.
async fn short_table() -> World {
    let mut table: Value = serde_json::from_str(shared::lead::status::SHIPPED).unwrap();
    table.as_array_mut().unwrap().retain(|it| it["status"] != "qualified");
    let world = world_with(&[("LEAD_STATUS_MAP", &table.to_string())]).await;
    world.tick("cron_sweep").unwrap();
    world.settle().await;
    world
}

/// A lead whose status in Zoho is that word.
async fn odd_word(world: &World) -> String {
    post(world, &lead()).await;
    settled(world).await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    world.clock.sleep(Duration::from_secs(30)).await;
    let edit = json!({ "Lead_Status": "Pre-Qualified", "City": "Nadur" });
    world.systems.zoho.edit(&id, edit).unwrap();
    world.clock.sleep(Duration::from_secs(30)).await;
    world.tick("cron_zoho_crm_pull").unwrap();
    settled(world).await;
    let row = backoffice(world);
    assert_eq!(
        (&row["city"], &row["status"]),
        (&json!("Nadur"), &json!("new")),
        "everything else goes through"
    );
    id
}

fn backoffice(world: &World) -> Value {
    world.systems.backoffice.rows("leads").remove(0)
}

async fn choose(world: &World, value: &str) -> Result<Value, String> {
    concord(
        world,
        &[
            "resolve", ID, "--system", "zoho_crm", "--field", "status", "--as", value,
        ],
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn a_chosen_value_goes_to_every_system() {
    let world = short_table().await;
    let zoho_id = odd_word(&world).await;
    let status = concord(&world, &["status"]).await.unwrap();
    let zoho = standing(&status, "zoho_crm");
    assert_eq!(
        zoho["held_fields"],
        json!({ "status: word \"Pre-Qualified\"": 1 }),
        "{status:#}"
    );
    let named = &zoho["attends"][0];
    assert_eq!(
        (&named["status"], &named["why"]),
        (&json!("synced"), &json!("status: word")),
        "{zoho:#}"
    );
    let id = show(&world, ID).await["id"].as_str().unwrap().to_owned();
    assert_eq!(named["record"], format!("lead#{id}"));
    let told = concord(&world, &["resolve", ID, "--new"]).await.unwrap_err();
    assert!(told.contains("--field status"), "{told}");

    choose(&world, "contacted").await.unwrap();
    settled(&world).await;
    assert_eq!(world.systems.zoho.lead(&zoho_id).unwrap()["Lead_Status"], "Contacted");
    assert_eq!(backoffice(&world)["status"], "contacted");
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["zoho_crm"]["held_fields"], json!({}), "{shown:#}");
    let again = choose(&world, "contacted").await.unwrap_err();
    assert_eq!(again, "status is not held in zoho_crm; held there: nothing");
}

#[tokio::test(start_paused = true)]
async fn our_own_value_is_sent_over_the_odd_one_and_the_pull_does_not_hold_it_again() {
    let world = short_table().await;
    let id = odd_word(&world).await;
    choose(&world, "ours").await.unwrap();
    world.tick("cron_zoho_crm_pull").unwrap();
    settled(&world).await;
    assert_eq!(world.systems.zoho.lead(&id).unwrap()["Lead_Status"], "Not Contacted");
    world.clock.sleep(Duration::from_secs(30)).await;
    world.tick("cron_zoho_crm_pull").unwrap();
    settled(&world).await;
    assert_eq!(show(&world, ID).await["systems"]["zoho_crm"]["held_fields"], json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_word_that_nobody_knows_can_not_be_chosen() {
    let world = short_table().await;
    odd_word(&world).await;
    let theirs = choose(&world, "theirs").await.unwrap_err();
    assert!(
        theirs.starts_with("no word of LEAD_STATUS_MAP: map it there, or choose one of new, "),
        "{theirs}"
    );
    let other = choose(&world, "visited").await.unwrap_err();
    assert!(
        other.starts_with("visited is no status: choose one of new, "),
        "{other}"
    );
    let shown = show(&world, ID).await;
    assert_eq!(
        shown["systems"]["zoho_crm"]["held_fields"]["status"], "word",
        "{shown:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn mapping_the_word_releases_its_leads() {
    let world = short_table().await;
    let id = odd_word(&world).await;
    let mut options = Options::test(start());
    options.seed = Some(2);
    let world = world.restart(&options).unwrap();
    world.pass(Duration::from_secs(120)).await.unwrap();
    settled(&world).await;
    assert_eq!(backoffice(&world)["status"], "qualified");
    assert_eq!(world.systems.zoho.lead(&id).unwrap()["Lead_Status"], "Pre-Qualified");
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["zoho_crm"]["held_fields"], json!({}), "{shown:#}");
}

#[tokio::test(start_paused = true)]
async fn a_portal_word_that_is_settled_does_not_open_the_portal() {
    let world = world().await;
    let mut odd = lead();
    odd["status"] = json!("dreaming");
    post(&world, &odd).await;
    settled(&world).await;
    let line = [
        "resolve",
        ID,
        "--system",
        "portal",
        "--field",
        "status",
        "--as",
        "qualified",
    ];
    concord(&world, &line).await.unwrap();
    settled(&world).await;
    assert_eq!(world.systems.zoho.leads()[0]["Lead_Status"], "Pre-Qualified");
    assert_eq!(show(&world, ID).await["systems"]["portal"]["status"], "synced");
    post(&world, &odd).await;
    settled(&world).await;
    assert_eq!(
        backoffice(&world)["status"],
        "qualified",
        "the same word once more is no news"
    );
}
