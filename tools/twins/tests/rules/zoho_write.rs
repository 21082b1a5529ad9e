//! Zoho CRM: insert, update, upsert, and their envelopes (docs/vendors.md §1.3, §1.4, §1.9).

use crate::common::Zoho;
use serde_json::{Value, json};
use std::time::Duration;
use twins::{Effect, zoho};

fn lead(name: &str, email: &str, portal: &str) -> Value {
    json!({ "Last_Name": name, "Email": email, "Portal_Lead_ID": portal })
}

fn data(records: Value) -> Value {
    json!({ "data": records, "trigger": [] })
}

fn actions(answer: &crate::common::Answer) -> Vec<(String, Value)> {
    let body = answer.json();
    let items = body["data"].as_array().unwrap();
    items
        .iter()
        .map(|i| (i["action"].as_str().unwrap().to_owned(), i["duplicate_field"].clone()))
        .collect()
}

#[tokio::test]
async fn insert_answers_201_with_id_times_and_users() {
    let zoho = Zoho::new().await;
    let answer = zoho.post("/Leads", data(json!([lead("Borg", "a@b.mt", "p1")]))).await;
    assert_eq!(answer.status, 201);
    let item = &answer.json()["data"][0];
    assert_eq!(
        (item["code"].as_str(), item["message"].as_str()),
        (Some("SUCCESS"), Some("record added"))
    );
    assert_eq!(item["details"]["id"], "5725767000000411001");
    assert_eq!(item["details"]["Created_Time"], "2026-01-02T04:04:05+01:00");
    assert_eq!(item["details"]["Modified_By"]["name"], "Concord");
    assert!(item["details"].get("Email").is_none());
}

#[tokio::test]
async fn a_batch_with_one_bad_record_is_207_and_with_only_bad_ones_400() {
    let zoho = Zoho::new().await;
    let bad = json!({ "Email": "a@b.mt" });
    let answer = zoho
        .post("/Leads", data(json!([lead("Borg", "a@b.mt", "p1"), bad])))
        .await;
    assert_eq!(answer.status, 207);
    let item = &answer.json()["data"][1];
    assert_eq!(item["code"], "MANDATORY_NOT_FOUND");
    assert_eq!(item["details"]["json_path"], "$.data[1].Last_Name");
    assert_eq!(zoho.post("/Leads", data(json!([bad]))).await.status, 400);
}

#[tokio::test]
async fn a_taken_unique_value_names_the_lead_that_has_it() {
    let zoho = Zoho::new().await;
    zoho.post("/Leads", data(json!([lead("Borg", "a@b.mt", "p1")]))).await;
    let answer = zoho.post("/Leads", data(json!([lead("Vella", "c@d.mt", "P1")]))).await;
    assert_eq!((answer.status, answer.code().as_str()), (202, "DUPLICATE_DATA"));
    let details = &answer.json()["data"][0]["details"];
    assert_eq!(details["id"], "5725767000000411001");
    assert_eq!(details["duplicate_record"]["id"], "5725767000000411001");
    assert_eq!(details["api_name"], "Portal_Lead_ID");
}

