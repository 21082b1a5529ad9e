//! Systems that are paused, mocked or not configured: what is meant for them is stored and shown; the rest works.

use super::ask::{ask, stored};
use super::door::{ID, lead, post, restarted, show, world, world_with};
use super::heard::Heard;
use super::webhooks::{portal, row};
use local::world::World;
use serde_json::{Value, json};
use shared::model::System;
use shared::sync::budget::{Mode, set_mode};
use std::time::Duration;

async fn set(world: &World, system: System, mode: Mode) {
    set_mode(world.app(), &system, mode).await.unwrap();
}

async fn minutes(world: &World, minutes: u64) {
    world.pass(Duration::from_secs(minutes * 60 + 10)).await.unwrap();
}

async fn status(world: &World, system: &str) -> Value {
    show(world, ID).await["systems"][system]["status"].clone()
}

async fn health(world: &World) -> Value {
    ask("GET", "/health").of(world).await.body
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_a_system_is_paused_is_kept_and_sent_once_when_it_is_on_again() {
    let world = world().await;
    set(&world, System::ZOHO_CRM, Mode::Paused).await;
    let mut body = lead();
    for city in ["Xagħra", "Nadur", "Sannat"] {
        body["city"] = json!(city);
        assert_eq!(post(&world, &body).await.0, 202);
        minutes(&world, 2).await;
    }
    assert_eq!(world.systems.zoho.calls().len(), 0, "nothing was asked of it");
    assert_eq!(status(&world, "zoho_crm").await, "pending");
    assert_eq!(status(&world, "backoffice").await, "synced", "the rest works");
    assert_eq!(world.systems.backoffice.rows("leads")[0]["city"], "Sannat");
    let checks = health(&world).await;
    assert_eq!(checks["status"], "healthy", "a person paused it");
    assert_eq!(
        checks["checks"]["zoho_crm"],
        json!({ "status": "off", "detail": "paused" })
    );

    set(&world, System::ZOHO_CRM, Mode::On).await;
    minutes(&world, 2).await;
    assert_eq!(world.systems.zoho.leads()[0]["City"], "Sannat");
    assert_eq!(world.systems.zoho.count("upsert"), 1, "three edits are one call");
    assert_eq!(status(&world, "zoho_crm").await, "synced");
}

#[tokio::test(start_paused = true)]
async fn what_a_mock_takes_is_logged_and_never_sent_not_later_either() {
    let world = world().await;
    set(&world, System::ZOHO_CRM, Mode::Mock).await;
    let heard = Heard::listen();
    post(&world, &lead()).await;
    minutes(&world, 2).await;
    let shown = show(&world, ID).await;
    let link = &shown["systems"]["zoho_crm"];
    assert_eq!(
        (&link["status"], &link["last_error"]),
        (&json!("skipped"), &json!("mock")),
        "{shown:#}"
    );
    let told = heard.lines("mock: would send");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("total_price") && !told[0].contains("8450"),
        "names, not values: {told:?}"
    );
    assert_eq!(status(&world, "backoffice").await, "synced");

    set(&world, System::ZOHO_CRM, Mode::On).await;
    minutes(&world, 10).await;
    assert_eq!(status(&world, "zoho_crm").await, "skipped");
    assert_eq!(world.systems.zoho.calls().len(), 0, "not later either");
}

#[tokio::test(start_paused = true)]
async fn a_new_edit_of_a_mocked_lead_is_sent_when_the_system_is_on() {
    let world = world().await;
    set(&world, System::BACKOFFICE, Mode::Mock).await;
    post(&world, &lead()).await;
    world.settle().await;
    assert_eq!(status(&world, "backoffice").await, "skipped");
    set(&world, System::BACKOFFICE, Mode::On).await;
    let mut body = lead();
    body["city"] = json!("Nadur");
    post(&world, &body).await;
    world.settle().await;
    let rows = world.systems.backoffice.rows("leads");
    assert_eq!(
        (&rows[0]["city"], &rows[0]["last_name"]),
        (&json!("Nadur"), &json!("Borg")),
        "whole: {rows:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_system_that_is_not_configured_takes_nothing_else_along() {
    let missing = [
        ("ZOHO_REFRESH_TOKEN", "zoho_crm", "backoffice"),
        ("ZOHO_CLIENT_SECRET", "zoho_crm", "backoffice"),
        ("BACKOFFICE_SUPABASE_URL", "backoffice", "zoho_crm"),
        ("BACKOFFICE_SUPABASE_SERVICE_KEY", "backoffice", "zoho_crm"),
    ];
    for (variable, off, on) in missing {
        let world = world_with(&[(variable, "")]).await;
        assert_eq!(post(&world, &lead()).await.0, 202);
        minutes(&world, 2).await;
        assert_eq!(status(&world, off).await, "pending", "{variable}");
        assert_eq!(status(&world, on).await, "synced", "{variable}");
        let health = health(&world).await;
        assert_eq!(health["status"], "healthy", "{variable}: {health:#}");
        let check = &health["checks"][off];
        assert_eq!(check["status"], "off", "{variable}: {health:#}");
        assert_eq!(check["detail"].as_str().unwrap().lines().count(), 1);

        let world = restarted(&world, &[]);
        minutes(&world, 2).await;
        assert_eq!(status(&world, off).await, "synced", "{variable} is set now");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_portal_key_its_webhook_is_used_unconfirmed_until_a_pull_confirms_it() {
    let world = world_with(&[("PORTAL_SUPABASE_SERVICE_KEY", "")]).await;
    assert_eq!(portal(&row(&world)).of(&world).await.status, 200);
    minutes(&world, 1).await;
    let shown = show(&world, ID).await;
    assert_eq!(
        (&shown["unconfirmed"], &shown["fields"]["city"]),
        (&json!(true), &json!("Xagħra"))
    );
    assert_eq!(status(&world, "backoffice").await, "synced");
    assert_eq!(world.systems.portal.calls().len(), 0);

    let world = restarted(&world, &[]);
    world.tick("cron_portal_pull").unwrap();
    world.settle().await;
    assert_eq!(show(&world, ID).await["unconfirmed"], false);
    assert_eq!(world.systems.backoffice.rows("leads").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_zoho_its_crons_do_nothing_and_harm_nothing() {
    let world = world_with(&[("ZOHO_REFRESH_TOKEN", "")]).await;
    for cron in ["cron_renew", "cron_zoho_crm_pull", "cron_sweep"] {
        world.tick(cron).unwrap();
    }
    world.settle().await;
    for queue in ["concord-cron-renew", "concord-cron-zoho-crm-pull", "concord-cron-sweep"] {
        assert_eq!(
            world.aws.queues.depth(queue, world.clock.now_ms()),
            0,
            "{queue}: the activation ended"
        );
    }
    assert_eq!(world.systems.zoho.calls().len(), 0);
    assert_eq!(stored(&world, "lead#"), Vec::<String>::new());
}
