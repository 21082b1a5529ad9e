//! What `cargo run` starts, on a virtual clock: it goes by itself, and what it prints works.

mod lines;

use anyhow::Result;
use local::run::engine::Engine;
use local::run::keys::Keys;
use local::run::options::Serve;
use local::run::tick::tick;
use local::world::{Options, World};
use serde_json::{Value, json};
use shared::api::auth::Scope;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use twins::Effect;

const START: &str = "2026-11-21T10:00:00Z";

fn world() -> Result<World> {
    World::new(Options::test(START.parse()?))
}

fn lead(number: u32) -> Value {
    let id = format!("0d9fe6c8-6a2b-4c3c-9f5e-{number:012}");
    json!({ "id": id, "name": "Maria Borg", "email": format!("maria.{number}@example.com"), "status": "new" })
}

async fn post(world: &World, keys: &Keys, number: u32) -> Result<()> {
    let key = keys.of(Scope::Leads);
    let (status, answer) = world.call("POST", "/leads", key, Some(&lead(number))).await?;
    anyhow::ensure!(status == 202, "{status}: {answer}");
    Ok(())
}

fn dir(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("concord-run-{name}-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&dir));
    dir
}

#[tokio::test(start_paused = true)]
async fn an_edit_in_zoho_comes_back_without_anyone_doing_anything() {
    let world = world().unwrap();
    let keys = Keys::mint(world.app(), None).await.unwrap();
    let engine = Engine::start(&world).unwrap();
    world.tick("cron_renew").unwrap();
    post(&world, &keys, 1).await.unwrap();
    world.clock.sleep(Duration::from_secs(10)).await;
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "Lead_Status": "Contacted" });
    world.systems.zoho.edit(&id, change).unwrap();
    world.systems.wake();
    world.clock.sleep(Duration::from_secs(5)).await;
    assert_eq!(world.systems.backoffice.rows("leads")[0]["status"], "contacted");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_row_of_the_portal_comes_in_by_its_database_webhook() {
    let world = world().unwrap();
    let engine = Engine::start(&world).unwrap();
    world.systems.portal.insert_row("leads", lead_row(1)).unwrap();
    world.systems.wake();
    world.clock.sleep(Duration::from_secs(10)).await;
    assert_eq!(world.systems.zoho.leads().len(), 1);
    engine.stop().await;
}

fn lead_row(number: u32) -> Value {
    let lead = lead(number);
    json!({ "id": lead["id"], "full_name": lead["name"], "email": lead["email"], "status": "new" })
}

