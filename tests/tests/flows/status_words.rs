//! A status word that the table does not have holds that field alone; mapping it releases the leads that wait.

use super::ask::ask;
use super::door::{ID, lead, post, restarted, show, world, world_with};
use local::fault::Verdict;
use local::world::World;
use serde_json::{Value, json};
use shared::model::{Class, Kind, RecordKey, System};
use shared::store::{DueIndex, Places, Put, keys};
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
    // It is the sweep that says what is configured.
    world.tick("cron_sweep").unwrap();
    world.settle().await;
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

/// Leads whose word nobody mapped, in a deployment that sends them nowhere; their records' ids.
async fn waiting_leads(count: u64) -> (World, Vec<String>) {
    let world = world_with(&NOWHERE).await;
    let mut ids = Vec::new();
    for number in 0..count {
        let mut body = lead();
        body["id"] = json!(format!("0d9fe6c8-6a2b-4c3c-9f5e-{number:012}"));
        body["email"] = json!(format!("lead{number}@example.com"));
        body["status"] = json!("quoted");
        ids.push(post(&world, &body).await.1["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(held(&world).await, count as usize);
    (world, ids)
}

const NOWHERE: [(&str, &str); 2] = [("ZOHO_CLIENT_ID", ""), ("BACKOFFICE_SUPABASE_URL", "")];

async fn held(world: &World) -> usize {
    let store = &world.app().store;
    store.count_due("portal", "attention", 1_000).await.unwrap()
}

/// Deployed anew with a table that has the word; nothing is swept yet.
fn mapped(world: &World) -> World {
    let table = words(&[NEW, CONTACTED]);
    let variables = NOWHERE.into_iter().chain([("LEAD_STATUS_MAP", table.as_str())]);
    restarted(world, &variables.collect::<Vec<_>>())
}

async fn is_noted(world: &World) -> bool {
    let note = keys::note("lead_status_map");
    let stored = world.app().store.get::<String>(&note).await.unwrap();
    stored.is_some_and(|it| it.body == world.app().config.statuses.hash())
}

#[tokio::test(start_paused = true)]
async fn more_links_than_a_page_are_all_freed_and_one_that_can_not_be_read_stops_nobody() {
    let (world, ids) = waiting_leads(230).await;
    let at = keys::link(&RecordKey::new(Kind::LEAD, &ids[3]), &System::PORTAL);
    let store = &world.app().store;
    let stored = store.get::<Value>(&at).await.unwrap().unwrap();
    let due = DueIndex {
        system: "portal".into(),
        bucket: "attention",
        class: Class::LIVE,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let places = Places {
        due: Some(due),
        ..Places::default()
    };
    let put = store.put(&at, &json!("garbage"), Some(&stored.rev), &places).await;
    assert!(matches!(put.unwrap(), Put::Done(_)));
    let world = mapped(&world);
    world.tick("cron_sweep").unwrap();
    world.settle().await;
    assert_eq!(held(&world).await, 1, "the one that can't be read");
    assert!(is_noted(&world).await);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_short_of_time_is_made_good_by_the_next() {
    let (world, _) = waiting_leads(60).await;
    let world = mapped(&world);
    // Each lead takes a second: one turn has not the time for all.
    world.aws.faults.set(|call| match call.operation {
        "TransactWriteItems" => Verdict::DelayBefore(Duration::from_secs(1)),
        _ => Verdict::Pass,
    });
    world.tick("cron_sweep").unwrap();
    world.settle().await;
    let left = held(&world).await;
    assert!((10..60).contains(&left), "{left} left");
    assert!(!is_noted(&world).await, "not before all were looked at");
    for _ in 0..3 {
        world.tick("cron_sweep").unwrap();
        world.settle().await;
    }
    assert_eq!(held(&world).await, 0);
    assert!(is_noted(&world).await);
}
