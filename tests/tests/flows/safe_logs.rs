//! No secret and nothing of a person stands in any log line or in any problem, whatever goes wrong.

use super::ask::{ask, items};
use super::door::{CRON, ID, KEY, lead, post, world};
use super::heard::Heard;
use super::webhooks::{PORTAL, ZOHO, portal, row, zoho};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;
use twins::Effect;

const OTHER: &str = "7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3";

/// A person whose every datum is easily found.
fn person() -> Value {
    let mut person = lead();
    person["name"] = json!("Ġwanna Kanarinu");
    person["email"] = json!("gwanna.kanarinu@canary.example");
    person["phone"] = json!("+356 7990 1234");
    person["street"] = json!("77, Triq il-Kanal");
    person["notes"] = json!("gate code 4711");
    person
}

const OF_THE_PERSON: [&str; 9] = [
    "Ġwanna", "Kanarinu", "kanarinu", "canary", "7990", "79901234", "il-Kanal", "4711", "8450",
];

const SECRETS: [&str; 10] = [
    KEY,
    CRON,
    "local-portal-secret",
    "local-zoho-token",
    "twin-client-secret",
    "1000.twin.refresh",
    "sb_secret_portal",
    "sb_secret_backoffice",
    "guessed-key",
    "guessed-secret",
];

/// The access tokens that the flow got from Zoho.
fn tokens(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for item in items(world, "token#") {
        texts(&item["body"], &mut found);
    }
    found.retain(|it| it.starts_with("1000."));
    assert!(!found.is_empty(), "Zoho gave no token");
    found
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|it| texts(it, found)),
        Value::Object(map) => map.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

fn assert_silent(world: &World, heard: &Heard) {
    let text = heard.text();
    let tokens = tokens(world);
    let all = OF_THE_PERSON
        .iter()
        .chain(&SECRETS)
        .copied()
        .chain(tokens.iter().map(String::as_str));
    for canary in all {
        let told: Vec<&str> = text.lines().filter(|it| it.contains(canary)).collect();
        assert!(told.is_empty(), "{canary:?} is logged: {told:#?}");
    }
}

async fn passes(world: &World, seconds: u64) {
    world.pass(Duration::from_secs(seconds)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_flow_with_its_ordinary_failures_tells_nothing_of_people_and_secrets() {
    let heard = Heard::listen();
    let world = world().await;
    world.tick("cron_renew").unwrap();
    post(&world, &person()).await;
    for effect in [
        Effect::Status(500),
        Effect::Status(429),
        Effect::RevokeTokens,
        Effect::LoseAfter,
        Effect::LoseBefore,
    ] {
        world.systems.zoho.faults().next("upsert", 1, effect);
    }
    world.systems.backoffice.faults().next("*", 2, Effect::Status(503));
    passes(&world, 400).await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    world
        .systems
        .zoho
        .edit(&id, json!({ "Phone": "+356 7990 0000", "City": "Nadur" }))
        .unwrap();
    passes(&world, 60).await;
    world.tick("cron_zoho_crm_pull").unwrap();
    world.tick("cron_portal_pull").unwrap();
    passes(&world, 10).await;
    assert!(
        heard.lines("attempt ended").len() > 3,
        "the flow is told:\n{}",
        heard.text()
    );
    assert_silent(&world, &heard);
}

#[tokio::test(start_paused = true)]
async fn what_systems_refuse_is_told_without_the_values() {
    let heard = Heard::listen();
    let world = world().await;
    // Zoho takes thirty characters of a phone number; the back office has the person's e-mail in another row.
    let mut long = person();
    long["phone"] = json!("+356 7990 1234 / +356 7990 1234 / +356 7990 1234");
    let office = json!({ "email": "gwanna.kanarinu@canary.example", "portal_lead_id": OTHER });
    world.systems.backoffice.insert_row("leads", office).unwrap();
    let office = json!({ "portal_lead_id": ID, "last_name": "Kanarinu" });
    world.systems.backoffice.insert_row("leads", office).unwrap();
    post(&world, &long).await;
    passes(&world, 130).await;
    let shown = super::door::show(&world, ID).await;
    for system in ["zoho_crm", "backoffice"] {
        let link = &shown["systems"][system];
        assert_ne!(link["status"], "synced", "{shown:#}");
        assert!(link["last_error"].is_string(), "{shown:#}");
    }
    assert!(heard.lines("outcome=\"failed\"").len() + heard.lines("outcome=\"held\"").len() >= 2);
    assert_silent(&world, &heard);
}

#[tokio::test(start_paused = true)]
async fn what_the_doors_refuse_is_told_without_the_values_and_no_problem_echoes_them() {
    let heard = Heard::listen();
    let world = world().await;
    post(&world, &person()).await;
    world.settle().await;
    let with = |field: &str, value: Value| {
        let mut person = person();
        person[field] = value;
        person
    };
    let mail = "gwanna.kanarinu canary.example";
    let asked = [
        ask("POST", "/leads").key("guessed-key").json(&person()),
        ask("POST", "/leads").key(KEY).json(&with("email", json!(mail))),
        ask("POST", "/leads")
            .key(KEY)
            .json(&with("total_price", json!("8450 Kanarinu"))),
        ask("POST", "/leads").key(KEY).json(&with("id", json!("Kanarinu"))),
        ask("POST", "/leads").key(KEY).bytes(format!("{} Kanarinu", person())),
        ask("POST", PORTAL)
            .header("x-webhook-secret", "guessed-secret")
            .json(&person()),
        ask("POST", PORTAL)
            .header("x-webhook-secret", "local-portal-secret")
            .bytes("{Kanarinu"),
        ask("POST", ZOHO).json(&json!({ "token": "guessed-secret", "ids": ["Kanarinu"] })),
        ask("POST", "/crons/Kanarinu").key(CRON),
        ask("GET", "/leads/gwanna.kanarinu@canary.example").key(KEY),
        ask("GET", "/runs?job=Kanarinu").key(CRON),
    ];
    for it in asked {
        let answer = it.of(&world).await;
        assert!(answer.status >= 400, "{answer:?}");
        for canary in OF_THE_PERSON.iter().chain(&SECRETS) {
            assert!(!answer.text.contains(canary), "{canary}: {answer:?}");
        }
    }
    assert_silent(&world, &heard);
}

#[tokio::test(start_paused = true)]
async fn our_own_failures_are_told_without_the_values() {
    let heard = Heard::listen();
    let world = world().await;
    post(&world, &person()).await;
    world.settle().await;
    let mut hint = row(&world);
    hint["record"] = person();
    for operation in ["PutItem", "TransactWriteItems", "SendMessageBatch", "BatchGetItem"] {
        world.aws.faults.set(move |call| match call.operation == operation {
            true => Verdict::Fail(Failure::ServerError),
            false => Verdict::Pass,
        });
        let mut newer = person();
        newer["city"] = json!(operation);
        post(&world, &newer).await;
        portal(&hint).of(&world).await;
        zoho(&json!({ "module": "gwanna.kanarinu@canary.example", "ids": ["Kanarinu"] }))
            .of(&world)
            .await;
        passes(&world, 5).await;
    }
    world.aws.faults.clear();
    passes(&world, 130).await;
    assert!(
        heard.lines("request failed").len() >= 3,
        "the failures are told:\n{}",
        heard.text()
    );
    assert_silent(&world, &heard);
}
