//! What is wrong with a request is said, with the field's name, and nothing of it is stored.

use super::ask::{Answer, ask, stored};
use super::door::{CRON, ID, KEY, lead, post, world};
use local::world::World;
use serde_json::{Value, json};

/// The lead with one field replaced.
fn with(field: &str, value: Value) -> Value {
    let mut lead = lead();
    lead[field] = value;
    lead
}

fn without(fields: &[&str]) -> Value {
    let mut lead = lead();
    for field in fields {
        lead.as_object_mut().unwrap().remove(*field);
    }
    lead
}

async fn send(world: &World, body: impl Into<bytes::Bytes>) -> Answer {
    let asked = ask("POST", "/leads")
        .key(KEY)
        .header("content-type", "application/json");
    asked.bytes(body).of(world).await
}

/// Everything but the key that the test itself put there.
fn nothing_is_stored(world: &World) {
    let all = stored(world, "");
    assert!(all.iter().all(|it| it.starts_with("apikey#")), "{all:?}");
    assert_eq!(world.aws.faults.count("sqs", "SendMessageBatch"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lead_with_a_mistake_is_refused_with_the_fields_name_and_nothing_is_stored() {
    let world = world().await;
    let long = "x".repeat(32_001);
    let cases = [
        ("name", without(&["name"])),
        ("name", with("name", json!("  "))),
        ("name", with("name", json!(5))),
        ("name", with("name", json!(["Maria"]))),
        ("full_name", with("full_name", json!(true))),
        ("email", without(&["email", "phone"])),
        ("email", with("email", json!("maria@"))),
        ("email", with("email", json!("maria.borg.example.com"))),
        ("email", with("email", json!({ "to": "maria@example.com" }))),
        ("phone", with("phone", json!("none"))),
        ("phone", with("phone", json!(35_699_123_456_u64))),
        ("id", with("id", json!("42"))),
        ("id", with("id", json!(42))),
        ("id", with("id", json!(""))),
        ("status", with("status", json!(1))),
        ("street", with("street", json!(12))),
        ("city", with("city", json!(["Nadur"]))),
        ("notes", with("notes", json!(false))),
        ("notes", with("notes", json!(long))),
        ("payment_method", with("payment_method", json!(1.5))),
        ("source", with("source", json!({}))),
        ("system_size_kw", with("system_size_kw", json!("six"))),
        ("system_size_kw", with("system_size_kw", json!([6.6]))),
        ("total_price", with("total_price", json!("8,450.00"))),
        (
            "total_price",
            with("total_price", serde_json::from_str("1e400").unwrap()),
        ),
        ("annual_savings", with("annual_savings", json!("NaN"))),
        ("loan_term", with("loan_term", json!(120.5))),
        ("loan_term", with("loan_term", json!("ten years"))),
        ("loan_term", with("loan_term", json!("9999999999999999999"))),
        ("with_battery", with("with_battery", json!("maybe"))),
        ("with_battery", with("with_battery", json!(2))),
        ("battery_size_kwh", with("battery_size_kwh", json!(true))),
        ("latitude", with("latitude", json!("north"))),
        ("longitude", with("longitude", json!({}))),
        ("created_at", with("created_at", json!("yesterday"))),
        ("updated_at", with("updated_at", json!("2026-11-21T10:00:00"))),
        ("updated_at", with("updated_at", json!(1_795_000_000))),
        ("is_gozo", with("is_gozo", json!(true))),
        ("zoho_lead_id", with("zoho_lead_id", json!("1"))),
        ("colour", with("colour", json!("red"))),
    ];
    for (field, body) in cases {
        let answer = send(&world, body.to_string()).await;
        answer.assert_problem(422, Some(field), &format!("{field}: {}", body[field]));
    }
    nothing_is_stored(&world);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_no_lead_at_all_is_refused_and_nothing_is_stored() {
    let world = world().await;
    let cases: [(&[u8], u16); 9] = [
        (b"", 400),
        (b"{", 400),
        (b"{\"name\": \"Maria\",}", 400),
        (b"name=Maria", 400),
        (b"{\"name\": \"\xff\xfe\"}", 400),
        (b"[]", 400),
        (b"\"Maria\"", 400),
        (b"null", 400),
        (b"{}", 422),
    ];
    for (body, status) in cases {
        let answer = send(&world, body).await;
        let shown = String::from_utf8_lossy(body).into_owned();
        answer.assert_problem(status, (status == 422).then_some("name"), &shown);
    }
    let deep = format!("{{\"name\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    send(&world, deep).await.assert_problem(400, None, "deeply nested");
    nothing_is_stored(&world);
}

#[tokio::test(start_paused = true)]
async fn a_body_over_256_kb_is_refused_also_when_the_gateway_encodes_it() {
    let world = world().await;
    let whole = |length: usize| {
        let mut body = lead().to_string();
        body.push_str(&" ".repeat(length - body.len()));
        body
    };
    send(&world, whole(256 * 1024 + 1))
        .await
        .assert_problem(413, None, "one byte more");
    // Without a type the gateway sends base64, a third longer: what counts is the body.
    let untyped = ask("POST", "/leads").key(KEY);
    let answer = untyped.bytes(whole(256 * 1024 + 1)).of(&world).await;
    answer.assert_problem(413, None, "one byte more, encoded");
    nothing_is_stored(&world);
    let untyped = ask("POST", "/leads").key(KEY);
    assert_eq!(untyped.bytes(whole(256 * 1024)).of(&world).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn a_body_of_another_type_is_refused_and_nothing_is_stored() {
    let world = world().await;
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/xml",
        "json",
        "",
    ] {
        let asked = ask("POST", "/leads").key(KEY).header("content-type", kind);
        let answer = asked.bytes(lead().to_string()).of(&world).await;
        answer.assert_problem(415, None, kind);
    }
    nothing_is_stored(&world);
    let asked = ask("POST", "/leads")
        .key(KEY)
        .header("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(asked.bytes(lead().to_string()).of(&world).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn numbers_may_come_as_text_or_floats_and_keep_their_digits() {
    let world = world().await;
    let mut body = lead();
    body["total_price"] = json!(8450.10);
    body["loan_term"] = json!("120.0");
    body["with_battery"] = json!("yes");
    let (status, answer) = post(&world, &body).await;
    assert_eq!(status, 202, "{answer}");
    world.settle().await;
    let row = &world.systems.backoffice.rows("leads")[0];
    let shown = (
        &row["total_price"],
        &row["loan_term"],
        &row["with_battery"],
        &row["system_size_kw"],
    );
    assert_eq!(
        shown,
        (&json!(8450.1), &json!(120), &json!(true), &json!(6.655)),
        "{row:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_or_malformed_id_is_no_such_lead() {
    let world = world().await;
    let long = "x".repeat(3_000);
    for id in [
        "7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3",
        "42",
        "lead%231",
        "%F0%9F%A6%80",
        "..",
        &long,
    ] {
        let answer = ask("GET", &format!("/leads/{id}")).key(KEY).of(&world).await;
        answer.assert_problem(404, Some("id"), id);
    }
    post(&world, &lead()).await;
    let shouted = ask("GET", &format!("/leads/{}", ID.to_uppercase()))
        .key(KEY)
        .of(&world)
        .await;
    assert_eq!((shouted.status, &shouted.body["portal_lead_id"]), (200, &json!(ID)));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_job_and_an_unknown_run_are_named() {
    let world = world().await;
    for job in ["sweep", "cron_zoho_crm_pull", "x%23y"] {
        let answer = ask("POST", &format!("/crons/{job}")).key(CRON).of(&world).await;
        answer.assert_problem(404, Some("job"), job);
        assert!(answer.text.contains("portal_pull"), "{answer:?}");
        let runs = ask("GET", &format!("/runs?job={job}")).key(CRON).of(&world).await;
        runs.assert_problem(422, Some("job"), job);
    }
    ask("GET", "/runs")
        .key(CRON)
        .of(&world)
        .await
        .assert_problem(422, Some("job"), "no job");
    let long = format!("portal_pull.{}", "x".repeat(3_000));
    for id in ["portal_pull.01KE6V0JG0T7Q2N8R4X5Y6Z3AB", "sweep.1", "x", &long] {
        let answer = ask("GET", &format!("/runs/{id}")).key(CRON).of(&world).await;
        answer.assert_problem(404, Some("id"), id);
    }
    nothing_is_stored(&world);
}

#[tokio::test(start_paused = true)]
async fn a_run_begun_by_hand_is_listed_and_shown() {
    let world = world().await;
    let begun = ask("POST", "/crons/portal_pull").key(CRON).of(&world).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    let again = ask("POST", "/crons/portal_pull").key(CRON).of(&world).await;
    assert_eq!(again.body["run"], begun.body["run"], "it is under way");
    world.settle().await;
    let listed = ask("GET", "/runs?job=portal_pull").key(CRON).of(&world).await;
    let runs = listed.body["runs"].as_array().unwrap();
    let run = runs.iter().find(|it| it["id"] == begun.body["run"]).unwrap();
    assert_eq!(run["status"], "done", "{run:#}");
    let shown = ask("GET", begun.body["status_url"].as_str().unwrap())
        .key(CRON)
        .of(&world)
        .await;
    assert_eq!((shown.status, &shown.body["id"]), (200, &begun.body["run"]));
}
