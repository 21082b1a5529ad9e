//! What the schedules bring: whole tables, past page limits, on the days on which clocks change.

use super::door::{CRON, ID, lead, post, show, world, world_with};
use super::state::{items, records, settled};
use jiff::Timestamp;
use local::world::{Options, World};
use serde_json::{Value, json};
use std::time::Duration;
use twins::Effect;

async fn run(world: &World, job: &str) -> Value {
    let (status, answer) = world.call("POST", &format!("/crons/{job}"), CRON, None).await.unwrap();
    assert_eq!(status, 202, "{answer}");
    settled(world).await;
    let run = format!("/runs/{}", answer["run"].as_str().unwrap());
    world.call("GET", &run, CRON, None).await.unwrap().1
}

fn typed_in_zoho(world: &World, count: usize) -> Vec<String> {
    let typed = |it| json!({ "Last_Name": format!("Vella {it}"), "Email": format!("vella{it}@example.com") });
    (0..count)
        .map(|it| world.systems.zoho.insert_lead(typed(it)).unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_hourly_pull_reads_past_two_thousand_rows() {
    let world = world().await;
    typed_in_zoho(&world, 2_300);
    world.clock.sleep(Duration::from_secs(60)).await;
    let run = run(&world, "zoho_crm_pull").await;
    assert_eq!(
        (&run["status"], &run["counts"]["created"]),
        (&json!("done"), &json!(2_300)),
        "{run:#}"
    );
    assert_eq!(records(&world), 2_300);
    assert_eq!(world.systems.zoho.violations(), Vec::<String>::new());
}

/// The page token is lost in the middle: the chain begins again, and nothing is missed or doubled.
#[tokio::test(start_paused = true)]
async fn a_page_token_that_expires_loses_no_row() {
    let world = world().await;
    typed_in_zoho(&world, 900);
    world.clock.sleep(Duration::from_secs(60)).await;
    let code = Effect::Error {
        status: 400,
        code: "EXPIRED_PAGE_TOKEN".into(),
    };
    world.systems.zoho.faults().add("list", twins::When::Calls(2..3), code);
    let run = run(&world, "zoho_crm_pull").await;
    assert_eq!(run["status"], "done", "{run:#}");
    assert_eq!(records(&world), 900);
}

/// A run that stops in the middle (Zoho away) keeps its place and is gone on with by the sweep.
#[tokio::test(start_paused = true)]
async fn an_interrupted_pull_goes_on_where_it_stood() {
    let world = world().await;
    typed_in_zoho(&world, 900);
    world.clock.sleep(Duration::from_secs(60)).await;
    world
        .systems
        .zoho
        .faults()
        .add("list", twins::When::Calls(2..6), Effect::Status(503));
    let run = run(&world, "zoho_crm_pull").await;
    assert_eq!(
        (&run["status"], &run["counts"]["created"]),
        (&json!("done"), &json!(900)),
        "{run:#}"
    );
    assert_eq!(records(&world), 900);
}

#[tokio::test(start_paused = true)]
async fn two_activations_at_once_make_one_run() {
    let world = world().await;
    typed_in_zoho(&world, 3);
    world.clock.sleep(Duration::from_secs(60)).await;
    let (_, first) = world.call("POST", "/crons/zoho_crm_pull", CRON, None).await.unwrap();
    let (_, second) = world.call("POST", "/crons/zoho_crm_pull", CRON, None).await.unwrap();
    assert_eq!(first["run"], second["run"]);
    settled(&world).await;
    let (_, runs) = world.call("GET", "/runs?job=zoho_crm_pull", CRON, None).await.unwrap();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs:#}");
    assert_eq!(records(&world), 3);
}

/// Somebody made the term of the loan a text in Zoho, and one lead says "ten years" there.
#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_read_is_set_aside_and_the_others_go_on() {
    let world = world_with(&[("ZOHO_CRM_LEAD_FIELDS", r#"{"loan_term": "Company"}"#)]).await;
    let ids = typed_in_zoho(&world, 3);
    world
        .systems
        .zoho
        .edit(&ids[1], json!({ "Company": "ten years" }))
        .unwrap();
    world.clock.sleep(Duration::from_secs(60)).await;
    let run = run(&world, "zoho_crm_pull").await;
    let counts = &run["counts"];
    assert_eq!(
        (&counts["created"], &counts["failed"]),
        (&json!(2), &json!(1)),
        "{run:#}"
    );
    assert_eq!(world.systems.backoffice.rows("leads").len(), 2);
    let of_row = |it: &Value| it["pk"]["S"].as_str().is_some_and(|it| it.contains(&ids[1]));
    let aside: Vec<Value> = items(&world).into_iter().filter(of_row).collect();
    assert_eq!(aside.len(), 1, "{aside:#?}");
    assert_eq!(aside[0]["due_pk"]["S"], "intake#attention", "{aside:#?}");
    // Mended there, it comes in, and waits for nobody any more.
    world.systems.zoho.edit(&ids[1], json!({ "Company": "120" })).unwrap();
    world.clock.sleep(Duration::from_secs(60)).await;
    self::run(&world, "zoho_crm_pull").await;
    assert_eq!(world.systems.backoffice.rows("leads").len(), 3);
    assert_eq!(super::state::due(&world, "attention"), Vec::<Value>::new());
}

/// Converted and deleted leads are marked: never made again, never deleted elsewhere.
#[tokio::test(start_paused = true)]
async fn what_is_gone_from_zoho_is_never_made_again() {
    for gone in ["deleted", "converted"] {
        let world = world().await;
        post(&world, &lead()).await;
        settled(&world).await;
        world.clock.sleep(Duration::from_secs(60)).await;
        let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
        match gone {
            "deleted" => world.systems.zoho.delete(&id).unwrap(),
            _ => world.systems.zoho.convert(&id).unwrap(),
        }
        world.clock.sleep(Duration::from_secs(60)).await;
        run(&world, "zoho_crm_pull").await;
        let mut edited = lead();
        edited["notes"] = json!("after it was gone");
        post(&world, &edited).await;
        settled(&world).await;
        assert_eq!(
            world.systems.zoho.count("upsert") + world.systems.zoho.count("update"),
            1,
            "{gone}"
        );
        let shown = show(&world, ID).await;
        assert_eq!(shown["systems"]["zoho_crm"]["status"], "skipped", "{gone}: {shown:#}");
        let rows = world.systems.backoffice.rows("leads");
        assert_eq!(
            (rows.len(), &rows[0]["notes"]),
            (1, &json!("after it was gone")),
            "{gone}"
        );
    }
}

/// Each day of the two on which Malta's clocks change has its run: by schedule, or by the sweep within the day.
#[tokio::test(start_paused = true)]
async fn the_daily_pull_runs_on_the_days_on_which_clocks_change() {
    for from in ["2026-03-28T00:30:00Z", "2026-10-23T23:30:00Z"] {
        let world = World::new(Options::test(from.parse().unwrap())).unwrap();
        shared::api::auth::store(world.app(), "key", shared::api::auth::Scope::Crons, "tests")
            .await
            .unwrap();
        world.pass(Duration::from_secs(51 * 3600)).await.unwrap();
        let (_, runs) = world.call("GET", "/runs?job=portal_pull", "key", None).await.unwrap();
        let started: Vec<Timestamp> = runs["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["started_at"].as_str().unwrap().parse().unwrap())
            .collect();
        assert!(started.len() >= 3, "{from}: {started:?}");
        let mut ordered = started.clone();
        ordered.sort();
        let hours = ordered.windows(2).map(|it| it[1].duration_since(it[0]).as_hours());
        let longest = hours.max().unwrap_or_default();
        assert!(longest <= 26, "{from}: {longest} h between two runs, {ordered:?}");
        assert!(
            ordered.windows(2).all(|it| it[0] != it[1]),
            "{from}: one run per activation"
        );
    }
}

/// Somebody edits the lead in Zoho in the same moment: their edit is not overwritten unseen.
#[tokio::test(start_paused = true)]
async fn an_edit_in_zoho_since_we_last_looked_is_not_overwritten() {
    let world = world().await;
    post(&world, &lead()).await;
    settled(&world).await;
    world.clock.sleep(Duration::from_secs(60)).await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    world
        .systems
        .zoho
        .edit(&id, json!({ "Phone": "+356 2100 0000" }))
        .unwrap();
    world.clock.sleep(Duration::from_secs(5)).await;
    let mut edited = lead();
    edited["phone"] = json!("+356 7777 7777");
    edited["notes"] = json!("new note");
    post(&world, &edited).await;
    settled(&world).await;
    // Zoho owns contact data once it knows the lead; the note is one-sided and goes through.
    let lead = &world.systems.zoho.leads()[0];
    assert_eq!(
        (&lead["Phone"], &lead["Description"]),
        (&json!("+356 2100 0000"), &json!("new note")),
        "{lead:#}"
    );
    let row = &world.systems.backoffice.rows("leads")[0];
    assert_eq!(
        (&row["phone"], &row["notes"]),
        (&json!("+356 2100 0000"), &json!("new note")),
        "{row:#}"
    );
}
