//! An arrival that could mean several records waits at the door until a person places it.

use super::door::{ID, lead, post, show, world, world_with};
use super::operator::concord;
use super::state::{records, settled};
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: &str = "7a5cf9f4-0f0d-4a52-9a44-1c8a30ec2c11";
const THIRD: &str = "11111111-2222-4333-8444-555555555555";

fn with(id: &str, email: &str, phone: &str) -> Value {
    let mut lead = lead();
    lead["id"] = json!(id);
    lead["email"] = json!(email);
    lead["phone"] = json!(phone);
    lead
}

async fn record_id(world: &World, id: &str) -> String {
    show(world, id).await["id"].as_str().unwrap().to_owned()
}

async fn phone(world: &World, record: &str) -> Value {
    show(world, record).await["fields"]["phone"].clone()
}

/// Two people, and a version of the first with the e-mail of the second.
async fn mixed_up(world: &World) -> [String; 2] {
    post(world, &with(ID, "one@example.com", "+356 2100 0001")).await;
    post(world, &with(SECOND, "two@example.com", "+356 2100 0002")).await;
    settled(world).await;
    let (status, answer) = post(world, &with(ID, "two@example.com", "+356 2100 0003")).await;
    assert_eq!((status, &answer["status"]), (202, &json!("held")), "{answer}");
    [record_id(world, ID).await, record_id(world, SECOND).await]
}

