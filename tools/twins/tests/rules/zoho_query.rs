//! Zoho CRM: COQL, search, metadata (docs/vendors.md §1.3, §1.6).

use crate::common::Zoho;
use crate::zoho_read::{names, with_leads};
use serde_json::json;
use std::time::Duration;
use twins::zoho;

#[tokio::test]
async fn coql_selects_by_keys_and_compares_without_case() {
    let zoho = with_leads(5).await;
    let query = "select Last_Name, Email from Leads where Email in ('LEAD1@b.mt', 'lead3@B.MT') order by id desc";
    assert_eq!(names(&zoho.coql(query).await), ["Lead 3", "Lead 1"]);
    let query = "select Last_Name from Leads where ((Portal_Lead_ID in ('p1','p2') or Email = 'lead4@b.mt') and id is not null) limit 1, 1";
    let answer = zoho.coql(query).await;
    assert_eq!(names(&answer), ["Lead 2"]);
    assert_eq!(answer.json()["info"], json!({ "count": 1, "more_records": true }));
    assert_eq!(
        zoho.coql("select id from Leads where Email = 'none@b.mt'").await.status,
        204
    );
    let query = "select Last_Name from Leads where (Last_Name like 'lead%' and City is null) limit 2";
    assert_eq!(names(&zoho.coql(query).await), ["Lead 0", "Lead 1"]);
    let query = "select Last_Name from Leads where Modified_Time >= '2026-01-02T03:04:05Z' limit 3, 2000";
    assert_eq!(names(&zoho.coql(query).await), ["Lead 3", "Lead 4"]);
    let query = "select Last_Name from Leads where id in (5725767000000411002, '5725767000000411001')";
    assert_eq!(names(&zoho.coql(query).await), ["Lead 0", "Lead 1"]);
}

#[tokio::test]
async fn coql_refuses_what_it_cannot_read() {
    let zoho = with_leads(1).await;
    let many = vec!["id = '1'"; 26];
    let mut chained = many[0].to_owned();
    for part in &many[1..] {
        chained = format!("({chained} or {part})");
    }
    for (query, code) in [
        ("select id from Leads".to_owned(), "SYNTAX_ERROR"),
        ("select id Leads where id is not null".to_owned(), "SYNTAX_ERROR"),
        ("select * from Leads where id is not null".to_owned(), "SYNTAX_ERROR"),
        ("select id from Leads where City = x".to_owned(), "SYNTAX_ERROR"),
        ("select id from Leads where City = 'x".to_owned(), "SYNTAX_ERROR"),
        (
            "select id from Leads where id is not null limit 5 5".to_owned(),
            "SYNTAX_ERROR",
        ),
        (
            "select id from Leads where City = 'a' and City = 'b' and City = 'c'".to_owned(),
            "SYNTAX_ERROR",
        ),
        (
            "select Nope from Leads where id is not null".to_owned(),
            "INVALID_QUERY",
        ),
        (
            "select id from Leads where Loan_Term = 'many'".to_owned(),
            "INVALID_QUERY",
        ),
        (
            "select id from Leads where Modified_Time > 'today'".to_owned(),
            "INVALID_QUERY",
        ),
        (
            "select id from Leads where id is not null limit 2001".to_owned(),
            "LIMIT_EXCEEDED",
        ),
        (format!("select id from Leads where {chained}"), "LIMIT_EXCEEDED"),
    ] {
        let answer = zoho.coql(&query).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{query}");
    }
}

#[tokio::test]
async fn search_lags_and_coql_does_not() {
    let settings = zoho::Settings {
        search_lag: Duration::from_secs(30),
        ..zoho::Settings::default()
    };
    let zoho = Zoho::with(settings).await;
    zoho.twin
        .insert_lead(json!({ "Last_Name": "Borg", "Email": "a@b.mt", "Phone": "+35621" }))
        .unwrap();
    assert_eq!(zoho.get("/Leads/search?email=A@B.mt").await.status, 204);
    assert_eq!(
        zoho.coql("select id from Leads where Email = 'a@b.mt'").await.status,
        200
    );
    zoho.clock.pass(Duration::from_secs(30));
    for query in [
        "email=A@B.mt",
        "phone=%2B35621",
        "word=bor",
        "criteria=(Last_Name:equals:borg)",
        "criteria=((Last_Name:starts_with:bo)and(Email:in:x@y.mt,a@b.mt))",
    ] {
        assert_eq!(
            zoho.get(&format!("/Leads/search?fields=Last_Name&{query}"))
                .await
                .status,
            200,
            "{query}"
        );
    }
    assert_eq!(
        zoho.get("/Leads/search?criteria=(Last_Name:is:borg)").await.code(),
        "INVALID_QUERY"
    );
    assert_eq!(zoho.get("/Leads/search?word=b").await.code(), "INVALID_DATA");
    assert_eq!(zoho.get("/Leads/search").await.code(), "EXPECTED_PARAM_MISSING");
    assert_eq!(zoho.get("/Leads/actions/count?email=a@b.mt").await.json()["count"], 1);
}

#[tokio::test]
async fn metadata_tell_whether_a_field_is_unique() {
    let unique = async |zoho: &Zoho| {
        let body = zoho.get("/settings/fields?module=Leads").await.json();
        let fields = body["fields"].as_array().unwrap().clone();
        fields.into_iter().find(|f| f["api_name"] == "Portal_Lead_ID").unwrap()["unique"].clone()
    };
    assert_eq!(unique(&Zoho::new().await).await, json!({ "casesensitive": "false" }));
    let other = Zoho::with(zoho::Settings::default().without_unique_portal_id()).await;
    assert_eq!(unique(&other).await, json!({}));
    assert_eq!(other.get("/settings/fields").await.code(), "REQUIRED_PARAM_MISSING");
}

#[tokio::test]
async fn sdks_find_modules_and_user() {
    let zoho = Zoho::new().await;
    let modules = zoho.get("/settings/modules").await.json();
    assert_eq!(modules["modules"][0]["api_name"], "Leads");
    let users = zoho.get("/users?type=CurrentUser").await.json();
    assert_eq!(users["users"][0]["full_name"], "Concord");
    assert_eq!(zoho.get("/org").await.json()["org"][0]["iso_code"], "EUR");
}
