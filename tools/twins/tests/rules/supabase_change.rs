//! Supabase: updates, deletes, `PUT`, preferences (docs/vendors.md §4.2).

use crate::common::Base;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn patch_changes_what_the_filters_want_and_touches_updated_at() {
    let base = Base::back_office();
    let row = base
        .twin
        .insert_row("leads", json!({ "email": "a@b.mt", "city": "x" }))
        .unwrap();
    base.clock.pass(Duration::from_secs(5));
    let path = format!("/leads?id=eq.{}", row["id"].as_str().unwrap());
    let done = base.send("PATCH", &path, &[], r#"{"city":"y"}"#).await;
    assert_eq!((done.status, done.header("content-range")), (204, "0-0/*"));
    let row = &base.twin.rows("leads")[0];
    assert_eq!(row["updated_at"], "2026-01-02T03:04:10+00:00");
    assert_eq!(row["created_at"], "2026-01-02T03:04:05+00:00");
    let full = [("prefer", "return=representation")];
    let lost = base.send("PATCH", "/leads?city=eq.x", &full, r#"{"city":"z"}"#).await;
    assert_eq!(
        (lost.status, lost.text.as_str(), lost.header("content-range")),
        (200, "[]", "*/*")
    );
    let all = base.send("PATCH", "/leads", &[], r#"{"city":"z"}"#).await;
    assert_eq!((all.status, all.code().as_str()), (400, "21000"));
}

#[tokio::test]
async fn strict_handling_guards_the_number_of_rows() {
    let base = Base::back_office();
    for n in 0..3 {
        base.twin.insert_row("leads", json!({ "loan_term": n })).unwrap();
    }
    let strict = [("prefer", "handling=strict, max-affected=2")];
    let much = base.send("DELETE", "/leads?loan_term=gte.0", &strict, "").await;
    assert_eq!((much.status, much.code().as_str()), (400, "PGRST124"));
    assert_eq!(much.json()["details"], "The query affects 3 rows");
    let some = base.send("DELETE", "/leads?loan_term=gte.1", &strict, "").await;
    assert_eq!(
        (some.status, some.header("preference-applied")),
        (204, "handling=strict, max-affected=2")
    );
    assert_eq!(base.twin.rows("leads").len(), 1);
    let lenient = [("prefer", "max-affected=0")];
    assert_eq!(
        base.send("DELETE", "/leads?loan_term=eq.0", &lenient, "").await.status,
        204
    );
}

#[tokio::test]
async fn unknown_preferences_count_only_when_strict() {
    let base = Base::portal();
    let strict = [("prefer", "handling=strict, foo=bar, anything")];
    let refused = base.send("GET", "/leads", &strict, "").await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "PGRST122"));
    assert_eq!(refused.json()["details"], "Invalid preferences: foo=bar, anything");
    let lenient = [("prefer", "foo=bar, timezone=UTC, count=exact")];
    let heeded = base.send("GET", "/leads", &lenient, "").await;
    assert_eq!(
        (heeded.status, heeded.header("preference-applied")),
        (200, "count=exact, timezone=UTC")
    );
}

#[tokio::test]
async fn put_sets_one_row_by_its_key() {
    let base = Base::portal();
    let id = "6b29fc40-ca47-1067-b31d-00dd010662da";
    let body = json!({ "id": id, "email": "a@b.mt" }).to_string();
    let path = format!("/leads?id=eq.{id}");
    let full = [("prefer", "return=representation")];
    assert_eq!(base.send("PUT", &path, &full, &body).await.status, 201);
    assert_eq!(base.send("PUT", &path, &full, &body).await.status, 200);
    assert_eq!(base.twin.rows("leads").len(), 1);
    for (path, code) in [
        ("/leads?email=eq.a@b.mt".to_owned(), "PGRST105"),
        (format!("{path}&limit=1"), "PGRST114"),
        (
            "/leads?id=eq.6b29fc40-ca47-1067-b31d-00dd010662db".to_owned(),
            "PGRST115",
        ),
    ] {
        assert_eq!(base.send("PUT", &path, &full, &body).await.code(), code, "{path}");
    }
}
