//! Zoho CRM: notification channels (docs/vendors.md §1.8).

use crate::common::Zoho;
use serde_json::{Value, json};
use std::time::Duration;
use twins::Effect;

fn channel(extra: Value) -> Value {
    let mut channel = json!({
        "channel_id": 1_000_000_068_001_u64,
        "events": ["Leads.all"],
        "notify_url": "https://hub.example.com/webhooks/zoho-crm",
        "token": "secret",
    });
    for (name, value) in extra.as_object().unwrap() {
        channel[name] = value.clone();
    }
    json!({ "watch": [channel] })
}

fn expiry(answer: &crate::common::Answer) -> String {
    answer.json()["watch"][0]["details"]["events"][0]["channel_expiry"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_expiry_is_kept_within_a_week_else_it_is_an_hour() {
    for (given, kept) in [
        (
            json!({ "channel_expiry": "2026-01-09T04:04:05+01:00" }),
            "2026-01-09T04:04:05+01:00",
        ),
        (
            json!({ "channel_expiry": "2026-01-09T04:04:06+01:00" }),
            "2026-01-02T05:04:05+01:00",
        ),
        (json!({}), "2026-01-02T05:04:05+01:00"),
    ] {
        let zoho = Zoho::new().await;
        let answer = zoho.post("/actions/watch", channel(given)).await;
        assert_eq!(answer.status, 201);
        assert_eq!(expiry(&answer), kept);
    }
}

#[tokio::test]
async fn what_a_channel_may_be() {
    let zoho = Zoho::new().await;
    for (wrong, code) in [
        (json!({ "channel_id": "abc" }), "INVALID_DATA"),
        (json!({ "events": [] }), "INVALID_DATA"),
        (json!({ "events": ["Leads.update"] }), "INVALID_DATA"),
        (json!({ "events": "Leads.all" }), "INVALID_DATA"),
        (json!({ "notify_url": "http://hub.example.com" }), "INVALID_DATA"),
        (
            json!({ "notify_url": format!("https://hub.example.com/{}", "x".repeat(255)) }),
            "INVALID_DATA",
        ),
        (json!({ "token": "x".repeat(51) }), "INVALID_DATA"),
        (json!({ "channel_expiry": "2026-01-03" }), "INVALID_DATA"),
        (json!({ "tokens": "x" }), "INVALID_DATA"),
    ] {
        let answer = zoho.post("/actions/watch", channel(wrong.clone())).await;
        assert_eq!((answer.status, answer.code().as_str()), (202, code), "{wrong}");
    }
    let bare = json!({ "watch": [{ "channel_id": 1 }] });
    assert_eq!(zoho.post("/actions/watch", bare).await.code(), "MANDATORY_NOT_FOUND");
    assert_eq!(zoho.get("/actions/watch").await.status, 204);
}

#[tokio::test]
async fn changes_by_person_and_api_are_told() {
    let zoho = Zoho::new().await;
    zoho.post(
        "/actions/watch",
        channel(json!({ "return_affected_field_values": true })),
    )
    .await;
    let id = zoho.twin.insert_lead(json!({ "Last_Name": "A" })).unwrap();
    let edit = json!({ "data": [{ "id": id, "City": "Sliema" }], "trigger": [] });
    zoho.send("PUT", "/Leads", &[], &edit.to_string()).await;
    zoho.twin.delete(&id).unwrap();
    let told = zoho.twin.take_notifications();
    let operations: Vec<&str> = told.iter().map(|n| n.body["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["insert", "update", "delete"]);
    let update = &told[1];
    assert_eq!(update.url, "https://hub.example.com/webhooks/zoho-crm");
    assert_eq!(update.body["ids"], json!([id]));
    assert_eq!(update.body["token"], "secret");
    assert_eq!(update.body["channel_id"], "1000000068001");
    assert_eq!(update.body["affected_fields"], json!([{ (id.clone()): ["City"] }]));
    assert_eq!(
        update.body["affected_values"],
        json!([{ (id.clone()): { "City": "Sliema" } }])
    );
    assert_eq!(update.body["server_time"], json!(crate::common::START * 1000));
    assert!(zoho.twin.take_notifications().is_empty());
}

#[tokio::test]
async fn a_channel_hears_only_its_events_and_dies_at_its_expiry() {
    let zoho = Zoho::new().await;
    zoho.post("/actions/watch", channel(json!({ "events": ["Leads.create"] })))
        .await;
    let id = zoho.twin.insert_lead(json!({ "Last_Name": "A" })).unwrap();
    zoho.twin.edit(&id, json!({ "City": "x" })).unwrap();
    assert_eq!(zoho.twin.take_notifications().len(), 1);
    zoho.clock.pass(Duration::from_secs(3600));
    zoho.twin.insert_lead(json!({ "Last_Name": "B" })).unwrap();
    assert!(zoho.twin.take_notifications().is_empty());
}

#[tokio::test]
async fn a_condition_selects_fields() {
    let zoho = Zoho::new().await;
    let field = |name: &str| json!({ "field": { "api_name": name } });
    let selection = json!({ "group_operator": "or", "group": [field("City"), field("Email")] });
    let condition =
        json!([{ "type": "field_selection", "module": { "api_name": "Leads" }, "field_selection": selection }]);
    zoho.post(
        "/actions/watch",
        channel(json!({ "notification_condition": condition })),
    )
    .await;
    let id = zoho.twin.insert_lead(json!({ "Last_Name": "A" })).unwrap();
    zoho.twin.take_notifications();
    zoho.twin.edit(&id, json!({ "Phone": "1" })).unwrap();
    assert!(zoho.twin.take_notifications().is_empty());
    zoho.twin.edit(&id, json!({ "City": "x" })).unwrap();
    assert_eq!(zoho.twin.take_notifications().len(), 1);
}

#[tokio::test]
async fn channels_are_renewed_changed_listed_and_stopped() {
    let zoho = Zoho::new().await;
    let body = channel(json!({}));
    assert_eq!(
        zoho.send("PUT", "/actions/watch", &[], &body.to_string()).await.code(),
        "NOT_SUBSCRIBED"
    );
    zoho.post("/actions/watch", body.clone()).await;
    assert_eq!(zoho.post("/actions/watch", body).await.code(), "DUPLICATE_DATA");
    let renewed = channel(json!({ "channel_expiry": "2026-01-08T04:04:05+01:00" })).to_string();
    let answer = zoho.send("PUT", "/actions/watch", &[], &renewed).await;
    assert_eq!(
        (answer.status, expiry(&answer).as_str()),
        (200, "2026-01-08T04:04:05+01:00")
    );
    let list = zoho.get("/actions/watch?channel_id=1000000068001").await.json();
    assert_eq!(list["watch"][0]["channel_expiry"], "2026-01-08T04:04:05+01:00");
    assert_eq!(list["info"]["more_records"], false);
    let patch =
        json!({ "watch": [{ "channel_id": "1000000068001", "_delete_events": true, "events": ["Leads.all"] }] });
    assert_eq!(
        zoho.send("PATCH", "/actions/watch", &[], &patch.to_string())
            .await
            .status,
        200
    );
    assert_eq!(zoho.get("/actions/watch").await.status, 204);
    let stop = zoho
        .send("DELETE", "/actions/watch?channel_ids=1000000068001", &[], "")
        .await;
    assert_eq!((stop.status, stop.code().as_str()), (202, "NOT_SUBSCRIBED"));
}

#[tokio::test]
async fn notifications_get_lost_and_doubled() {
    let zoho = Zoho::new().await;
    zoho.post("/actions/watch", channel(json!({}))).await;
    zoho.twin.faults().next("notification", 1, Effect::LoseNotification);
    zoho.twin.insert_lead(json!({ "Last_Name": "A" })).unwrap();
    assert!(zoho.twin.take_notifications().is_empty());
    zoho.twin
        .faults()
        .next("notification", 1, Effect::DuplicateNotification);
    zoho.twin.insert_lead(json!({ "Last_Name": "B" })).unwrap();
    let told = zoho.twin.take_notifications();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_rule_for_every_call_is_not_spent_by_notifications() {
    let zoho = Zoho::new().await;
    zoho.post("/actions/watch", channel(json!({}))).await;
    zoho.twin.faults().next("*", 1, Effect::Status(500));
    zoho.twin.insert_lead(json!({ "Last_Name": "A" })).unwrap();
    assert_eq!(zoho.get("/Leads?fields=id").await.status, 500);
}
