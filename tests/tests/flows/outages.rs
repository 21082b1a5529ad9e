//! Systems, queues and Concord itself away for a while: late, never lost.

use super::door::{ID, KEY, lead, post, show, world};
use super::state::{due, records, settled};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;
use twins::Effect;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn away(world: &World, service: &'static str) {
    world.system_faults().set(move |call| match call.service == service {
        true => Verdict::Fail(Failure::NotSent),
        false => Verdict::Pass,
    });
}

#[tokio::test(start_paused = true)]
async fn zoho_away_for_a_day_delays_only_zoho() {
    let world = world().await;
    away(&world, "zoho_crm");
    post(&world, &lead()).await;
    world.pass(Duration::from_secs(60)).await.unwrap();
    assert_eq!(world.systems.backoffice.rows("leads").len(), 1, "at once all the same");
    pass_the_day(&world).await;
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["zoho_crm"]["status"], "retrying", "{shown:#}");
    world.system_faults().clear();
    // The longest pause between two tries is an hour.
    world.pass(Duration::from_secs(3_700)).await.unwrap();
    let leads = world.systems.zoho.leads();
    assert_eq!(leads.len(), 1);
    assert_eq!(
        world.systems.backoffice.rows("leads")[0]["zoho_lead_id"],
        leads[0]["id"]
    );
    assert_eq!(show(&world, ID).await["systems"]["zoho_crm"]["status"], "synced");
}

/// A day, hour by hour at first, so that the schedules fire.
async fn pass_the_day(world: &World) {
    world.pass(DAY).await.unwrap();
}

/// The API answers nobody, the portal's webhooks are lost: the portal's table is still read at 02:00.
#[tokio::test(start_paused = true)]
async fn concords_own_api_away_for_a_day_is_made_good_by_the_daily_pull() {
    let world = world().await;
    let mut row = lead();
    let name = row["name"].take();
    row["full_name"] = name;
    row.as_object_mut().unwrap().remove("name");
    world.systems.portal.insert_row("leads", row).unwrap();
    assert_eq!(world.systems.portal.take_webhooks().len(), 1, "and lost");
    world.pass(DAY).await.unwrap();
    assert_eq!(
        (
            world.systems.zoho.leads().len(),
            world.systems.backoffice.rows("leads").len()
        ),
        (1, 1)
    );
    assert_eq!(show(&world, ID).await["systems"]["zoho_crm"]["status"], "synced");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_takes_nothing_loses_no_accepted_lead() {
    let world = world().await;
    world.aws.faults.set(|call| match call.service {
        "sqs" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
    let (status, answer) = post(&world, &lead()).await;
    assert_eq!(status, 202, "accepted is accepted: {answer}");
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 0);
    world.aws.faults.clear();
    settled(&world).await;
    assert_eq!(
        (
            world.systems.zoho.leads().len(),
            world.systems.backoffice.rows("leads").len()
        ),
        (1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_is_healed_by_the_sweep() {
    let world = world().await;
    post(&world, &lead()).await;
    for queue in ["-sync-zoho-crm-lead", "-sync-backoffice-lead"] {
        let name = world
            .template
            .queues
            .iter()
            .find(|it| it.name.ends_with(queue))
            .unwrap()
            .name
            .clone();
        let lost = world.aws.queues.receive(&name, 10, world.clock.now_ms()).unwrap();
        assert_eq!(lost.len(), 1, "{name}");
        lost.iter()
            .for_each(|it| world.aws.queues.delete(&name, &it.handle).unwrap());
    }
    assert_eq!(due(&world, "open").len(), 2);
    settled(&world).await;
    assert_eq!(
        (
            world.systems.zoho.leads().len(),
            world.systems.backoffice.rows("leads").len()
        ),
        (1, 1)
    );
}

/// Every write of the table is applied and its answer lost, one time in three.
#[tokio::test(start_paused = true)]
async fn lost_answers_of_our_own_writes_are_recognised() {
    let world = world().await;
    let number = std::sync::atomic::AtomicU64::new(0);
    world.aws.faults.set(move |call| {
        let writes = ["PutItem", "TransactWriteItems", "DeleteItem"].contains(&call.operation);
        let third = number
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            .is_multiple_of(3);
        if writes && third {
            Verdict::LoseAnswer
        } else {
            Verdict::Pass
        }
    });
    let (status, answer) = post(&world, &lead()).await;
    assert_eq!(status, 202, "{answer}");
    world.settle().await;
    world.aws.faults.clear();
    settled(&world).await;
    assert_eq!(
        (
            world.systems.zoho.leads().len(),
            world.systems.backoffice.rows("leads").len()
        ),
        (1, 1)
    );
    assert_eq!((records(&world), world.systems.zoho.count("upsert")), (1, 1));
    assert_eq!(show(&world, ID).await["version"], 1, "a version is not made twice");
}

/// A batch in which one record is refused: the others stand, and it alone is failed.
#[tokio::test(start_paused = true)]
async fn one_refused_record_never_speaks_for_its_batch() {
    let world = world().await;
    world.systems.zoho.faults().next(
        "upsert",
        1,
        Effect::Record {
            index: 1,
            code: "INVALID_DATA".into(),
        },
    );
    let ids: Vec<String> = (0..5)
        .map(|it| format!("00000000-0000-4000-8000-00000000000{it}"))
        .collect();
    for id in &ids {
        let body = json!({ "id": id, "name": "Maria Borg", "email": format!("{id}@example.com") });
        post(&world, &body).await;
    }
    world.settle().await;
    let mut statuses = Vec::new();
    for id in &ids {
        let (_, shown) = world.call("GET", &format!("/leads/{id}"), KEY, None).await.unwrap();
        statuses.push(shown["systems"]["zoho_crm"]["status"].clone());
    }
    let failed: Vec<&Value> = statuses.iter().filter(|it| *it == "failed").collect();
    assert_eq!((failed.len(), world.systems.zoho.leads().len()), (1, 4), "{statuses:?}");
    assert_eq!(world.systems.backoffice.rows("leads").len(), 5);
}

/// A block that Zoho states is waited for by everyone, with one probe after it, and nothing is lost.
#[tokio::test(start_paused = true)]
async fn a_stated_block_is_never_cut_short() {
    let world = world().await;
    world.systems.zoho.faults().next("upsert", 1, Effect::Status(429));
    post(&world, &lead()).await;
    world.settle().await;
    let blocked = world.systems.zoho.calls().len();
    world.pass(Duration::from_secs(20)).await.unwrap();
    assert_eq!(world.systems.zoho.calls().len(), blocked, "nobody asks while it lasts");
    settled(&world).await;
    assert_eq!(world.systems.zoho.leads().len(), 1);
}
