//! `Idempotency-Key`: the same key and body → the same answer; the same key, another body → refused.

use super::ask::{Answer, Ask, ask, items, stored, wait};
use super::door::{CRON, KEY, lead, world};
use super::state::records;
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const ONCE: &str = "Idempotency-Key";

fn posted(body: &Value, once: &str) -> Ask {
    ask("POST", "/leads").key(KEY).header(ONCE, once).json(body)
}

/// A lead without an id of its own: only the key tells that a second one is the same.
fn anonymous() -> Value {
    let mut lead = lead();
    lead.as_object_mut().unwrap().remove("id");
    lead.as_object_mut().unwrap().remove("email");
    lead
}

async fn assert_one_lead(world: &World) {
    world.settle().await;
    assert_eq!(records(world), 1);
    assert_eq!(world.systems.zoho.leads().len(), 1);
    assert_eq!(world.systems.backoffice.rows("leads").len(), 1);
}

fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, &one.body), (202, &other.body), "{one:?} {other:?}");
    assert_eq!(other.status, 202);
}

#[tokio::test(start_paused = true)]
async fn the_same_key_and_body_have_the_same_answer_and_one_effect() {
    let world = world().await;
    let first = posted(&anonymous(), "a").of(&world).await;
    wait(&world, 3_600).await;
    let second = posted(&anonymous(), "a").of(&world).await;
    assert_same(&first, &second);
    let another = posted(&anonymous(), "b").of(&world).await;
    assert_ne!(another.body["id"], first.body["id"], "another key is another lead");
}

#[tokio::test(start_paused = true)]
async fn the_answer_stays_the_same_when_the_lead_has_moved_on() {
    let world = world().await;
    let first = posted(&lead(), "a").of(&world).await;
    let mut newer = lead();
    newer["city"] = json!("Nadur");
    assert_eq!(posted(&newer, "b").of(&world).await.body["version"], 2);
    let again = posted(&lead(), "a").of(&world).await;
    assert_same(&first, &again);
    world.settle().await;
    assert_eq!(
        world.systems.backoffice.rows("leads")[0]["city"],
        "Nadur",
        "it was not applied again"
    );
}

#[tokio::test(start_paused = true)]
async fn two_at_once_are_one_lead_with_one_answer() {
    let world = world().await;
    let (one, other) = tokio::join!(
        posted(&anonymous(), "a").of(&world),
        posted(&anonymous(), "a").of(&world)
    );
    assert_same(&one, &other);
    assert_one_lead(&world).await;
}

/// The process dies at the `nth` call of `operation`, before it or after its effect.
fn dies_at(world: &World, operation: &'static str, nth: u64, verdict: Verdict) {
    let (seen, dead) = (AtomicU64::new(0), AtomicBool::new(false));
    world.aws.faults.set(move |call| {
        if dead.load(Ordering::Relaxed) {
            return Verdict::HangBefore;
        }
        let is_it = call.operation == operation && seen.fetch_add(1, Ordering::Relaxed) == nth;
        dead.store(is_it, Ordering::Relaxed);
        if is_it { verdict } else { Verdict::Pass }
    });
}

