//! Supabase: inserts, upserts, webhooks, people, faults (docs/vendors.md §4.2, §4.4, §4.5).

use crate::common::Base;
use serde_json::{Value, json};
use std::time::Duration;
use twins::{Effect, supabase};

#[tokio::test]
async fn inserts_answer_by_preference() {
    let base = Base::portal();
    let minimal = base
        .post("/leads", "return=minimal", json!({ "email": "a@b.mt" }))
        .await;
    assert_eq!((minimal.status, minimal.text.as_str()), (201, ""));
    assert_eq!(minimal.header("content-range"), "*/*");
    assert_eq!(minimal.header("preference-applied"), "return=minimal");
    let full = base
        .post(
            "/leads?select=email,status",
            "return=representation",
            json!([{ "email": "b@b.mt" }]),
        )
        .await;
    assert_eq!(
        (full.status, full.text.as_str()),
        (201, r#"[{"email":"b@b.mt","status":null}]"#)
    );
    let headers = base
        .post(
            "/leads",
            "return=headers-only,count=exact",
            json!({ "email": "c@b.mt" }),
        )
        .await;
    let id = base.twin.rows("leads")[2]["id"].as_str().unwrap().to_owned();
    assert_eq!(headers.header("location"), format!("/leads?id=eq.{id}"));
    assert_eq!(headers.header("content-range"), "*/1");
}

#[tokio::test]
async fn defaults_fill_what_is_not_set() {
    let base = Base::portal();
    base.post("/leads", "", json!({ "email": "a@b.mt" })).await;
    let row = &base.twin.rows("leads")[0];
    assert_eq!(row["created_at"], "2026-01-02T03:04:05+00:00");
    assert_eq!(row["updated_at"], row["created_at"]);
    assert_eq!(row["id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn absent_keys_are_null_or_default_only_with_columns() {
    let base = Base::back_office();
    let sparse = json!([{ "email": "a@b.mt", "city": "x" }, { "email": "b@b.mt" }]);
    let refused = base.post("/leads", "", sparse.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "PGRST102"));
    assert_eq!(refused.json()["message"], "All object keys must match");
    assert_eq!(base.post("/leads?columns=email,city", "", sparse).await.status, 201);
    // The column is set, so its default does not help: null breaks the constraint.
    let without = json!([{ "email": "c@b.mt" }]);
    let null = base.post("/leads?columns=email,created_at", "", without.clone()).await;
    assert_eq!((null.status, null.code().as_str()), (400, "23502"));
    let filled = base
        .post("/leads?columns=email,created_at", "missing=default", without)
        .await;
    assert_eq!(filled.status, 201);
}

#[tokio::test]
async fn a_sparse_upsert_blanks_columns() {
    let base = Base::back_office();
    base.twin
        .insert_row("leads", json!({ "email": "a@b.mt", "city": "x", "phone": "1" }))
        .unwrap();
    let merge = "resolution=merge-duplicates";
    let path = "/leads?on_conflict=email&columns=email,city";
    let answer = base.post(path, merge, json!([{ "email": "a@b.mt" }])).await;
    assert_eq!(answer.status, 200);
    let row = &base.twin.rows("leads")[0];
    assert_eq!((&row["city"], &row["phone"]), (&Value::Null, &json!("1")));
}

#[tokio::test]
async fn upserts_merge_or_ignore_on_a_unique_constraint() {
    let base = Base::back_office();
    let merge = "resolution=merge-duplicates,return=representation";
    let rows = json!([{ "email": "a@b.mt", "city": "x" }, { "email": "b@b.mt", "city": "y" }]);
    assert_eq!(base.post("/leads?on_conflict=email", merge, rows).await.status, 201);
    let id = base.twin.rows("leads")[0]["id"].clone();
    base.clock.pass(Duration::from_secs(1));
    let again = base
        .post(
            "/leads?on_conflict=email",
            merge,
            json!({ "email": "a@b.mt", "city": "z" }),
        )
        .await;
    assert_eq!(again.json()[0]["id"], id);
    assert_eq!(again.json()[0]["updated_at"], "2026-01-02T03:04:06+00:00");
    let ignore = "resolution=ignore-duplicates,return=representation";
    let ignored = base
        .post(
            "/leads?on_conflict=email",
            ignore,
            json!({ "email": "a@b.mt", "city": "q" }),
        )
        .await;
    assert_eq!((ignored.status, ignored.text.as_str()), (201, "[]"));
    let twice = json!([{ "email": "c@b.mt" }, { "email": "c@b.mt" }]);
    let twice = base.post("/leads?on_conflict=email", merge, twice).await;
    assert_eq!((twice.status, twice.code().as_str()), (500, "21000"));
    let none = base
        .post("/leads?on_conflict=city", merge, json!({ "city": "c" }))
        .await;
    assert_eq!((none.status, none.code().as_str()), (400, "42P10"));
    assert_eq!(base.twin.rows("leads").len(), 2);
}

#[tokio::test]
async fn one_request_is_one_transaction() {
    let base = Base::back_office();
    base.twin.insert_row("leads", json!({ "email": "a@b.mt" })).unwrap();
    let rows = json!([{ "email": "b@b.mt" }, { "email": "a@b.mt" }]);
    let answer = base.post("/leads", "", rows).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "23505"));
    assert_eq!(answer.json()["details"], "Key (email)=(a@b.mt) already exists.");
    assert_eq!(
        answer.json()["message"],
        "duplicate key value violates unique constraint \"leads_email_key\""
    );
    assert_eq!(base.twin.rows("leads").len(), 1);
    base.twin.insert_row("leads", json!({ "email": "z@b.mt" })).unwrap();
    let all = base
        .send("PATCH", "/leads?email=not.is.null", &[], r#"{"email":"x@b.mt"}"#)
        .await;
    assert_eq!(all.code(), "23505");
    assert_eq!(base.twin.rows("leads")[0]["email"], "a@b.mt");
}

#[tokio::test]
async fn bad_values_and_columns_are_refused() {
    let base = Base::back_office();
    for (path, body, status, code) in [
        ("/leads", json!({ "nope": 1 }), 400, "PGRST204"),
        ("/leads?columns=nope", json!({ "email": "a" }), 400, "PGRST204"),
        ("/leads", json!({ "portal_lead_id": "x" }), 400, "22P02"),
        ("/leads", json!({ "loan_term": 1.5 }), 400, "22P02"),
        ("/leads", json!({ "id": null }), 400, "23502"),
        ("/sync_metadata", json!({ "job": "x" }), 400, "23502"),
        ("/orders", json!({}), 404, "PGRST205"),
    ] {
        let answer = base.post(path, "", body.clone()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{body}: {}",
            answer.text
        );
    }
    assert_eq!(base.send("POST", "/leads", &[], "{").await.code(), "PGRST102");
    let text = [("content-type", "text/plain")];
    assert_eq!(base.send("POST", "/leads", &text, "{}").await.code(), "PGRST102");
}

#[tokio::test]
async fn webhooks_tell_of_committed_changes_by_anyone() {
    let settings = supabase::Settings::portal().webhook("leads", "https://hub.example.com/w", "x-secret", "s");
    let base = Base::with(settings);
    let row = base.twin.insert_row("leads", json!({ "email": "a@b.mt" })).unwrap();
    let id = row["id"].as_str().unwrap();
    base.send("PATCH", &format!("/leads?id=eq.{id}"), &[], r#"{"city":"y"}"#)
        .await;
    base.twin.delete_row("leads", id).unwrap();
    base.post("/leads", "", json!({ "loan_term": "x" })).await;
    let calls = base.twin.take_webhooks();
    let kinds: Vec<&str> = calls.iter().map(|call| call.body["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["INSERT", "UPDATE", "DELETE"]);
    let update = &calls[1];
    assert_eq!(
        (update.url.as_str(), &update.body["schema"]),
        ("https://hub.example.com/w", &json!("public"))
    );
    assert_eq!(update.headers, [("x-secret".to_owned(), "s".to_owned())]);
    assert_eq!(update.body["record"]["city"], "y");
    assert_eq!(update.body["old_record"]["city"], Value::Null);
    assert_eq!(calls[0].body["old_record"], Value::Null);
    assert_eq!(calls[2].body["record"], Value::Null);
    base.twin.faults().next("webhook", 1, Effect::LoseNotification);
    base.twin.insert_row("leads", json!({})).unwrap();
    assert!(base.twin.take_webhooks().is_empty());
}

#[tokio::test]
async fn people_meet_the_databases_rules_too() {
    let base = Base::back_office();
    let row = base.twin.insert_row("leads", json!({ "email": "a@b.mt" })).unwrap();
    assert_eq!(
        base.twin.insert_row("leads", json!({ "email": "a@b.mt" })).unwrap_err()["code"],
        "23505"
    );
    let id = row["id"].as_str().unwrap();
    let changed = base.twin.update_row("leads", id, json!({ "city": "Rabat" })).unwrap();
    assert_eq!(changed["city"], "Rabat");
    assert_eq!(
        base.twin
            .delete_row("leads", "6b29fc40-ca47-1067-b31d-00dd010662da")
            .unwrap_err()["code"],
        "PGRST116"
    );
}

#[tokio::test]
async fn faults_answer_in_postgrests_words() {
    let base = Base::portal();
    for (effect, status, text) in [
        (Effect::Status(503), 503, "PGRST001"),
        (Effect::Status(504), 504, "PGRST003"),
        (
            Effect::Error {
                status: 500,
                code: "40P01".into(),
            },
            500,
            "deadlock detected",
        ),
        (Effect::Status(429), 429, "Too Many Requests"),
    ] {
        base.twin.faults().next("select", 1, effect);
        let answer = base.get("/leads").await;
        assert_eq!(answer.status, status);
        assert!(answer.text.contains(text), "{}", answer.text);
    }
    assert_eq!(base.twin.log().count("select"), 4);
}
