//! Another try that a person asks for is one more effect; a message that comes twice is none.

use super::door::{ID, lead, post, show, world};
use super::operator::{concord, standing};
use super::state::{items, settled};
use local::queues::message::Outgoing;
use local::world::World;
use serde_json::{Value, json};
use shared::job::Message;
use shared::model::{Kind, RecordKey, System};
use std::time::Duration;
use twins::{Effect, When};

/// A lead that Zoho refuses for good.
async fn refused(world: &World) {
    let effect = Effect::Record {
        index: 0,
        code: "INVALID_DATA".to_owned(),
    };
    world.systems.zoho.faults().add("upsert", When::Always, effect);
    post(world, &lead()).await;
    settled(world).await;
    assert_eq!(state(world).await, "failed");
}

async fn state(world: &World) -> Value {
    show(world, ID).await["systems"]["zoho_crm"]["status"].clone()
}

/// Attempts to make the lead in Zoho, as the ledger has them.
fn attempts(world: &World) -> usize {
    let made = |it: &&Value| {
        let body = &it["body"];
        body["system"] == "zoho_crm" && body["what"] == "create"
    };
    items(world).iter().filter(made).count()
}

async fn retry(world: &World) -> Value {
    concord(world, &["retry", ID, "--system", "zoho_crm"]).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn two_by_hand_are_two_tries_and_a_redelivery_is_none() {
    let world = world().await;
    refused(&world).await;
    assert_eq!(attempts(&world), 1);
    for tries in [2, 3] {
        let retried = retry(&world).await;
        assert_eq!(
            (&retried["matching"], &retried["opened"]),
            (&json!(1), &json!(1)),
            "{retried}"
        );
        settled(&world).await;
        assert_eq!((attempts(&world), state(&world).await), (tries, json!("failed")));
    }
    let key = RecordKey::new(Kind::LEAD, show(&world, ID).await["id"].as_str().unwrap());
    let message = Message::Sync(key, System::ZOHO_CRM).write();
    let queue = "sync-zoho-crm-lead";
    let queues = &world.template.queues;
    let name = &queues.iter().find(|it| it.name.ends_with(queue)).unwrap().name;
    for _ in 0..2 {
        let sent = world
            .aws
            .queues
            .send(name, Outgoing::new(message.clone()), world.clock.now_ms());
        sent.unwrap();
    }
    settled(&world).await;
    assert_eq!(attempts(&world), 3);

    world.systems.zoho.faults().clear();
    retry(&world).await;
    settled(&world).await;
    assert_eq!(
        (state(&world).await, world.systems.zoho.leads().len()),
        (json!("synced"), 1)
    );
    let left = retry(&world).await;
    assert_eq!(
        (&left["opened"], &left["links"][0]["why"]),
        (&json!(0), &json!("it agrees"))
    );
}

#[tokio::test(start_paused = true)]
async fn all_that_failed_are_counted_first_and_opened_only_when_confirmed() {
    let world = world().await;
    refused(&world).await;
    world.systems.zoho.faults().clear();
    let status = concord(&world, &["status"]).await.unwrap();
    let named = &standing(&status, "zoho_crm")["attends"][0];
    assert_eq!(named["status"], "failed", "{status:#}");
    assert!(!named["why"].as_str().unwrap().is_empty(), "{status:#}");
    let line = ["retry", "--all", "--status", "failed", "--system", "zoho_crm"];
    let counted = concord(&world, &line).await.unwrap();
    assert_eq!(
        (&counted["matching"], &counted["confirmed"]),
        (&json!(1), &json!(false))
    );
    world.pass(Duration::from_secs(120)).await.unwrap();
    assert_eq!(state(&world).await, "failed");
    let done = concord(&world, &[&line[..], &["--yes"]].concat()).await.unwrap();
    assert_eq!((&done["opened"], &done["left"]), (&json!(1), &json!(0)));
    settled(&world).await;
    assert_eq!(state(&world).await, "synced");
}

#[tokio::test(start_paused = true)]
async fn a_record_is_found_by_any_of_its_ids() {
    let world = world().await;
    post(&world, &lead()).await;
    settled(&world).await;
    let shown = show(&world, ID).await;
    let own = shown["id"].as_str().unwrap();
    let zoho = shown["systems"]["zoho_crm"]["remote_id"].as_str().unwrap();
    let backoffice = shown["systems"]["backoffice"]["remote_id"].as_str().unwrap();
    for id in [own, &format!("lead#{own}"), ID, &ID.to_uppercase(), zoho, backoffice] {
        let found = concord(&world, &["retry", id]).await.unwrap();
        assert_eq!(
            found["links"][0]["record"],
            json!(format!("lead#{own}")),
            "{id}: {found}"
        );
    }
    let unknown = concord(&world, &["retry", "4711"]).await.unwrap_err();
    assert_eq!(unknown, "4711: no record and nothing held is known under this id");
    let elsewhere = concord(&world, &["retry", ID, "--system", "treadsoft"])
        .await
        .unwrap_err();
    assert_eq!(
        elsewhere,
        "treadsoft: is no system that Concord writes to; there are zoho_crm, backoffice, zoho_billing"
    );
}
