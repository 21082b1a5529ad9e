//! A status word that the table does not have holds that field alone; mapping it releases the leads that wait.

use super::ask::ask;
use super::door::{ID, lead, post, restarted, show, world, world_with};
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;

/// A table with one more row.
fn words(rows: &[(&str, &str, &str, &str)]) -> String {
    let column = |word: &str| if word.is_empty() { json!([]) } else { json!([word]) };
    let row = |(status, portal, zoho, office): &(&str, &str, &str, &str)| json!({ "status": status, "portal": column(portal), "zoho_crm": column(zoho), "backoffice": column(office) });
    Value::Array(rows.iter().map(row).collect()).to_string()
}

const NEW: (&str, &str, &str, &str) = ("new", "new", "Not Contacted", "new");
const CONTACTED: (&str, &str, &str, &str) = ("contacted", "quoted", "Contacted", "contacted");

async fn waiting(world: &World, system: &str) -> String {
    let health = ask("GET", "/health").of(world).await.body;
    health["checks"][system]["detail"].as_str().unwrap().to_owned()
}

async fn remap(world: &World, table: &str) -> World {
    let world = restarted(world, &[("LEAD_STATUS_MAP", table)]);
    world.tick("cron_sweep").unwrap();
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_word_of_the_portals_that_nobody_mapped_holds_that_field_only() {
    let world = world().await;
    let mut body = lead();
    body["status"] = json!("quoted");
    assert_eq!(post(&world, &body).await.0, 202);
    world.settle().await;
    let shown = show(&world, ID).await;
    assert_eq!(
        shown["systems"]["portal"]["held_fields"],
        json!({ "status": "word" }),
        "{shown:#}"
    );
    assert_eq!(shown["systems"]["zoho_crm"]["status"], "synced");
    assert_eq!(shown["fields"]["status"], Value::Null, "it is not guessed");
    let zoho = &world.systems.zoho.leads()[0];
    assert_eq!(
        (&zoho["Last_Name"], &zoho["Quote_Amount"]),
        (&json!("Borg"), &json!(8450))
    );
    assert_eq!(waiting(&world, "portal").await, "0 open, 1 wait for a person");

    let world = remap(&world, &words(&[NEW, CONTACTED])).await;
    assert_eq!(world.systems.zoho.leads()[0]["Lead_Status"], "Contacted");
    assert_eq!(world.systems.backoffice.rows("leads")[0]["status"], "contacted");
    assert_eq!(show(&world, ID).await["systems"]["portal"]["held_fields"], json!({}));
    assert_eq!(waiting(&world, "portal").await, "0 open, 0 wait for a person");
}

#[tokio::test(start_paused = true)]
async fn other_fields_go_on_while_a_word_waits_and_a_known_word_frees_it() {
    let world = world().await;
    let mut body = lead();
    post(&world, &body).await;
    world.settle().await;
    body["status"] = json!("quoted");
    body["city"] = json!("Nadur");
    post(&world, &body).await;
    world.settle().await;
    assert_eq!(world.systems.zoho.leads()[0]["City"], "Nadur");
    assert_eq!(
        world.systems.zoho.leads()[0]["Lead_Status"],
        "Not Contacted",
        "as it was"
    );
    body["status"] = json!("new");
    post(&world, &body).await;
    world.settle().await;
    assert_eq!(show(&world, ID).await["systems"]["portal"]["held_fields"], json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_word_of_zohos_that_nobody_mapped_holds_that_field_only() {
    let world = world_with(&[("LEAD_STATUS_MAP", &words(&[NEW]))]).await;
    post(&world, &lead()).await;
    world.settle().await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    super::ask::wait(&world, 30).await;
    let edit = json!({ "Lead_Status": "Contacted", "Phone": "+356 2100 0000" });
    world.systems.zoho.edit(&id, edit).unwrap();
    super::ask::wait(&world, 30).await;
    world.tick("cron_zoho_crm_pull").unwrap();
    world.settle().await;
    let row = &world.systems.backoffice.rows("leads")[0];
    assert_eq!(
        (&row["phone"], &row["status"]),
        (&json!("+356 2100 0000"), &json!("new")),
        "{row:#}"
    );
    let shown = show(&world, ID).await;
    assert_eq!(
        shown["systems"]["zoho_crm"]["held_fields"],
        json!({ "status": "word" }),
        "{shown:#}"
    );
    assert_eq!(waiting(&world, "zoho_crm").await, "0 open, 1 wait for a person");

    let world = remap(&world, &words(&[NEW, CONTACTED])).await;
    assert_eq!(world.systems.backoffice.rows("leads")[0]["status"], "contacted");
    assert_eq!(
        world.systems.zoho.leads()[0]["Lead_Status"],
        "Contacted",
        "Zoho's own word stands"
    );
    assert_eq!(show(&world, ID).await["systems"]["zoho_crm"]["held_fields"], json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_status_for_which_a_system_has_no_word_is_held_there_and_sent_when_it_has_one() {
    let no_word = ("contacted", "quoted", "Contacted", "");
    let world = world_with(&[("LEAD_STATUS_MAP", &words(&[NEW, no_word]))]).await;
    let mut body = lead();
    body["status"] = json!("quoted");
    post(&world, &body).await;
    world.settle().await;
    assert_eq!(world.systems.zoho.leads()[0]["Lead_Status"], "Contacted");
    let row = &world.systems.backoffice.rows("leads")[0];
    assert_eq!((&row["last_name"], &row["status"]), (&json!("Borg"), &Value::Null));
    let shown = show(&world, ID).await;
    assert_eq!(
        shown["systems"]["backoffice"]["held_fields"],
        json!({ "status": "no word" }),
        "{shown:#}"
    );
    assert_eq!(waiting(&world, "backoffice").await, "0 open, 1 wait for a person");

    let world = remap(&world, &words(&[NEW, CONTACTED])).await;
    world.pass(Duration::from_secs(70)).await.unwrap();
    assert_eq!(world.systems.backoffice.rows("leads")[0]["status"], "contacted");
    assert_eq!(
        show(&world, ID).await["systems"]["backoffice"]["held_fields"],
        json!({})
    );
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_table_reopens_nothing() {
    let world = world().await;
    let mut body = lead();
    body["status"] = json!("quoted");
    post(&world, &body).await;
    world.settle().await;
    let version = show(&world, ID).await["version"].clone();
    let before = world.systems.zoho.calls().len();
    world.pass(Duration::from_secs(150)).await.unwrap();
    assert_eq!(show(&world, ID).await["version"], version);
    assert_eq!(world.systems.zoho.calls().len(), before);
}