#[tokio::test(start_paused = true)]
async fn a_hundred_leads_at_once_are_one_batch_for_zoho() {
    let world = world().unwrap();
    let keys = Keys::mint(world.app(), None).await.unwrap();
    let engine = Engine::start(&world).unwrap();
    for number in 0..100 {
        post(&world, &keys, number).await.unwrap();
    }
    world.clock.sleep(Duration::from_secs(20)).await;
    assert_eq!(world.systems.zoho.leads().len(), 100);
    assert_eq!(world.systems.zoho.count("upsert"), 1);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_run_at_once_than_the_template_allows() {
    let world = world().unwrap();
    let keys = Keys::mint(world.app(), None).await.unwrap();
    let slow = Effect::Slow(Duration::from_secs(5));
    world.systems.zoho.faults().add("coql", twins::When::Always, slow);
    let engine = Engine::start(&world).unwrap();
    for number in 0..250 {
        post(&world, &keys, number).await.unwrap();
    }
    world.clock.sleep(Duration::from_secs(120)).await;
    let calls = world.systems.zoho.calls();
    let looked_up = calls.iter().filter(|it| it.operation == "coql");
    // template.yaml: sync_zoho_crm_lead has a MaximumConcurrency of two.
    assert_eq!(looked_up.map(|it| it.in_flight).max(), Some(2));
    assert_eq!(world.systems.zoho.leads().len(), 250);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn schedules_fire_by_themselves() {
    let world = world().unwrap();
    let engine = Engine::start(&world).unwrap();
    world.clock.sleep(Duration::from_secs(3 * 3600 + 5)).await;
    let runs = shared::sync::run::list(world.app(), "zoho_crm_pull", 10).await.unwrap();
    assert_eq!(runs.len(), 3, "one each hour");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_tick_ends_with_the_runs_counts_and_an_unknown_one_names_the_known() {
    let world = world().unwrap();
    world.systems.portal.insert_row("leads", lead_row(1)).unwrap();
    drop(world.systems.portal.take_webhooks());
    world.clock.sleep(Duration::from_secs(5)).await;
    let text = tick(&world, "cron_portal_pull").await.unwrap();
    assert!(
        text.contains("portal_pull.") && text.contains("created") && text.contains(" 1 "),
        "{text}"
    );
    assert_eq!(world.systems.zoho.leads().len(), 1, "what follows is done, too");
    let refused = tick(&world, "cron_protal_pull").await.unwrap_err().to_string();
    assert_eq!(refused.lines().count(), 1);
    assert!(
        refused.contains("cron_portal_pull, cron_renew, cron_sweep, cron_zoho_crm_pull"),
        "{refused}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_with_data_keeps_the_lead_and_the_keys_and_goes_on() {
    let dir = dir("restart");
    let start: jiff::Timestamp = START.parse().unwrap();
    let first = World::new(Options {
        data: Some(dir.clone()),
        ..Options::test(start)
    });
    let first = first.unwrap();
    let keys = Keys::mint(first.app(), Some(&dir)).await.unwrap();
    // Answered, and nothing delivered: the queues die with the process.
    post(&first, &keys, 1).await.unwrap();
    drop(first);
    let second = World::new(Options {
        data: Some(dir.clone()),
        seed: Some(2),
        ..Options::test(start + jiff::SignedDuration::from_mins(5))
    });
    let second = second.unwrap();
    assert_eq!(Keys::mint(second.app(), Some(&dir)).await.unwrap(), keys);
    let engine = Engine::start(&second).unwrap();
    second.clock.sleep(Duration::from_secs(10)).await;
    assert_eq!(second.systems.zoho.leads().len(), 1);
    engine.stop().await;
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_system_that_is_configured_is_reached_over_the_network_and_the_others_are_not() {
    let elsewhere = twins::Supabase::new(
        twins::supabase::Settings::portal(),
        Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
    );
    elsewhere.insert_row("leads", lead_row(7)).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(twins::serve(listener, elsewhere.clone()));
    let variables = [
        ("PORTAL_SUPABASE_URL", url.as_str()),
        ("PORTAL_SUPABASE_SERVICE_KEY", "sb_secret_portal"),
    ];
    let settings = local::run::settings::read(&|name| {
        let found = variables.iter().find(|it| it.0 == name);
        found.map(|it| it.1.to_owned())
    });
    let settings = settings.unwrap();
    let world = World::new(Options {
        variables: settings.variables,
        real: settings.real,
        ..Options::test(START.parse().unwrap())
    });
    let world = world.unwrap();
    tick(&world, "cron_portal_pull").await.unwrap();
    assert!(elsewhere.count("select") > 0, "asked over the network");
    assert_eq!(world.systems.portal.calls().len(), 0, "its twin is not asked");
    assert_eq!(world.systems.zoho.leads().len(), 1, "Zoho is its twin");
    served.abort();
}

#[tokio::test]
async fn a_port_in_use_is_one_line_that_names_the_option() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let serve = Serve {
        port: 0,
        aws_port: port,
        twin_port: 0,
        data: None,
        tick: None,
        ahead: 0,
    };
    let refused = local::run::serve::serve(&serve).await.unwrap_err();
    assert_eq!(
        format!("{refused:#}"),
        format!("port {port} is in use: choose another with --aws-port")
    );
}
