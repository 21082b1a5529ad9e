//! Supabase: filters, order, paging, printing (docs/vendors.md §4.3).

use crate::common::Base;
use serde_json::{Value, json};
use std::time::Duration;
use twins::supabase;

/// Five rows, a second apart: a@ to e@ with sizes 1.50 to 5.50; the fifth without a city.
pub(crate) fn filled() -> Base {
    let base = Base::back_office();
    for (n, letter) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let city = if n < 4 {
            json!(format!("City {letter}"))
        } else {
            Value::Null
        };
        let row = json!({
            "email": format!("{letter}@b.mt"), "city": city, "loan_term": n, "is_gozo": n == 0,
            "system_size_kw": serde_json::from_str::<Value>(&format!("{}.50", n + 1)).unwrap(),
        });
        base.twin.insert_row("leads", row).unwrap();
        base.clock.pass(Duration::from_secs(1));
    }
    base
}

async fn emails(base: &Base, query: &str) -> String {
    let query = query.replace(' ', "%20").replace('"', "%22");
    let answer = base.get(&format!("/leads?select=email&{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let rows = answer.json();
    let first = |row: &Value| row["email"].as_str().unwrap()[..1].to_owned();
    rows.as_array().unwrap().iter().map(first).collect()
}

#[tokio::test]
async fn filters_pick_rows() {
    let base = filled();
    for (query, found) in [
        ("email=eq.b@b.mt", "b"),
        ("email=neq.b@b.mt", "acde"),
        ("loan_term=gt.2", "de"),
        ("loan_term=gte.2&loan_term=lt.4", "cd"),
        ("system_size_kw=lte.2.5", "ab"),
        ("email=like.*@b.mt", "abcde"),
        ("email=ilike.A*", "a"),
        ("city=is.null", "e"),
        ("city=not.is.null", "abcd"),
        ("is_gozo=is.true", "a"),
        ("city=neq.City a", "bcd"),
        ("email=in.(a@b.mt,\"c@b.mt\")", "ac"),
        ("email=not.in.(a@b.mt,c@b.mt)", "bde"),
        ("or=(loan_term.eq.0,and(loan_term.gt.2,city.is.null))", "ae"),
        (
            "or=(email.in.(a@b.mt,b@b.mt),not.and(loan_term.lt.4,loan_term.gt.0))",
            "abe",
        ),
        ("not.or=(loan_term.eq.0,loan_term.eq.1)", "cde"),
        ("and=(email.not.like.a*,or(city.eq.\"City b\",city.is.null))", "be"),
    ] {
        assert_eq!(emails(&base, &format!("{query}&order=email")).await, found, "{query}");
        assert_eq!(
            emails(&base, &format!("{query}&order=city.nullsfirst,email"))
                .await
                .len(),
            found.len()
        );
    }
}

#[tokio::test]
async fn orders_put_nulls_last_and_first_when_descending() {
    let base = filled();
    assert_eq!(emails(&base, "order=city").await, "abcde");
    assert_eq!(emails(&base, "order=city.desc").await, "edcba");
    assert_eq!(emails(&base, "order=city.asc.nullsfirst").await, "eabcd");
    assert_eq!(emails(&base, "order=is_gozo.desc,email.desc").await, "aedcb");
    assert_eq!(emails(&base, "order=updated_at.desc,id&limit=2").await, "ed");
    let since = "updated_at=gt.2026-01-02T03:04:07%2B00:00&order=updated_at.asc,id.asc&limit=1";
    assert_eq!(emails(&base, since).await, "d");
    assert_eq!(emails(&base, "order=email.desc&email=lt.d&limit=1&offset=1").await, "b");
}

#[tokio::test]
async fn an_updated_row_moves_to_the_end_of_an_unordered_read() {
    let base = filled();
    base.send("PATCH", "/leads?email=eq.a@b.mt", &[], r#"{"city":"x"}"#)
        .await;
    assert_eq!(emails(&base, "").await, "bcdea");
}

#[tokio::test]
async fn ranges_counts_and_the_cap() {
    let base = filled();
    let exact = [("prefer", "count=exact")];
    for (path, headers, status, range) in [
        ("/leads", &[][..], 200, "0-4/*"),
        ("/leads", &exact[..], 200, "0-4/5"),
        ("/leads?limit=2", &exact[..], 206, "0-1/5"),
        ("/leads?limit=2&offset=4", &[][..], 200, "4-4/*"),
        ("/leads?offset=5", &exact[..], 206, "*/5"),
        ("/leads?offset=9", &exact[..], 416, "*/5"),
        ("/leads?offset=9", &[][..], 200, "*/*"),
        ("/leads?limit=0", &exact[..], 206, "*/5"),
        ("/leads?email=eq.none", &exact[..], 200, "*/0"),
        ("/leads", &[("range", "1-2"), ("range-unit", "items")][..], 200, "1-2/*"),
        ("/leads", &[("range", "3-")][..], 200, "3-4/*"),
    ] {
        let answer = base.send("GET", path, headers, "").await;
        assert_eq!(
            (answer.status, answer.header("content-range")),
            (status, range),
            "{path} {headers:?}"
        );
    }
    let beyond = base.send("GET", "/leads?offset=9", &exact, "").await;
    assert_eq!(
        beyond.json()["details"],
        "An offset of 9 was requested, but there are only 5 rows."
    );
    let turned = base.send("GET", "/leads", &[("range", "3-1")], "").await;
    assert_eq!((turned.status, turned.code().as_str()), (416, "PGRST103"));
    assert_eq!(base.send("HEAD", "/leads", &exact, "").await.text, "");
    let capped = supabase::Settings {
        max_rows: 2,
        ..supabase::Settings::back_office(true)
    };
    let capped = Base::with(capped);
    for n in 0..3 {
        capped.twin.insert_row("leads", json!({ "loan_term": n })).unwrap();
    }
    let answer = capped.send("GET", "/leads?limit=3", &exact, "").await;
    assert_eq!((answer.status, answer.header("content-range")), (206, "0-1/3"));
}

#[tokio::test]
async fn values_are_printed_as_postgres_does() {
    let base = filled();
    base.clock.pass(Duration::from_millis(120));
    base.twin.insert_row("leads", json!({ "email": "z@b.mt" })).unwrap();
    let answer = base
        .get("/leads?select=size:system_size_kw,loan_term::text,created_at&order=email&limit=1")
        .await;
    assert_eq!(
        answer.text,
        r#"[{"size":1.50,"loan_term":"0","created_at":"2026-01-02T03:04:05+00:00"}]"#
    );
    let answer = base.get("/leads?select=created_at,is_gozo&email=eq.z@b.mt").await;
    assert_eq!(
        answer.text,
        r#"[{"created_at":"2026-01-02T03:04:10.12+00:00","is_gozo":null}]"#
    );
}

#[tokio::test]
async fn one_object_is_exactly_one_row() {
    let base = filled();
    let object = [("accept", "application/vnd.pgrst.object+json")];
    let one = base
        .send("GET", "/leads?select=email&email=eq.a@b.mt", &object, "")
        .await;
    assert_eq!((one.status, one.text.as_str()), (200, r#"{"email":"a@b.mt"}"#));
    assert_eq!(
        one.header("content-type"),
        "application/vnd.pgrst.object+json; charset=utf-8"
    );
    let none = base.send("GET", "/leads?email=eq.x", &object, "").await;
    assert_eq!((none.status, none.code().as_str()), (406, "PGRST116"));
    assert_eq!(none.json()["details"], "The result contains 0 rows");
    assert_eq!(
        base.send("GET", "/leads", &[("accept", "text/csv")], "").await.code(),
        "PGRST107"
    );
}
