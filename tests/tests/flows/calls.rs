//! How many calls agreement costs: no more than it must.

use super::door::{CRON, ID, lead, post, show, world, world_with};
use super::state::{records, settled};
use local::fault::Verdict;
use local::world::World;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn row(number: u64) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"), "full_name": format!("Maria Borg {number}"),
        "email": format!("maria{number}@example.com"), "phone": "+356 9912 3456", "status": "new",
        "total_price": "8450.00",
    })
}

fn writes(world: &World) -> usize {
    world.systems.zoho.count("update") + world.systems.zoho.count("upsert")
}

async fn in_the_portal(world: &World, count: u64) {
    for number in 0..count {
        world.systems.portal.insert_row("leads", row(number)).unwrap();
    }
    // The daily pull alone brings them.
    world.systems.portal.take_webhooks();
    world.clock.sleep(Duration::from_secs(5)).await;
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_new_leads_are_a_hundred_upserts() {
    // Without the back office, whose work would only take the test's time.
    let world = world_with(&[("BACKOFFICE_SUPABASE_URL", ""), ("BACKOFFICE_SUPABASE_SERVICE_KEY", "")]).await;
    in_the_portal(&world, 10_000).await;
    world.tick("cron_portal_pull").unwrap();
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 10_000);
    assert_eq!(world.systems.zoho.count("upsert"), 100);
    assert_eq!(world.systems.zoho.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_lead_costs_no_call() {
    let world = world().await;
    post(&world, &lead()).await;
    settled(&world).await;
    let before = (world.systems.zoho.calls().len(), world.systems.backoffice.calls().len());
    let (status, answer) = post(&world, &lead()).await;
    assert_eq!(status, 202, "{answer}");
    settled(&world).await;
    let after = (world.systems.zoho.calls().len(), world.systems.backoffice.calls().len());
    assert_eq!(after, before);
    assert_eq!(show(&world, ID).await["version"], 1);
}

/// A commit and a slot's end write at the state that they know; where somebody else has written since, they read.
#[tokio::test(start_paused = true)]
async fn a_quiet_push_reads_neither_its_link_nor_its_budget_again() {
    let world = world_with(&[("BACKOFFICE_SUPABASE_URL", ""), ("BACKOFFICE_SUPABASE_SERVICE_KEY", "")]).await;
    post(&world, &lead()).await;
    world.settle().await;
    let (sent, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let (began, told) = (Arc::clone(&sent), Arc::clone(&asked));
    world.system_faults().set(move |call| {
        began.fetch_or(call.operation.contains("PUT /crm/v8/Leads"), Ordering::Relaxed);
        Verdict::Pass
    });
    world.aws.faults.set(move |call| {
        if sent.load(Ordering::Relaxed) {
            told.lock().unwrap().push(call.operation.to_owned());
        }
        Verdict::Pass
    });
    let mut edited = lead();
    edited["notes"] = json!("call after eight");
    post(&world, &edited).await;
    world.settle().await;
    assert_eq!(world.systems.zoho.leads()[0]["Description"], "call after eight");
    let asked = asked.lock().unwrap();
    assert_eq!(asked[..3], ["PutItem"; 3], "slot, attempt and commit: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn many_edits_in_a_burst_cost_one_call() {
    let world = world().await;
    for number in 0..20 {
        let mut edited = lead();
        edited["notes"] = json!(format!("note {number}"));
        post(&world, &edited).await;
    }
    settled(&world).await;
    assert_eq!(writes(&world), 1);
    assert_eq!(world.systems.zoho.leads()[0]["Description"], "note 19");
}

/// Zoho keeps two decimals of a quote and trims texts: it then shows another value than was sent.
#[tokio::test(start_paused = true)]
async fn what_zoho_trims_or_rounds_is_not_sent_again() {
    let world = world().await;
    let mut precise = lead();
    precise["system_size_kw"] = json!("6.65512345678");
    precise["notes"] = json!("two lines\r\nand a tail   ");
    post(&world, &precise).await;
    settled(&world).await;
    let sent = writes(&world);
    let kept = &world.systems.zoho.leads()[0];
    assert_eq!(
        (&kept["System_Size"], &kept["Description"]),
        (&json!(6.66), &json!("two lines\r\nand a tail"))
    );
    world.clock.sleep(Duration::from_secs(60)).await;
    for cron in ["cron_zoho_crm_pull", "cron_zoho_crm_pull"] {
        world.tick(cron).unwrap();
        settled(&world).await;
        world.clock.sleep(Duration::from_secs(60)).await;
    }
    post(&world, &precise).await;
    settled(&world).await;
    assert_eq!(writes(&world), sent, "{:#?}", world.systems.zoho.leads());
    assert_eq!(show(&world, ID).await["version"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_hourly_pull_over_unchanged_data_writes_nothing() {
    let world = world().await;
    in_the_portal(&world, 30).await;
    world.tick("cron_portal_pull").unwrap();
    settled(&world).await;
    world.clock.sleep(Duration::from_secs(60)).await;
    pull(&world).await;
    let before = about_leads(&world);
    let counts = pull(&world).await;
    assert_eq!(
        (&counts["read"], &counts["unchanged"]),
        (&json!(30), &json!(30)),
        "{counts}"
    );
    assert_eq!(about_leads(&world), before, "no item of a lead was written");
    assert_eq!(records(&world), 30);
}

async fn pull(world: &World) -> Value {
    let (status, answer) = world.call("POST", "/crons/zoho_crm_pull", CRON, None).await.unwrap();
    assert_eq!(status, 202, "{answer}");
    settled(world).await;
    let run = format!("/runs/{}", answer["run"].as_str().unwrap());
    world.call("GET", &run, CRON, None).await.unwrap().1["counts"].clone()
}

/// The writes that made the leads' items: each write leaves its own name.
fn about_leads(world: &World) -> Vec<Value> {
    let of_a_lead = |it: &Value| it["pk"]["S"].as_str().is_some_and(|it| it.starts_with("lead#"));
    let mut revs: Vec<_> = super::state::items(world)
        .into_iter()
        .filter(of_a_lead)
        .map(|it| it["rev"].clone())
        .collect();
    revs.sort_by_key(Value::to_string);
    revs
}
