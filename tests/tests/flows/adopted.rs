//! A lead that a person makes in Zoho between our look-up and our upsert: adopted, with all that it held.

use super::door::{ID, lead, post, show, world};
use super::heard::Heard;
use super::state::{items, settled};
use local::fault::Verdict;
use local::world::World;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// A person is quicker than the next upsert.
fn a_person_is_first(world: &World, fields: Value) {
    let (zoho, done) = (world.systems.zoho.clone(), AtomicBool::new(false));
    world.systems.faults.set(move |call| {
        if call.operation.ends_with("/Leads/upsert") && !done.swap(true, Ordering::Relaxed) {
            zoho.insert_lead(fields.clone()).unwrap();
        }
        Verdict::Pass
    });
}

fn theirs() -> Value {
    json!({ "Last_Name": "Borg", "Email": "maria.borg@example.com", "Street": "5, Triq il-Mina", "City": "Nadur" })
}

/// The portal's lead knows neither street nor city.
fn ours() -> Value {
    let mut lead = lead();
    lead["street"] = json!("");
    lead["city"] = json!("");
    lead
}

fn whats(world: &World) -> Vec<String> {
    let all = items(world).into_iter().map(|it| it["body"].clone());
    let to_zoho = all.filter(|it| it["system"] == "zoho_crm" && it["outcome"] != Value::Null);
    to_zoho
        .filter_map(|it| it["what"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_upsert_that_hits_what_the_look_up_missed_takes_in_what_stood_there() {
    let world = world().await;
    a_person_is_first(&world, theirs());
    let heard = Heard::listen();
    post(&world, &ours()).await;
    settled(&world).await;
    assert_eq!(world.systems.zoho.leads().len(), 1, "the person's lead is the portal's");
    let shown = show(&world, ID).await;
    assert_eq!(
        (&shown["fields"]["street"], &shown["fields"]["city"]),
        (&json!("5, Triq il-Mina"), &json!("Nadur")),
        "{shown:#}"
    );
    let row = &world.systems.backoffice.rows("leads")[0];
    assert_eq!(
        (&row["city"], &row["is_gozo"]),
        (&json!("Nadur"), &json!(true)),
        "{row:#}"
    );
    assert_eq!(whats(&world), ["adopt"]);
    assert_eq!(heard.lines("adopted: ").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_stood_in_an_adopted_lead_is_not_overwritten_unseen() {
    let world = world().await;
    a_person_is_first(&world, theirs());
    post(&world, &ours()).await;
    settled(&world).await;
    let mut edited = ours();
    edited["notes"] = json!("call before noon");
    // Contact data is Zoho's once it knows the lead.
    edited["city"] = json!("Xewkija");
    post(&world, &edited).await;
    settled(&world).await;
    let lead = &world.systems.zoho.leads()[0];
    assert_eq!(
        (&lead["Description"], &lead["Street"], &lead["City"]),
        (&json!("call before noon"), &json!("5, Triq il-Mina"), &json!("Nadur")),
        "{lead:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_lead_is_not_called_adopted_and_not_read_back() {
    let world = world().await;
    let heard = Heard::listen();
    post(&world, &lead()).await;
    settled(&world).await;
    assert_eq!(whats(&world), ["create"]);
    assert_eq!(heard.lines("adopted"), Vec::<String>::new());
    assert_eq!(world.systems.zoho.count("list"), 0);
}