#[tokio::test]
async fn envelopes_are_checked() {
    let zoho = Zoho::new().await;
    let many: Vec<Value> = (0..101).map(|n| lead("X", "a@b.mt", &n.to_string())).collect();
    for (body, code) in [
        (data(json!(many)), "LIMIT_EXCEEDED"),
        (json!({}), "MANDATORY_NOT_FOUND"),
        (json!({ "data": {} }), "INVALID_DATA"),
        (json!({ "data": [] }), "INVALID_DATA"),
        (json!({ "data": [1] }), "INVALID_DATA"),
        (
            json!({ "data": [lead("X", "a@b.mt", "1")], "trigger": ["workflows"] }),
            "INVALID_DATA",
        ),
        (
            json!({ "data": [lead("X", "a@b.mt", "1")], "triggers": [] }),
            "INVALID_DATA",
        ),
        (
            json!({ "data": [lead("X", "a@b.mt", "1")], "duplicate_check_fields": ["Nope"] }),
            "INVALID_DATA",
        ),
    ] {
        let answer = zoho.post("/Leads/upsert", body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{body}");
    }
    assert_eq!(zoho.send("POST", "/Leads", &[], "{").await.code(), "INVALID_DATA");
    assert!(zoho.twin.leads().is_empty());
}

#[tokio::test]
async fn upsert_looks_at_the_check_fields_in_their_order() {
    let zoho = Zoho::new().await;
    zoho.twin.insert_lead(lead("Portal", "one@b.mt", "p1")).unwrap();
    zoho.twin.insert_lead(lead("Mail", "two@b.mt", "p2")).unwrap();
    let record = json!({ "Last_Name": "New", "Email": " TWO@b.mt " });
    let checks = json!(["Portal_Lead_ID", "Email"]);
    let body = json!({ "data": [record], "duplicate_check_fields": checks, "trigger": [] });
    let answer = zoho.post("/Leads/upsert", body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(actions(&answer), [("update".to_owned(), json!("Email"))]);
    let record = json!({ "Last_Name": "New", "Email": "three@b.mt", "Portal_Lead_ID": "p1" });
    let body = json!({ "data": [record], "duplicate_check_fields": checks });
    assert_eq!(
        actions(&zoho.post("/Leads/upsert", body).await),
        [("update".to_owned(), json!("Portal_Lead_ID"))]
    );
}

#[tokio::test]
async fn upsert_without_check_fields_takes_email_then_unique_fields() {
    let zoho = Zoho::new().await;
    let id = zoho.twin.insert_lead(lead("Mail", "two@b.mt", "p2")).unwrap();
    zoho.twin.insert_lead(lead("Portal", "one@b.mt", "p1")).unwrap();
    let record = json!({ "Last_Name": "New", "Email": "two@b.mt", "Portal_Lead_ID": "p1" });
    let answer = zoho.post("/Leads/upsert", data(json!([record]))).await;
    // The e-mail's lead is meant, and may not take the other's portal id.
    assert_eq!(answer.code(), "DUPLICATE_DATA");
    let record = json!({ "Last_Name": "New", "Email": "two@b.mt" });
    let answer = zoho.post("/Leads/upsert", data(json!([record]))).await;
    assert_eq!(answer.json()["data"][0]["details"]["id"], id.as_str());
}

#[tokio::test]
async fn two_equal_records_of_a_batch_make_one_lead() {
    let zoho = Zoho::new().await;
    let twice = json!([lead("A", "a@b.mt", "p1"), lead("B", "a@b.mt", "p1")]);
    let answer = zoho.post("/Leads/upsert", data(twice)).await;
    let actions: Vec<String> = actions(&answer).into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["insert", "update"]);
    assert_eq!(zoho.twin.leads().len(), 1);
    assert_eq!(zoho.twin.leads()[0]["Last_Name"], "B");
}

#[tokio::test]
async fn upsert_on_a_field_that_is_not_unique_silently_inserts() {
    let zoho = Zoho::with(zoho::Settings::default().without_unique_portal_id()).await;
    let record = json!({ "Last_Name": "A", "Portal_Lead_ID": "p1" });
    let body = json!({ "data": [record], "duplicate_check_fields": ["Portal_Lead_ID"] });
    zoho.post("/Leads/upsert", body.clone()).await;
    assert_eq!(
        actions(&zoho.post("/Leads/upsert", body).await),
        [("insert".to_owned(), Value::Null)]
    );
    assert_eq!(zoho.twin.leads().len(), 2);
}

#[tokio::test]
async fn update_moves_modified_time_and_an_old_guard_is_412() {
    let zoho = Zoho::new().await;
    let id = zoho.twin.insert_lead(lead("A", "a@b.mt", "p1")).unwrap();
    zoho.clock.pass(Duration::from_secs(10));
    zoho.twin.edit(&id, json!({ "City": "Gozo" })).unwrap();
    let body = data(json!([{ "City": "Sliema" }])).to_string();
    let path = format!("/Leads/{id}");
    let old = [("if-unmodified-since", "2026-01-02T04:04:14+01:00")];
    let answer = zoho.send("PUT", &path, &old, &body).await;
    assert_eq!((answer.status, answer.code().as_str()), (412, "ALREADY_MODIFIED"));
    assert_eq!(
        answer.json()["data"][0]["details"]["Modified_Time"],
        "2026-01-02T04:04:15+01:00"
    );
    let good = [("if-unmodified-since", "2026-01-02T03:04:15Z")];
    assert_eq!(zoho.send("PUT", &path, &good, &body).await.status, 200);
    let http_date = [("if-unmodified-since", "Fri, 02 Jan 2026 03:04:15 GMT")];
    assert_eq!(zoho.send("PUT", &path, &http_date, &body).await.code(), "INVALID_DATA");
}

#[tokio::test]
async fn update_many_needs_ids_that_exist_and_are_not_converted() {
    let zoho = Zoho::new().await;
    let id = zoho.twin.insert_lead(lead("A", "a@b.mt", "p1")).unwrap();
    let gone = zoho.twin.insert_lead(lead("B", "b@b.mt", "p2")).unwrap();
    zoho.twin.convert(&gone).unwrap();
    let records = json!([{ "id": id, "City": null }, { "City": "x" }, { "id": "1", "City": "x" }, { "id": gone }]);
    let answer = zoho.send("PUT", "/Leads", &[], &data(records).to_string()).await;
    assert_eq!(answer.status, 207);
    let body = answer.json();
    let codes: Vec<&str> = body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["SUCCESS", "MANDATORY_NOT_FOUND", "INVALID_DATA", "ID_ALREADY_CONVERTED"]
    );
}

