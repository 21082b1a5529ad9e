//! What becomes of webhooks that were believed: each is acted upon once, and what it announces is asked for again.

use super::ask::{items, stored, wait};
use super::door::{ID, show, world, world_with};
use super::webhooks::{portal, row, set_aside, zoho};
use local::queues::message::Outgoing;
use serde_json::{Value, json};
use shared::job::Message;

#[tokio::test(start_paused = true)]
async fn a_second_delivery_of_a_processed_one_stops_at_the_door() {
    let world = world().await;
    let answer = portal(&row(&world)).of(&world).await;
    world.settle().await;
    let (reads, writes) = (
        world.systems.portal.calls().len(),
        world.aws.faults.count("dynamodb", "PutItem"),
    );
    let message = Message::Intake("portal".into(), answer.body["stored"].as_str().unwrap().into());
    let message = Outgoing::new(message.write());
    world
        .aws
        .queues
        .send("concord-intake", message, world.clock.now_ms())
        .unwrap();
    world.settle().await;
    assert_eq!(
        world.systems.portal.calls().len(),
        reads,
        "the portal was not asked again"
    );
    assert_eq!(
        world.aws.faults.count("dynamodb", "PutItem"),
        writes,
        "nothing was written"
    );
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_deliveries_of_one_webhook_have_one_effect() {
    let world = world().await;
    let answer = portal(&row(&world)).of(&world).await;
    let message = Message::Intake("portal".into(), answer.body["stored"].as_str().unwrap().into());
    let event = |id: &str| {
        json!({ "Records": [{ "messageId": id, "body": message.write(), "attributes": { "SentTimestamp": "1" },
            "eventSourceARN": "arn:aws:sqs:eu-south-1:000000000000:concord-intake" }] })
    };
    let process = world
        .template
        .functions
        .iter()
        .find(|it| it.name == "process_webhook")
        .unwrap();
    let (one, other) = tokio::join!(world.invoke(process, event("1")), world.invoke(process, event("2")));
    assert_eq!(one.unwrap()["batchItemFailures"], json!([]));
    assert_eq!(other.unwrap()["batchItemFailures"], json!([]));
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 1);
    assert_eq!(world.systems.backoffice.rows("leads").len(), 1);
    assert_eq!(show(&world, ID).await["version"], 1);
}

#[tokio::test(start_paused = true)]
async fn equal_bodies_are_not_taken_for_duplicates() {
    let world = world().await;
    let body = row(&world);
    portal(&body).of(&world).await;
    world.settle().await;
    world
        .systems
        .portal
        .update_row("leads", ID, json!({ "city": "Nadur" }))
        .unwrap();
    world.systems.portal.take_webhooks();
    portal(&body).of(&world).await;
    world.settle().await;
    assert_eq!(
        stored(&world, "intake#portal#").len(),
        2,
        "each is kept under its own id"
    );
    assert_eq!(
        world.systems.backoffice.rows("leads")[0]["city"],
        "Nadur",
        "the second was acted upon"
    );
}

#[tokio::test(start_paused = true)]
async fn one_unreadable_lead_of_a_notice_leaves_the_others_alone() {
    let world = world_with(&[("ZOHO_CRM_LEAD_FIELDS", r#"{"loan_term": "Company"}"#)]).await;
    let insert = |name: &str, term: &str| {
        let fields = json!({ "Last_Name": name, "Email": format!("{name}@example.com"), "Company": term });
        world.systems.zoho.insert_lead(fields).unwrap()
    };
    let ids = [insert("poisoned", "ten years"), insert("sound", "120")];
    wait(&world, 10).await;
    let answer = zoho(&json!({ "module": "Leads", "operation": "insert", "ids": ids }))
        .of(&world)
        .await;
    assert_eq!(answer.status, 200);
    world.settle().await;
    let rows = world.systems.backoffice.rows("leads");
    assert_eq!((rows.len(), &rows[0]["last_name"]), (1, &json!("sound")), "{rows:#?}");
    let why = set_aside(&world);
    assert!(why.contains(&ids[0]) && why.contains("Company"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_believed_only_when_the_row_is_gone_indeed() {
    let world = world().await;
    let body = row(&world);
    portal(&body).of(&world).await;
    world.settle().await;
    wait(&world, 60).await;
    let zoho_id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    let in_portal = json!({ "type": "DELETE", "table": "leads", "record": null, "old_record": { "id": ID } });
    let in_zoho = json!({ "module": "Leads", "operation": "delete", "ids": [zoho_id] });
    let gone = async || {
        portal(&in_portal).of(&world).await;
        zoho(&in_zoho).of(&world).await;
        world.settle().await;
        let systems = show(&world, ID).await["systems"].clone();
        (systems["portal"]["gone"].clone(), systems["zoho_crm"]["gone"].clone())
    };
    assert_eq!(gone().await, (Value::Null, Value::Null), "both are still there");
    world.systems.portal.delete_row("leads", ID).unwrap();
    world.systems.portal.take_webhooks();
    world.systems.zoho.delete(&zoho_id).unwrap();
    assert_eq!(gone().await, (json!("deleted"), json!("deleted")));
    assert_eq!(
        world.systems.backoffice.rows("leads").len(),
        1,
        "nothing is removed elsewhere"
    );
    assert!(
        items(&world, "intake#").iter().all(|it| it["due_pk"].is_null()),
        "all are applied"
    );
}