#[tokio::test(start_paused = true)]
async fn a_first_try_that_died_anywhere_is_taken_up_by_the_second() {
    let deaths = [
        ("PutItem", 0, Verdict::HangAfter),
        ("TransactWriteItems", 0, Verdict::HangBefore),
        ("TransactWriteItems", 0, Verdict::HangAfter),
        ("SendMessageBatch", 0, Verdict::HangBefore),
        ("PutItem", 1, Verdict::HangBefore),
        ("PutItem", 1, Verdict::HangAfter),
    ];
    for (operation, nth, verdict) in deaths {
        let world = world().await;
        dies_at(&world, operation, nth, verdict);
        let died = posted(&anonymous(), "a").of(&world).await;
        assert_eq!(
            died.status, 503,
            "{operation} {nth} {verdict:?}: it died there: {died:?}"
        );
        world.aws.faults.clear();
        let second = posted(&anonymous(), "a").of(&world).await;
        let third = posted(&anonymous(), "a").of(&world).await;
        assert_same(&second, &third);
        world.pass(std::time::Duration::from_secs(130)).await.unwrap();
        assert_one_lead(&world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_never_kept_as_the_answer() {
    let world = world().await;
    world.aws.faults.set(|call| match call.operation {
        "TransactWriteItems" => Verdict::Fail(Failure::Throttled),
        _ => Verdict::Pass,
    });
    assert_eq!(posted(&anonymous(), "a").of(&world).await.status, 503);
    world.aws.faults.clear();
    assert_eq!(posted(&anonymous(), "a").of(&world).await.status, 202);
    assert_one_lead(&world).await;
}

#[tokio::test(start_paused = true)]
async fn the_same_key_with_another_body_is_refused() {
    let world = world().await;
    posted(&lead(), "a").of(&world).await;
    let mut other = lead();
    other["city"] = json!("Nadur");
    posted(&other, "a")
        .of(&world)
        .await
        .assert_problem(422, Some(ONCE), "another body");
    world.settle().await;
    assert_eq!(world.systems.backoffice.rows("leads")[0]["city"], "Xagħra");
}

#[tokio::test(start_paused = true)]
async fn a_mistake_takes_no_key() {
    let world = world().await;
    let mut wrong = lead();
    wrong["email"] = json!("maria@");
    posted(&wrong, "a")
        .of(&world)
        .await
        .assert_problem(422, Some("email"), "a mistake");
    assert_eq!(stored(&world, "request#"), Vec::<String>::new());
    assert_eq!(
        posted(&lead(), "a").of(&world).await.status,
        202,
        "mended, under the same key"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_that_can_not_be_used_is_refused_and_never_ignored() {
    let world = world().await;
    let long = "k".repeat(256);
    let cases: [&[u8]; 4] = [b"", long.as_bytes(), "schlüssel".as_bytes(), b"a\tb\xff"];
    for key in cases {
        let asked = ask("POST", "/leads").key(KEY).header(ONCE, key).json(&lead());
        let answer = asked.of(&world).await;
        answer.assert_problem(422, Some(ONCE), &String::from_utf8_lossy(key));
    }
    assert_eq!(stored(&world, "lead#"), Vec::<String>::new());
    assert_eq!(posted(&lead(), &long[..255]).of(&world).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn callers_and_routes_do_not_share_keys() {
    let world = world().await;
    store(world.app(), "another-key", Scope::Leads, "tests").await.unwrap();
    let first = posted(&anonymous(), "a").of(&world).await;
    let other = ask("POST", "/leads")
        .key("another-key")
        .header(ONCE, "a")
        .json(&anonymous());
    let other = other.of(&world).await;
    assert_eq!(other.status, 202);
    assert_ne!(
        other.body["id"], first.body["id"],
        "another caller's key is another key"
    );
    let mut body = lead();
    body["city"] = json!("Nadur");
    let other = ask("POST", "/leads").key("another-key").header(ONCE, "b").json(&body);
    assert_eq!(other.of(&world).await.status, 202);
    assert_eq!(
        posted(&lead(), "b").of(&world).await.status,
        202,
        "nobody is locked out by another's key"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_is_begun_once_under_one_key() {
    let world = world().await;
    let begin = || ask("POST", "/crons/zoho_crm_pull").key(CRON).header(ONCE, "monday");
    let first = begin().of(&world).await;
    world.settle().await;
    let second = begin().of(&world).await;
    assert_same(&first, &second);
    let pull = ask("POST", "/crons/portal_pull").key(CRON).header(ONCE, "monday");
    assert_eq!(pull.of(&world).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_kept_thirty_days() {
    let world = world().await;
    posted(&lead(), "a").of(&world).await;
    let kept: i64 = items(&world, "request#")[0]["ttl"]["N"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(kept - world.clock.now().as_second(), 30 * 24 * 3600);
}