#[tokio::test]
async fn a_record_can_be_told_to_fail_with_any_code() {
    let zoho = Zoho::new().await;
    zoho.twin.faults().next(
        "upsert",
        1,
        Effect::Record {
            index: 1,
            code: "RECORD_LOCKED".into(),
        },
    );
    let records = json!([
        lead("A", "a@b.mt", "1"),
        lead("B", "b@b.mt", "2"),
        lead("C", "c@b.mt", "3")
    ]);
    let answer = zoho.post("/Leads/upsert", data(records)).await;
    assert_eq!(answer.status, 207);
    assert_eq!(answer.json()["data"][1]["code"], "RECORD_LOCKED");
    assert_eq!(zoho.twin.leads().len(), 2);
}

#[tokio::test]
async fn triggers_say_whether_workflows_run() {
    let zoho = Zoho::new().await;
    zoho.post("/Leads", json!({ "data": [lead("A", "a@b.mt", "1")], "trigger": [] }))
        .await;
    zoho.post(
        "/Leads",
        json!({ "data": [lead("A", "b@b.mt", "2")], "trigger": ["approval"] }),
    )
    .await;
    assert_eq!(zoho.twin.workflow_runs(), 0);
    zoho.post("/Leads", json!({ "data": [lead("A", "c@b.mt", "3")] })).await;
    zoho.post(
        "/Leads",
        json!({ "data": [lead("A", "d@b.mt", "4")], "trigger": ["workflow"] }),
    )
    .await;
    assert_eq!(zoho.twin.workflow_runs(), 2);
}

#[tokio::test]
async fn deleting_over_the_api() {
    let zoho = Zoho::new().await;
    let id = zoho.twin.insert_lead(lead("A", "a@b.mt", "p1")).unwrap();
    let answer = zoho.send("DELETE", &format!("/Leads?ids={id},12"), &[], "").await;
    assert_eq!(answer.status, 207);
    assert!(zoho.twin.leads().is_empty());
    assert_eq!(
        zoho.twin.insert_lead(lead("A", "a@b.mt", "p1")).unwrap(),
        "5725767000000411002"
    );
}
