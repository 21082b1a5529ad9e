//! Which lead an arrival means: two leads are a matter for a person; one e-mail with two portal ids goes by setting.

use super::ask::{ask, stored};
use super::door::{lead, post, show, world, world_with};
use super::state::records;
use local::world::World;
use serde_json::{Value, json};

const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const B: &str = "bbbbbbbb-0000-4000-8000-000000000002";

fn row(id: &str, email: &str, city: &str, made: &str) -> Value {
    let mut row = lead();
    row["id"] = json!(id);
    row["email"] = json!(email);
    row["city"] = json!(city);
    row["created_at"] = json!(made);
    row
}

const EARLY: &str = "2026-11-01T09:00:00Z";
const LATE: &str = "2026-11-20T09:00:00Z";

async fn two_leads() -> (World, Vec<String>) {
    let world = world().await;
    let mut ids = Vec::new();
    for (id, email) in [(A, "a@example.com"), (B, "b@example.com")] {
        let (status, answer) = post(&world, &row(id, email, "Xagħra", EARLY)).await;
        assert_eq!((status, &answer["version"]), (202, &json!(1)));
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    world.settle().await;
    ids.sort();
    (world, ids)
}

fn candidates(held: &Value) -> Vec<String> {
    let list = held["candidates"].as_array().unwrap();
    let mut ids: Vec<String> = list.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

async fn waiting(world: &World) -> String {
    let health = ask("GET", "/health").of(world).await.body;
    health["checks"]["intake"]["detail"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn keys_that_mean_two_leads_hold_the_arrival_with_both_shown_and_change_neither() {
    let (world, both) = two_leads().await;
    let calls = world.systems.zoho.calls().len();
    let (status, answer) = post(&world, &row(A, "b@example.com", "Nadur", EARLY)).await;
    assert_eq!((status, &answer["status"]), (202, &json!("held")), "{answer}");
    world.settle().await;
    let shown = show(&world, A).await;
    assert_eq!(
        (&shown["version"], &shown["fields"]["city"]),
        (&json!(1), &json!("Xagħra")),
        "{shown:#}"
    );
    assert_eq!(candidates(&shown["held"]), both, "{shown:#}");
    let shown = show(&world, B).await;
    assert_eq!(
        (&shown["version"], &shown["held"]),
        (&json!(1), &Value::Null),
        "{shown:#}"
    );
    assert_eq!(world.systems.zoho.calls().len(), calls, "nobody was called");
    assert_eq!(waiting(&world).await, "1 wait for a person");
}

#[tokio::test(start_paused = true)]
async fn a_later_version_of_a_held_arrival_replaces_it() {
    let (world, both) = two_leads().await;
    post(&world, &row(A, "b@example.com", "Nadur", EARLY)).await;
    post(&world, &row(A, "b@example.com", "Sannat", EARLY)).await;
    assert_eq!(
        stored(&world, "intake#portal#row#").len(),
        1,
        "one arrival waits, the last"
    );
    assert_eq!(candidates(&show(&world, A).await["held"]), both);
    // The portal's person mends the address: nothing is left to choose.
    let (_, answer) = post(&world, &row(A, "a2@example.com", "Sannat", EARLY)).await;
    assert_eq!(answer["version"], 2, "{answer}");
    assert_eq!(show(&world, A).await["held"], Value::Null);
    assert_eq!(waiting(&world).await, "0 wait for a person");
    world.settle().await;
    let rows = world.systems.backoffice.rows("leads");
    let city = |id: &str| {
        rows.iter()
            .find(|it| it["portal_lead_id"] == id)
            .map(|it| it["city"].clone())
    };
    assert_eq!((city(A), city(B)), (Some(json!("Sannat")), Some(json!("Xagħra"))));
}

#[tokio::test(start_paused = true)]
async fn a_lead_of_zohos_that_has_the_keys_of_two_is_held_too() {
    let (world, _) = two_leads().await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    super::ask::wait(&world, 30).await;
    let theirs = world.systems.zoho.leads()[0]["Email"].clone();
    let other = if theirs == "a@example.com" {
        "b@example.com"
    } else {
        "a@example.com"
    };
    world
        .systems
        .zoho
        .edit(&id, json!({ "Email": other, "City": "Nadur" }))
        .unwrap();
    super::ask::wait(&world, 30).await;
    world.tick("cron_zoho_crm_pull").unwrap();
    world.settle().await;
    assert_eq!(
        stored(&world, "intake#zoho_crm#row#"),
        [format!("intake#zoho_crm#row#{id}")]
    );
    let rows = world.systems.backoffice.rows("leads");
    assert!(rows.iter().all(|it| it["city"] == "Xagħra"), "{rows:#?}");
}

/// What two rows of the portal with one e-mail come to.
struct Case {
    setting: &'static str,
    second_made: &'static str,
    records: usize,
    in_zoho: usize,
    stands: (&'static str, &'static str),
    held: usize,
}

#[tokio::test(start_paused = true)]
async fn a_known_e_mail_with_another_portal_id_goes_by_the_setting() {
    let case = |setting, second_made, records, in_zoho, stands, held| Case {
        setting,
        second_made,
        records,
        in_zoho,
        stands,
        held,
    };
    let cases = [
        case("merge", LATE, 1, 1, (B, "Nadur"), 0),
        case("merge", EARLY, 1, 1, (A, "Xagħra"), 0),
        case("separate", LATE, 2, 2, (A, "Xagħra"), 0),
        case("separate", EARLY, 2, 2, (A, "Xagħra"), 0),
        case("hold", LATE, 1, 1, (A, "Xagħra"), 1),
        case("hold", EARLY, 1, 1, (A, "Xagħra"), 1),
    ];
    for it in cases {
        let of = format!("{} {}", it.setting, it.second_made);
        let world = world_with(&[("LEAD_SAME_EMAIL", it.setting)]).await;
        post(&world, &row(A, "same@example.com", "Xagħra", "2026-11-10T09:00:00Z")).await;
        world.settle().await;
        let (status, _) = post(&world, &row(B, " Same@Example.com", "Nadur", it.second_made)).await;
        assert_eq!(status, 202, "{of}");
        world.settle().await;
        assert_eq!(records(&world), it.records, "{of}");
        assert_eq!(world.systems.zoho.leads().len(), it.in_zoho, "{of}");
        let first = show(&world, A).await;
        let stands = (
            first["portal_lead_id"].as_str().unwrap(),
            first["fields"]["city"].as_str().unwrap(),
        );
        assert_eq!(stands, it.stands, "{of}");
        assert_eq!(world.systems.zoho.leads()[0]["Portal_Lead_ID"], it.stands.0, "{of}");
        assert_eq!(stored(&world, "intake#portal#row#").len(), it.held, "{of}");
        let second = show(&world, B).await;
        assert_eq!(second["status"] == "held", it.held == 1, "{of}: {second:#}");
        let same = second["id"] == first["id"];
        assert_eq!(
            same,
            it.records == 1 && it.held == 0,
            "{of}: both ids lead there: {second:#}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_row_of_the_same_person_goes_to_the_ledger_only() {
    let world = world().await;
    post(&world, &row(A, "same@example.com", "Xagħra", LATE)).await;
    world.settle().await;
    let calls = world.systems.zoho.calls().len();
    post(&world, &row(B, "same@example.com", "Nadur", EARLY)).await;
    world.settle().await;
    let shown = show(&world, B).await;
    assert_eq!(
        (&shown["portal_lead_id"], &shown["version"]),
        (&json!(A), &json!(1)),
        "{shown:#}"
    );
    assert_eq!(world.systems.zoho.calls().len(), calls);
    let notes = super::state::items(&world);
    let note = notes.iter().find(|it| it["body"]["what"] == "note");
    let note = note.unwrap()["body"]["note"].as_str().unwrap().to_owned();
    assert!(note.contains(B), "{note}");
}

#[tokio::test(start_paused = true)]
async fn two_simultaneous_arrivals_of_one_new_lead_are_one_lead() {
    let world = world().await;
    let (one, other) = (
        row(A, "same@example.com", "Xagħra", EARLY),
        row(A, "same@example.com", "Xagħra", EARLY),
    );
    let (first, second) = tokio::join!(post(&world, &one), post(&world, &other));
    assert_eq!((first.0, second.0), (202, 202));
    assert_eq!(first.1["id"], second.1["id"]);
    world.settle().await;
    assert_eq!((records(&world), world.systems.zoho.leads().len()), (1, 1));
}
