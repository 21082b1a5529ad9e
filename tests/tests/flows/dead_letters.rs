//! Work whose outcome could not even be written: its message dies, is kept, and its link is tried again.

use super::ask::{ask, items, stored, wait};
use super::door::{ID, lead, post, show, world};
use super::heard::Heard;
use local::fault::{Failure, Verdict};
use local::queues::message::Outgoing;
use local::world::World;
use serde_json::{Value, json};

const QUEUE: &str = "concord-sync-zoho-crm-lead";
const DEAD: &str = "concord-sync-zoho-crm-lead-dead";

/// Every read of a batch fails: no worker can begin.
fn no_worker_can_begin(world: &World) {
    world.aws.faults.set(|call| match call.operation {
        "BatchGetItem" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
}

/// Delivers again and again until the messages have died; nothing else happens meanwhile.
async fn until_dead(world: &World, letters: usize) {
    for _ in 0..12 {
        world.deliver().await;
        if stored(world, "note#dead_letter#").len() == letters {
            return;
        }
        wait(world, 190).await;
    }
    panic!(
        "{} of {letters} letters are kept",
        stored(world, "note#dead_letter#").len()
    );
}

fn put(world: &World, queue: &str, body: &str) {
    world
        .aws
        .queues
        .send(queue, Outgoing::new(body), world.clock.now_ms())
        .unwrap();
}

fn letters(world: &World) -> Vec<Value> {
    items(world, "note#dead_letter#")
}

async fn link(world: &World, system: &str) -> Value {
    show(world, ID).await["systems"][system].clone()
}

#[tokio::test(start_paused = true)]
async fn a_message_that_can_never_be_worked_off_is_kept_and_its_link_tried_again_in_an_hour() {
    let world = world().await;
    let heard = Heard::listen();
    post(&world, &lead()).await;
    no_worker_can_begin(&world);
    until_dead(&world, 2).await;
    assert_eq!(world.aws.queues.depth(QUEUE, world.clock.now_ms()), 0);
    assert_eq!(world.aws.queues.depth(DEAD, world.clock.now_ms()), 0);
    let kept = letters(&world);
    let kept = kept
        .iter()
        .find(|it| it["pk"]["S"].as_str().unwrap().contains(DEAD))
        .unwrap();
    assert!(kept["body"]["body"].as_str().unwrap().contains("zoho_crm"), "{kept}");
    assert!(
        kept["ttl"]["N"].is_string(),
        "its work goes on elsewhere, so it is done: {kept}"
    );
    world.aws.faults.clear();
    let link = link(&world, "zoho_crm").await;
    assert_eq!(link["status"], "retrying", "{link:#}");
    let again: jiff::Timestamp = link["next_attempt"].as_str().unwrap().parse().unwrap();
    let wait_for = again.duration_since(world.clock.now());
    assert!(
        (3_000..=3_600).contains(&wait_for.as_secs()),
        "in about an hour: {wait_for:?}"
    );
    assert!(link["last_error"].as_str().unwrap().contains("died"), "{link:#}");
    assert_eq!(
        heard.lines("alert=\"dead letters in ").len(),
        2,
        "one for each queue:\n{}",
        heard.text()
    );

    world.pass(std::time::Duration::from_secs(3_700)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 1, "and then it is there");
}

#[tokio::test(start_paused = true)]
async fn a_letter_whose_link_was_committed_since_changes_nothing() {
    let world = world().await;
    post(&world, &lead()).await;
    no_worker_can_begin(&world);
    for _ in 0..5 {
        world.deliver().await;
        wait(&world, 190).await;
    }
    world.aws.faults.clear();
    // The sweep feeds the link with a message of its own before the letter is read.
    world.tick("cron_sweep").unwrap();
    let sweep = world
        .template
        .functions
        .iter()
        .find(|it| it.name == "cron_sweep")
        .unwrap();
    world.invoke(sweep, json!({ "Records": [] })).await.unwrap();
    let fed = world.aws.queues.receive(QUEUE, 10, world.clock.now_ms()).unwrap();
    let worker = world
        .template
        .functions
        .iter()
        .find(|it| it.name == "sync_zoho_crm_lead")
        .unwrap();
    let event = local::queues::mapping::sqs_event("arn:aws:sqs:eu-south-1:0:concord-sync-zoho-crm-lead", &fed);
    world.invoke(worker, event).await.unwrap();
    assert_eq!(link(&world, "zoho_crm").await["status"], "synced");
    until_dead(&world, 1).await;
    let link = link(&world, "zoho_crm").await;
    assert_eq!(
        (&link["status"], &link["last_error"]),
        (&json!("synced"), &Value::Null),
        "{link:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_message_is_kept_for_a_person() {
    for body in ["garbage", "{\"v\":2,\"activate\":true}", "{\"v\":1}"] {
        let world = world().await;
        put(&world, QUEUE, body);
        until_dead(&world, 1).await;
        let kept = &letters(&world)[0];
        assert_eq!(kept["body"]["body"], body);
        assert_eq!(kept["due_pk"]["S"], "dead_letter#attention", "{kept}");
        assert!(kept["ttl"].is_null(), "what waits for a person does not expire: {kept}");
        let health = ask("GET", "/health").of(&world).await;
        assert_eq!(
            health.body["checks"]["queues"]["detail"],
            "1 dead letters wait for a person"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_message_takes_nothing_of_its_batch_along() {
    let world = world().await;
    put(&world, QUEUE, "garbage");
    post(&world, &lead()).await;
    put(&world, QUEUE, "{}");
    world.settle().await;
    assert_eq!(link(&world, "zoho_crm").await["status"], "synced");
    assert_eq!(
        world.aws.queues.depth(QUEUE, world.clock.now_ms()),
        2,
        "only the two come again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_can_not_be_kept_stays_in_its_queue() {
    let world = world().await;
    put(&world, QUEUE, "garbage");
    for _ in 0..6 {
        world.deliver().await;
        if world.aws.queues.depth(DEAD, world.clock.now_ms()) > 0 {
            break;
        }
        wait(&world, 190).await;
    }
    world.aws.faults.set(|call| match call.operation {
        "PutItem" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
    for _ in 0..30 {
        world.deliver().await;
        wait(&world, 190).await;
    }
    assert_eq!(
        world.aws.queues.depth(DEAD, world.clock.now_ms()),
        1,
        "it is still there"
    );
    world.aws.faults.clear();
    until_dead(&world, 1).await;
    assert_eq!(world.aws.queues.depth(DEAD, world.clock.now_ms()), 0);
}

#[tokio::test(start_paused = true)]
async fn every_queue_that_works_has_a_consumer_of_its_dead_letters() {
    let world = world().await;
    let consumer = world
        .template
        .functions
        .iter()
        .find(|it| it.name == "dead_letters")
        .unwrap();
    for queue in &world.template.queues {
        let Some(dead) = &queue.dead_letter else { continue };
        assert!(
            consumer.queues.iter().any(|it| it.queue == *dead),
            "nobody reads {dead}"
        );
        put(&world, &queue.name, "garbage");
    }
    let is_cron = |name: &str| name.contains("-cron-");
    let expected = world
        .template
        .queues
        .iter()
        .filter(|it| it.dead_letter.is_some() && !is_cron(&it.name));
    until_dead(&world, expected.count()).await;
}
