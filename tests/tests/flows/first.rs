//! A lead posted to the API is in Zoho CRM and in the back office a moment later; Zoho's edits come back.

use super::door::{CRON, ID, lead, post, posted, show, world};
use serde_json::json;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_posted_lead_is_in_zoho_and_in_the_back_office() {
    let world = world().await;
    let (status, answer) = post(&world, &lead()).await;
    assert_eq!(status, 202, "{answer}");
    world.settle().await;

    let leads = world.systems.zoho.leads();
    assert_eq!(leads.len(), 1, "{leads:#?}");
    assert_eq!(leads[0]["Last_Name"], "Borg");
    assert_eq!(leads[0]["Portal_Lead_ID"], ID);
    assert_eq!(leads[0]["Lead_Status"], "Not Contacted");
    let rows = world.systems.backoffice.rows("leads");
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!(rows[0]["zoho_lead_id"], leads[0]["id"]);
    assert_eq!(rows[0]["is_gozo"], true);
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["zoho_crm"]["status"], "synced", "{shown:#}");
    assert_eq!(shown["systems"]["backoffice"]["status"], "synced", "{shown:#}");
    assert_eq!(world.systems.zoho.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_edit_in_zoho_comes_back_by_webhook() {
    let world = world().await;
    post(&world, &lead()).await;
    world.tick("cron_renew").unwrap();
    world.settle().await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    world.clock.sleep(Duration::from_secs(30)).await;
    world
        .systems
        .zoho
        .edit(&id, json!({ "Lead_Status": "Contacted", "Phone": "+356 2100 0000" }))
        .unwrap();
    world.pass(Duration::from_secs(90)).await.unwrap();
    let rows = world.systems.backoffice.rows("leads");
    assert_eq!(
        (&rows[0]["status"], &rows[0]["phone"]),
        (&json!("contacted"), &json!("+356 2100 0000")),
        "{rows:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_edit_in_zoho_comes_back_by_the_hourly_pull_and_is_not_pushed_back() {
    let world = world().await;
    let id = posted(&world).await;
    world.systems.zoho.edit(&id, json!({ "City": "Nadur" })).unwrap();
    world.clock.sleep(Duration::from_secs(30)).await;
    let (status, answer) = world.call("POST", "/crons/zoho_crm_pull", CRON, None).await.unwrap();
    assert_eq!(status, 202, "{answer}");
    world.settle().await;
    assert_eq!(world.systems.backoffice.rows("leads")[0]["city"], "Nadur");
    assert_eq!(
        world.systems.zoho.count("update") + world.systems.zoho.count("upsert"),
        1,
        "the lead itself only"
    );
    let run = answer["run"].as_str().unwrap();
    let (_, run) = world.call("GET", &format!("/runs/{run}"), CRON, None).await.unwrap();
    assert_eq!(
        (&run["status"], &run["counts"]["updated"]),
        (&json!("done"), &json!(1)),
        "{run:#}"
    );
}