#[tokio::test(start_paused = true)]
async fn a_placed_arrival_and_its_later_versions_go_to_the_chosen_record() {
    let world = world().await;
    let [one, two] = mixed_up(&world).await;
    let status = concord(&world, &["status"]).await.unwrap();
    let held = &status["waiting"]["held"][0];
    assert_eq!(
        (&status["waiting"]["held_arrivals"], &held["row"]),
        (&json!(1), &json!(ID)),
        "{status:#}"
    );

    // The row is known as the first record's: it does not move.
    let refused = concord(&world, &["resolve", ID, "--as", &two]).await.unwrap_err();
    assert_eq!(refused, format!("portal/{ID} is lead#{one}: say --as {one} or --drop"));
    assert!(concord(&world, &["resolve", ID, "--new"]).await.is_err());

    let placed = concord(&world, &["resolve", &format!("portal/{ID}"), "--as", &one])
        .await
        .unwrap();
    assert_eq!((&placed["now"], &placed["record"]), (&json!("accepted"), &json!(one)));
    assert_eq!(phone(&world, &one).await, "+356 2100 0003");
    let (_, later) = post(&world, &with(ID, "two@example.com", "+356 2100 0004")).await;
    assert_eq!(later["id"], json!(one), "not held again: {later}");
    assert_eq!(phone(&world, &one).await, "+356 2100 0004");
    assert_eq!(phone(&world, &two).await, "+356 2100 0002");
    settled(&world).await;
    let status = concord(&world, &["status"]).await.unwrap();
    assert_eq!(status["waiting"]["held_arrivals"], 0, "{status:#}");
    assert_eq!((records(&world), world.systems.zoho.leads().len()), (2, 2));
    let again = concord(&world, &["resolve", &format!("portal/{ID}"), "--drop"])
        .await
        .unwrap_err();
    assert!(again.contains("nothing held"), "{again}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_arrival_changes_nothing_and_does_not_come_back() {
    let world = world().await;
    let [one, two] = mixed_up(&world).await;
    concord(&world, &["resolve", ID, "--drop"]).await.unwrap();
    post(&world, &with(ID, "two@example.com", "+356 2100 0004")).await;
    assert_eq!(phone(&world, &one).await, "+356 2100 0001");
    assert_eq!(phone(&world, &two).await, "+356 2100 0002");
    let status = concord(&world, &["status"]).await.unwrap();
    assert_eq!(status["waiting"]["held_arrivals"], 0, "{status:#}");
    // Another question is asked anew.
    post(&world, &with(THIRD, "three@example.com", "+356 2100 0005")).await;
    let (_, answer) = post(&world, &with(ID, "three@example.com", "+356 2100 0006")).await;
    assert_eq!(answer["status"], "held", "{answer}");
    assert_eq!(
        concord(&world, &["status"]).await.unwrap()["waiting"]["held_arrivals"],
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_later_version_without_the_contradiction_is_accepted_and_waits_no_longer() {
    let world = world().await;
    let [one, _] = mixed_up(&world).await;
    post(&world, &with(ID, "one@example.com", "+356 2100 0007")).await;
    assert_eq!(phone(&world, &one).await, "+356 2100 0007");
    assert_eq!(
        concord(&world, &["status"]).await.unwrap()["waiting"]["held_arrivals"],
        0
    );
}

#[tokio::test(start_paused = true)]
async fn a_known_email_with_another_row_is_by_choice_a_new_lead_or_the_same() {
    let world = world_with(&[("LEAD_SAME_EMAIL", "hold")]).await;
    world.tick("cron_sweep").unwrap();
    post(&world, &with(ID, "one@example.com", "+356 2100 0001")).await;
    settled(&world).await;
    let one = record_id(&world, ID).await;
    post(&world, &with(SECOND, "one@example.com", "+356 2100 0002")).await;
    post(&world, &with(THIRD, "one@example.com", "+356 2100 0003")).await;
    assert_eq!(records(&world), 1);

    let placed = concord(&world, &["resolve", SECOND, "--new"]).await.unwrap();
    let new = placed["record"].as_str().unwrap();
    assert_ne!(new, one);
    let (_, later) = post(&world, &with(SECOND, "one@example.com", "+356 2100 0008")).await;
    assert_eq!(later["id"], json!(new), "{later}");
    settled(&world).await;
    let leads = world.systems.zoho.leads();
    assert_eq!(leads.len(), 2, "the other's lead there is not taken for it: {leads:#?}");
    assert_eq!(phone(&world, &one).await, "+356 2100 0001");

    concord(&world, &["resolve", THIRD, "--as", &one]).await.unwrap();
    let (_, later) = post(&world, &with(THIRD, "one@example.com", "+356 2100 0009")).await;
    assert_eq!(later["id"], json!(one), "{later}");
    let (_, first) = post(&world, &with(ID, "one@example.com", "+356 2100 0001")).await;
    assert_eq!(
        first["id"],
        json!(one),
        "a row that is known as this record's is no question: {first}"
    );
    assert_eq!(records(&world), 2);
}

/// The lead as it stands in Zoho, and another one there with its e-mail, which the hourly pull has found.
async fn twice_in_zoho(world: &World) -> [String; 2] {
    post(world, &with(ID, "one@example.com", "+356 2100 0001")).await;
    settled(world).await;
    let first = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    let fields = json!({ "Last_Name": "Borg", "Email": "one@example.com", "City": "Nadur" });
    let second = world.systems.zoho.insert_lead(fields).unwrap();
    pulled(world).await;
    let status = concord(world, &["status"]).await.unwrap();
    assert_eq!(status["waiting"]["held"][0]["row"], json!(second), "{status:#}");
    [first, second]
}

async fn pulled(world: &World) {
    world.clock.sleep(Duration::from_secs(30)).await;
    world.tick("cron_zoho_crm_pull").unwrap();
    settled(world).await;
}

#[tokio::test(start_paused = true)]
async fn a_second_object_in_zoho_takes_the_place_of_the_first_by_choice() {
    let world = world().await;
    let [first, second] = twice_in_zoho(&world).await;
    concord(&world, &["resolve", &format!("zoho_crm/{second}"), "--as", ID])
        .await
        .unwrap();
    settled(&world).await;
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["zoho_crm"]["remote_id"], json!(second), "{shown:#}");
    world
        .systems
        .zoho
        .edit(&second, json!({ "Phone": "+356 2100 0009" }))
        .unwrap();
    world
        .systems
        .zoho
        .edit(&first, json!({ "Phone": "+356 2100 0666" }))
        .unwrap();
    pulled(&world).await;
    let row = &world.systems.backoffice.rows("leads")[0];
    assert_eq!(
        row["phone"], "+356 2100 0009",
        "what the first one says no longer counts"
    );
    assert_eq!(row["zoho_lead_id"], json!(second));
    let status = concord(&world, &["status"]).await.unwrap();
    assert_eq!(status["waiting"]["held_arrivals"], 0, "{status:#}");
    assert_eq!(records(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_object_in_zoho_is_not_asked_about_at_the_next_pull() {
    let world = world().await;
    let [first, second] = twice_in_zoho(&world).await;
    concord(&world, &["resolve", &second, "--drop"]).await.unwrap();
    pulled(&world).await;
    world.systems.zoho.edit(&second, json!({ "City": "Victoria" })).unwrap();
    pulled(&world).await;
    let status = concord(&world, &["status"]).await.unwrap();
    assert_eq!(status["waiting"]["held_arrivals"], 0, "{status:#}");
    assert_eq!(show(&world, ID).await["systems"]["zoho_crm"]["remote_id"], json!(first));
}
