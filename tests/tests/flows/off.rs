//! Flow 1 switched off: what is left works, and what had been begun waits until it is on again.

use super::ask::ask;
use super::door::{CRON, ID, lead, post, restarted, show, world};
use super::webhooks::{portal, row};
use local::template::{Options, Template};
use local::world::World;
use serde_json::json;
use shared::sync::sweep::{Swept, sweep};
use std::time::Duration;

/// What the functions of the core are not given while the flow is off.
const GONE: [&str; 10] = [
    "QUEUE_INTAKE",
    "QUEUE_SYNC_ZOHO_CRM_LEAD",
    "QUEUE_SYNC_BACKOFFICE_LEAD",
    "QUEUE_CRON_PORTAL_PULL",
    "QUEUE_CRON_ZOHO_CRM_PULL",
    "ZOHO_CLIENT_ID",
    "ZOHO_CLIENT_SECRET",
    "ZOHO_REFRESH_TOKEN",
    "PORTAL_SUPABASE_SERVICE_KEY",
    "BACKOFFICE_SUPABASE_SERVICE_KEY",
];

/// A lead, a webhook and a run that are begun, without a message that would go on with them.
async fn begun() -> World {
    let world = world().await;
    post(&world, &lead()).await;
    let webhook = portal(&row(&world)).of(&world).await;
    assert_eq!(webhook.status, 200);
    let (status, _) = world.call("POST", "/crons/portal_pull", CRON, None).await.unwrap();
    assert_eq!(status, 202);
    for queue in &world.template.queues {
        world.aws.queues.receive(&queue.name, 10, world.clock.now_ms()).unwrap();
    }
    world.clock.sleep(Duration::from_secs(120)).await;
    world
}

async fn swept(world: &World) -> Swept {
    let app = world.app().until(world.clock.now() + Duration::from_secs(50));
    sweep(&app).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_sweep_feeds_nothing_of_a_flow_that_is_off() {
    let world = begun().await;
    let off = restarted(&world, &GONE.map(|it| (it, "")));
    assert_eq!(swept(&off).await, Swept::default());
    let fed = swept(&restarted(&world, &[])).await;
    assert_eq!((fed.links, fed.intakes, fed.runs), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_doors_that_are_left_answer() {
    let world = begun().await;
    let off = restarted(&world, &GONE.map(|it| (it, "")));
    let (status, answer) = off.call("POST", "/crons/portal_pull", CRON, None).await.unwrap();
    assert_eq!(status, 404, "{answer}");
    let (status, runs) = off.call("GET", "/runs?job=portal_pull", CRON, None).await.unwrap();
    assert_eq!((status, runs["runs"].as_array().unwrap().len()), (200, 1));
    let health = ask("GET", "/health").of(&off).await;
    assert_eq!(health.status, 200);
    assert_eq!(health.body["checks"]["zoho_crm"]["status"], "off");
    assert_eq!(
        show(&world, ID).await["systems"]["zoho_crm"]["status"],
        json!("pending")
    );
}

#[test]
fn only_the_core_is_deployed_without_a_flow() {
    let options = Options {
        queue_base: "http://127.0.0.1:4566".into(),
        parameters: ["Leads", "Billing"].map(|it| (it.to_owned(), "off".to_owned())).into(),
    };
    let core = Template::parse(include_str!("../../../template.yaml"), &options).unwrap();
    let names: Vec<&str> = core.functions.iter().map(|it| it.name.as_str()).collect();
    let expected = ["api_crons", "api_health", "cron_renew", "cron_sweep", "dead_letters"];
    assert_eq!(names, expected);
    for function in &core.functions {
        let given = GONE.iter().filter(|it| function.environment.contains_key(**it));
        assert_eq!(given.count(), 0, "{}", function.name);
    }
}
