//! Each real event through its real handler, with the effect that it must have.

use super::ask::{ask, items, stored};
use super::door::{start, world_with};
use local::events::{KEY, LEAD, ROW, SECRETS, WEBHOOK, lead};
use local::world::World;
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use shared::intake;
use shared::model::Class;
use shared::sync::accept::accept;
use std::path::Path;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// A world in which the events' own secrets are the right ones, shortly after they were sent.
async fn world() -> World {
    let world = world_with(&SECRETS).await;
    store(world.app(), KEY, Scope::Leads, "tests").await.unwrap();
    world
}

pub(super) async fn run(world: &World, function: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(format!("{function}.json"))).unwrap();
    let event = serde_json::from_str(&text).unwrap();
    let function = world.template.functions.iter().find(|it| it.name == function).unwrap();
    world.invoke(function, event).await.unwrap()
}

/// Accepts the lead of the sync events; its messages are thrown away.
async fn accepted(world: &World) {
    accept(world.app(), &lead(ROW), Class::LIVE).await.unwrap();
    thrown_away(world);
}

pub(super) fn thrown_away(world: &World) {
    for queue in world.aws.queues.names() {
        for message in world.aws.queues.receive(&queue, 10, world.clock.now_ms()).unwrap() {
            world.aws.queues.delete(&queue, &message.handle).unwrap();
        }
    }
}

pub(super) fn waiting(world: &World, queue: &str) -> usize {
    world.aws.queues.depth(queue, world.clock.now_ms())
}

pub(super) fn http_body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

pub(super) fn nothing_failed(answer: &Value) {
    assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn every_function_has_an_event_and_every_event_an_effect() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let known: Vec<&str> = functions::ALL.iter().map(|it| it.0).collect();
    assert_eq!(names, known, "the events and the functions");
    for name in names {
        let of_its_flow = ["billing", "netcash", "stripe", "api_sync", "app_status"];
        if of_its_flow.iter().any(|it| name.contains(it)) {
            super::events_billing::check(&name).await;
            continue;
        }
        let world = world().await;
        match name.split('_').next().unwrap() {
            "api" => api(&world, &name).await,
            "webhook" => webhook(&world, &name).await,
            "cron" => cron(&world, &name).await,
            "sync" => sync(&world, &name).await,
            _ => queue(&world, &name).await,
        }
    }
}

async fn api(world: &World, name: &str) {
    let answer = run(world, name).await;
    match name {
        "api_leads" => {
            assert_eq!(answer["statusCode"], 202, "{answer}");
            assert_eq!(http_body(&answer)["portal_lead_id"], ROW);
            world.settle().await;
            let lead = &world.systems.zoho.leads()[0];
            assert_eq!(
                (&lead["Last_Name"], &lead["Quote_Amount"]),
                (&json!("Borg"), &json!(8450)),
                "{lead:#}"
            );
            assert_eq!(stored(world, "request#").len(), 1, "its Idempotency-Key is known");
        }
        "api_crons" => {
            assert_eq!(answer["statusCode"], 202, "{answer}");
            let run = http_body(&answer)["run"].as_str().unwrap().to_owned();
            assert!(run.starts_with("zoho_crm_pull."), "{run}");
            assert_eq!(waiting(world, "concord-cron-zoho-crm-pull"), 1);
        }
        "api_health" => {
            assert_eq!(answer["statusCode"], 200, "{answer}");
            assert_eq!(http_body(&answer)["status"], "healthy");
        }
        _ => panic!("{name}: say here what its event must do"),
    }
}

async fn webhook(world: &World, name: &str) {
    let answer = run(world, name).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let source = match name {
        "webhook_supabase" => "portal",
        "webhook_zoho_crm" => "zoho_crm",
        _ => panic!("{name}: say here what its event must do"),
    };
    let id = http_body(&answer)["stored"].as_str().unwrap().to_owned();
    assert_eq!(stored(world, "intake#"), [format!("intake#{source}#{id}")]);
    assert_eq!(waiting(world, "concord-intake"), 1);
}

async fn sync(world: &World, name: &str) {
    accepted(world).await;
    nothing_failed(&run(world, name).await);
    let (zoho, office) = (
        world.systems.zoho.leads().len(),
        world.systems.backoffice.rows("leads").len(),
    );
    match name {
        "sync_zoho_crm_lead" => assert_eq!((zoho, office), (1, 0)),
        "sync_backoffice_lead" => assert_eq!((zoho, office), (0, 1)),
        _ => panic!("{name}: say here what its event must do"),
    }
}

async fn queue(world: &World, name: &str) {
    match name {
        "process_webhook" => {
            let id = world.systems.zoho.insert_lead(json!({ "Last_Name": "Vella" })).unwrap();
            super::ask::wait(world, 10).await;
            let body = json!({ "module": "Leads", "operation": "insert", "ids": [id] }).to_string();
            intake::hint(world.app(), "zoho_crm", WEBHOOK, body).await.unwrap();
            nothing_failed(&run(world, name).await);
            assert_eq!(super::state::records(world), 1);
            let kept = &items(world, "intake#")[0]["body"];
            assert!(kept["processed_at"].is_string(), "{kept}");
        }
        "dead_letters" => {
            accepted(world).await;
            nothing_failed(&run(world, name).await);
            assert_eq!(stored(world, "note#dead_letter#").len(), 1);
            // The letter was sent long before this world began, and nothing was committed since.
            let shown = ask("GET", &format!("/leads/{LEAD}")).key(KEY).of(world).await;
            let link = &shown.body["systems"]["zoho_crm"];
            assert_eq!(link["status"], "retrying", "{link:#}");
            let due = start() + jiff::SignedDuration::from_hours(1);
            assert_eq!(link["next_attempt"], due.to_string(), "{link:#}");
        }
        _ => panic!("{name}: say here what its event must do"),
    }
}

async fn cron(world: &World, name: &str) {
    match name {
        "cron_zoho_crm_pull" => {
            world.systems.zoho.insert_lead(json!({ "Last_Name": "Vella" })).unwrap();
            super::ask::wait(world, 10).await;
            nothing_failed(&run(world, name).await);
            assert_eq!(
                waiting(world, "concord-sync-backoffice-lead"),
                1,
                "the lead goes on to the back office"
            );
        }
        "cron_portal_pull" => {
            let row = json!({ "id": ROW, "full_name": "Maria Borg", "email": "maria@example.com" });
            world.systems.portal.insert_row("leads", row).unwrap();
            super::ask::wait(world, 10).await;
            nothing_failed(&run(world, name).await);
            assert_eq!(waiting(world, "concord-sync-zoho-crm-lead"), 1);
        }
        "cron_sweep" => {
            accepted(world).await;
            super::ask::wait(world, 120).await;
            nothing_failed(&run(world, name).await);
            assert_eq!(waiting(world, "concord-sync-zoho-crm-lead"), 1, "what waited was fed");
        }
        "cron_renew" => {
            nothing_failed(&run(world, name).await);
            world.systems.zoho.insert_lead(json!({ "Last_Name": "Vella" })).unwrap();
            assert_eq!(
                world.systems.zoho.take_notifications().len(),
                1,
                "Zoho tells from now on"
            );
            assert_eq!(stored(world, "note#zoho_crm.channel.expiry").len(), 1);
        }
        _ => panic!("{name}: say here what its event must do"),
    }
}
