//! `GET /health`: 200 or 503, with checks, a time, and no call to any system.

use super::ask::{Answer, ask};
use super::door::{lead, post, start, world};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;
use twins::Effect;
use twins::When;

async fn health(world: &World) -> Answer {
    ask("GET", "/health").of(world).await
}

fn degraded(answer: &Answer, check: &str) -> String {
    assert_eq!(
        (answer.status, &answer.body["status"]),
        (503, &json!("degraded")),
        "{answer:?}"
    );
    assert_eq!(answer.body["checks"][check]["status"], "degraded", "{answer:?}");
    answer.body["checks"][check]["detail"].as_str().unwrap().to_owned()
}

/// A world whose first sweep has run: it says what is configured.
async fn swept() -> World {
    let world = world().await;
    world.tick("cron_sweep").unwrap();
    world.settle().await;
    world
}

#[tokio::test(start_paused = true)]
async fn before_the_first_sweep_nobody_knows_what_is_configured() {
    let answer = health(&world().await).await;
    let check = &answer.body["checks"]["zoho_crm"];
    assert_eq!((answer.status, &check["status"]), (200, &json!("off")), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sound_bundle_is_healthy_and_asks_nobody() {
    let world = swept().await;
    let answer = health(&world).await;
    assert_eq!(
        (answer.status, &answer.body["status"]),
        (200, &json!("healthy")),
        "{answer:?}"
    );
    assert_eq!(answer.body["timestamp"], start().to_string());
    let checks = answer.body["checks"].as_object().unwrap();
    let expected = [
        "database",
        "zoho_crm",
        "portal",
        "backoffice",
        "intake",
        "queues",
        "zoho_crm_pull",
        "portal_pull",
    ];
    for name in expected {
        assert_eq!(checks[name]["status"], "ok", "{name}: {answer:?}");
    }
    assert!(world.systems.zoho.calls().is_empty() && world.systems.portal.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_table_that_does_not_answer_is_degraded_and_still_answered() {
    let world = swept().await;
    for failure in [
        Failure::ServerError,
        Failure::NotSent,
        Failure::NoAnswer,
        Failure::Throttled,
    ] {
        world.aws.faults.set(move |call| match call.service {
            "dynamodb" => Verdict::Fail(failure),
            _ => Verdict::Pass,
        });
        degraded(&health(&world).await, "database");
    }
    world.aws.faults.set(|call| match call.operation {
        "Query" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
    degraded(&health(&world).await, "database");
    world.aws.faults.clear();
    assert_eq!(health(&world).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_never_answers_does_not_keep_health_from_answering() {
    let world = swept().await;
    world.aws.faults.set(|call| match call.service {
        "dynamodb" => Verdict::HangBefore,
        _ => Verdict::Pass,
    });
    degraded(&health(&world).await, "database");
}

#[tokio::test(start_paused = true)]
async fn a_system_that_asked_us_to_wait_is_degraded_until_then() {
    let world = swept().await;
    let limit = Effect::Error {
        status: 429,
        code: "LICENSE_LIMIT_EXCEEDED".into(),
    };
    let until = start() + jiff::SignedDuration::from_secs(30);
    world
        .systems
        .zoho
        .faults()
        .add("*", When::Between(start(), until), limit);
    post(&world, &lead()).await;
    world.settle().await;
    let detail = degraded(&health(&world).await, "zoho_crm");
    assert!(detail.starts_with("asked us to wait until "), "{detail}");
    world.pass(Duration::from_secs(600)).await.unwrap();
    let answer = health(&world).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(world.systems.zoho.leads().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_field_that_is_not_unique_is_degraded_with_its_remedy() {
    let world = swept().await;
    let note = shared::store::keys::note("zoho_crm.portal_lead_id.unique");
    world
        .app()
        .store
        .put(&note, &false, None, &shared::store::Places::default())
        .await
        .unwrap();
    let detail = degraded(&health(&world).await, "zoho_crm_key");
    assert!(detail.contains("forbid duplicate values"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn what_waits_and_when_jobs_last_ended_is_shown() {
    let world = swept().await;
    assert_eq!(
        health(&world).await.body["checks"]["portal_pull"]["detail"],
        "last finished: never"
    );
    post(&world, &lead()).await;
    let checks = |answer: Answer| -> Value { answer.body["checks"].clone() };
    assert_eq!(
        checks(health(&world).await)["zoho_crm"]["detail"],
        "1 open, 0 wait for a person"
    );
    world.tick("cron_portal_pull").unwrap();
    world.settle().await;
    let after = checks(health(&world).await);
    assert_eq!(after["zoho_crm"]["detail"], "0 open, 0 wait for a person");
    assert_eq!(after["portal_pull"]["detail"], format!("last finished: {}", start()));
}
