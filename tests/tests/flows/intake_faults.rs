//! Our own faults at the door: nothing is acknowledged before it is stored, and nothing that was acknowledged is lost.

use super::ask::{Answer, ask, stored};
use super::door::{ID, KEY, lead, show, world};
use super::webhooks::{portal, row, zoho};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::json;
use std::time::Duration;

fn down(world: &World, service: &'static str) {
    world.aws.faults.set(move |call| match call.service == service {
        true => Verdict::Fail(Failure::ServerError),
        false => Verdict::Pass,
    });
}

fn assert_send_again(answer: &Answer) {
    answer.assert_problem(503, None, "our own fault");
}

#[tokio::test(start_paused = true)]
async fn while_the_table_is_down_nothing_is_acknowledged() {
    let world = world().await;
    let (body, post) = (row(&world), || ask("POST", "/leads").key(KEY).json(&lead()));
    down(&world, "dynamodb");
    assert_send_again(&portal(&body).of(&world).await);
    assert_send_again(&zoho(&json!({ "module": "Leads", "ids": ["1"] })).of(&world).await);
    assert_send_again(&post().of(&world).await);
    assert_eq!(
        world.aws.faults.count("sqs", "SendMessageBatch"),
        0,
        "nothing is enqueued that is not stored"
    );
    world.aws.faults.clear();
    assert_eq!(stored(&world, "intake#"), Vec::<String>::new());
    assert_eq!(
        portal(&body).of(&world).await.status,
        200,
        "the sender's second try is taken"
    );
    assert_eq!(post().of(&world).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn while_the_table_hangs_the_sender_is_told_to_try_again() {
    let world = world().await;
    let body = row(&world);
    world.aws.faults.set(|call| match call.service {
        "dynamodb" => Verdict::HangBefore,
        _ => Verdict::Pass,
    });
    let (one, other) = (portal(&body), ask("POST", "/leads").key(KEY).json(&lead()));
    let begun = world.clock.now();
    let (one, other) = tokio::join!(one.of(&world), other.of(&world));
    assert_send_again(&one);
    assert_send_again(&other);
    assert!(
        world.clock.now().duration_since(begun).as_secs() < 10,
        "before the function's own limit"
    );
    world.aws.faults.clear();
    assert_eq!(stored(&world, "intake#"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_not_answered_may_have_been_stored_and_is_not_doubled() {
    let world = world().await;
    world.aws.faults.set(|call| match call.operation {
        "TransactWriteItems" | "PutItem" => Verdict::LoseAnswer,
        _ => Verdict::Pass,
    });
    let post = || ask("POST", "/leads").key(KEY).json(&lead());
    assert_send_again(&post().of(&world).await);
    assert_send_again(&portal(&row(&world)).of(&world).await);
    world.aws.faults.clear();
    assert_eq!(post().of(&world).await.status, 202);
    world.pass(Duration::from_secs(130)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 1);
    assert_eq!(world.systems.backoffice.rows("leads").len(), 1);
    assert_eq!(show(&world, ID).await["version"], 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_queues_are_down_all_is_stored_and_the_sweep_heals_it() {
    let world = world().await;
    let body = row(&world);
    down(&world, "sqs");
    let answer = portal(&body).of(&world).await;
    assert_eq!(answer.status, 200, "it is stored: {answer:?}");
    let mut other = lead();
    other["id"] = json!("7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3");
    other["email"] = json!("joe@example.com");
    let answer = ask("POST", "/leads").key(KEY).json(&other).of(&world).await;
    assert_eq!(answer.status, 202, "it is stored: {answer:?}");
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 0);
    world.aws.faults.clear();
    world.pass(Duration::from_secs(150)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 2);
    assert_eq!(world.systems.backoffice.rows("leads").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_is_made_good_by_the_sweep() {
    let world = world().await;
    portal(&row(&world)).of(&world).await;
    let lost = world
        .aws
        .queues
        .receive("concord-intake", 10, world.clock.now_ms())
        .unwrap();
    assert_eq!(lost.len(), 1);
    world.aws.queues.delete("concord-intake", &lost[0].handle).unwrap();
    world.pass(Duration::from_secs(130)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_source_is_down_its_notice_waits_and_is_then_read() {
    let world = world().await;
    let body = row(&world);
    world.systems.faults.set(|call| match call.service {
        "portal" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
    assert_eq!(portal(&body).of(&world).await.status, 200);
    world.pass(Duration::from_secs(90)).await.unwrap();
    assert_eq!(
        stored(&world, "lead#"),
        Vec::<String>::new(),
        "an error is not an answer"
    );
    world.systems.faults.clear();
    world.pass(Duration::from_secs(400)).await.unwrap();
    assert_eq!(world.systems.zoho.leads().len(), 1);
}
