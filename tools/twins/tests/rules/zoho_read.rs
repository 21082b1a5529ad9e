//! Zoho CRM: list, paging, one, deleted (docs/vendors.md §1.3, §1.5).

use crate::common::{Answer, Zoho};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) async fn with_leads(n: usize) -> Zoho {
    let zoho = Zoho::new().await;
    for number in 0..n {
        let fields = json!({
            "Last_Name": format!("Lead {number}"), "Email": format!("Lead{number}@b.mt"), "Portal_Lead_ID": format!("p{number}"),
        });
        zoho.twin.insert_lead(fields).unwrap();
    }
    zoho
}

pub(crate) fn names(answer: &Answer) -> Vec<String> {
    if answer.text.is_empty() {
        return Vec::new();
    }
    let body = answer.json();
    body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["Last_Name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn list_needs_fields_that_exist() {
    let zoho = with_leads(1).await;
    assert_eq!(zoho.get("/Leads").await.code(), "REQUIRED_PARAM_MISSING");
    assert_eq!(zoho.get("/Leads?fields=Last_Name,Nope").await.code(), "INVALID_DATA");
    assert_eq!(zoho.get("/Leads?fields=Last_Name&limit=5").await.code(), "INVALID_DATA");
    let many = vec!["Last_Name"; 51].join(",");
    assert_eq!(
        zoho.get(&format!("/Leads?fields={many}")).await.code(),
        "LIMIT_EXCEEDED"
    );
    let answer = zoho.get("/Leads?fields=Last_Name,City,With_Battery,Created_By").await;
    let lead = &answer.json()["data"][0];
    assert_eq!(lead["id"], "5725767000000411001");
    assert_eq!((&lead["City"], &lead["With_Battery"]), (&Value::Null, &json!(false)));
    assert_eq!(lead["Created_By"]["name"], "Maria Borg");
}

#[tokio::test]
async fn tokens_lead_through_all_rows_and_back() {
    let zoho = with_leads(7).await;
    let base = "/Leads?fields=Last_Name&sort_order=asc&per_page=3";
    let first = zoho.get(base).await;
    let info = first.json()["info"].clone();
    assert_eq!(info["more_records"], true);
    assert_eq!(
        (&info["page"], &info["count"], &info["sort_by"]),
        (&json!(1), &json!(3), &json!("id"))
    );
    assert_eq!(info["previous_page_token"], Value::Null);
    assert_eq!(info["page_token_expiry"], "2026-01-03T04:04:05+01:00");
    let token = |answer: &Answer, which: &str| answer.json()["info"][which].as_str().unwrap().to_owned();
    let second = zoho
        .get(&format!("{base}&page_token={}", token(&first, "next_page_token")))
        .await;
    assert_eq!(names(&second), ["Lead 3", "Lead 4", "Lead 5"]);
    let third = zoho
        .get(&format!("{base}&page_token={}", token(&second, "next_page_token")))
        .await;
    assert_eq!(names(&third), ["Lead 6"]);
    assert_eq!(third.json()["info"]["next_page_token"], Value::Null);
    let back = zoho
        .get(&format!("{base}&page_token={}", token(&third, "previous_page_token")))
        .await;
    assert_eq!(names(&back), names(&second));
}

#[tokio::test]
async fn a_token_is_bound_and_excludes_page() {
    let zoho = with_leads(3).await;
    let first = zoho.get("/Leads?fields=Last_Name&per_page=1").await.json();
    let token = first["info"]["next_page_token"].as_str().unwrap();
    let with = |query: &str| format!("/Leads?{query}&page_token={token}");
    assert_eq!(
        zoho.get(&with("fields=id&per_page=1")).await.code(),
        "TOKEN_BOUND_DATA_MISMATCH"
    );
    assert_eq!(
        zoho.get(&with("fields=Last_Name&per_page=1&page=2")).await.code(),
        "AMBIGUITY_DURING_PROCESSING"
    );
    let mut zoho = zoho;
    zoho.clock.pass(Duration::from_secs(24 * 3600));
    zoho.refresh().await;
    assert_eq!(
        zoho.get(&with("fields=Last_Name&per_page=1")).await.code(),
        "EXPIRED_VALUE"
    );
}

#[tokio::test]
async fn page_reaches_two_thousand_rows() {
    let zoho = with_leads(1).await;
    assert_eq!(zoho.get("/Leads?fields=id&page=10&per_page=200").await.status, 204);
    assert_eq!(
        zoho.get("/Leads?fields=id&page=11&per_page=200").await.code(),
        "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
    );
    assert_eq!(zoho.get("/Leads?fields=id&per_page=201").await.code(), "INVALID_DATA");
}

#[tokio::test]
async fn modified_since_shows_what_is_newer_and_says_304() {
    let zoho = with_leads(2).await;
    zoho.clock.pass(Duration::from_secs(60));
    let path = "/Leads?fields=Last_Name&sort_by=Modified_Time&sort_order=asc";
    let since = [("if-modified-since", "2026-01-02T04:04:05+01:00")];
    let none = zoho.send("GET", path, &since, "").await;
    assert_eq!((none.status, none.text.as_str()), (304, ""));
    zoho.twin
        .edit("5725767000000411001", json!({ "City": "Sliema" }))
        .unwrap();
    assert_eq!(names(&zoho.send("GET", path, &since, "").await), ["Lead 0"]);
    let before = [("if-modified-since", "2026-01-02T04:04:04+01:00")];
    assert_eq!(names(&zoho.send("GET", path, &before, "").await), ["Lead 1", "Lead 0"]);
    let desc = "/Leads?fields=Last_Name&sort_by=Modified_Time";
    assert_eq!(names(&zoho.send("GET", desc, &since, "").await), ["Lead 0"]);
    assert_eq!(
        zoho.send("GET", path, &[("if-modified-since", "yesterday")], "")
            .await
            .code(),
        "INVALID_DATA"
    );
}

#[tokio::test]
async fn converted_and_deleted_leads_vanish() {
    let zoho = with_leads(3).await;
    zoho.twin.convert("5725767000000411001").unwrap();
    zoho.twin.delete("5725767000000411002").unwrap();
    assert_eq!(names(&zoho.get("/Leads?fields=Last_Name").await), ["Lead 2"]);
    assert_eq!(
        names(&zoho.get("/Leads?fields=Last_Name&converted=true").await),
        ["Lead 0"]
    );
    assert_eq!(
        names(&zoho.get("/Leads?fields=Last_Name&converted=both").await),
        ["Lead 2", "Lead 0"]
    );
    assert_eq!(zoho.get("/Leads/5725767000000411001").await.status, 204);
    assert_eq!(zoho.get("/Leads/5725767000000411001?converted=both").await.status, 200);
    assert_eq!(zoho.get("/Leads/5725767000000411002").await.status, 204);
    let deleted = zoho.get("/Leads/deleted?type=all").await.json();
    assert_eq!(deleted["data"][0]["id"], "5725767000000411002");
    assert_eq!(deleted["data"][0]["deleted_by"]["name"], "Maria Borg");
    let later = [("if-modified-since", "2026-01-02T04:04:05+01:00")];
    assert_eq!(
        zoho.send("GET", "/Leads/deleted?type=all", &later, "").await.status,
        204
    );
    assert_eq!(zoho.get("/Leads/deleted?type=permanent").await.status, 204);
}

#[tokio::test]
async fn ids_pick_leads() {
    let zoho = with_leads(3).await;
    let answer = zoho
        .get("/Leads?fields=Last_Name&ids=5725767000000411001,5725767000000411003,1")
        .await;
    assert_eq!(names(&answer), ["Lead 2", "Lead 0"]);
    let many = vec!["1"; 101].join(",");
    // Equal ids count once, as in a set; a hundred and one different ones are too many.
    assert_eq!(zoho.get(&format!("/Leads?fields=id&ids={many}")).await.status, 204);
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    assert_eq!(
        zoho.get(&format!("/Leads?fields=id&ids={}", many.join(",")))
            .await
            .code(),
        "LIMIT_EXCEEDED"
    );
    assert_eq!(zoho.get("/Leads?fields=id&ids=x").await.code(), "INVALID_DATA");
}
