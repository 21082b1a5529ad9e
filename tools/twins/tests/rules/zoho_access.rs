//! Zoho CRM: tokens, scopes, limits, faults, log (docs/vendors.md §1.2, §1.4, §1.7).

use crate::common::{Zoho, request};
use http::StatusCode;
use serde_json::json;
use std::time::Duration;
use twins::{Effect, Lost, When, zoho};

#[tokio::test]
async fn the_token_answer_and_its_refusals() {
    let zoho = Zoho::new().await;
    let answer = zoho.mint().await.json();
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["api_domain"], "https://www.zohoapis.eu");
    assert!(answer.get("refresh_token").is_none());
    for (form, error) in [
        (
            "grant_type=refresh_token&client_id=x&client_secret=y&refresh_token=z",
            "invalid_client",
        ),
        (
            &crate::common::REFRESH.replace("1000.twin.refresh", "gone"),
            "invalid_code",
        ),
    ] {
        let request = request("POST", "https://accounts.zoho.eu/oauth/v2/token", &[], form);
        let response = zoho.twin.call(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(String::from_utf8_lossy(response.body()).contains(error), "{error}");
    }
}

#[tokio::test]
async fn the_eleventh_mint_is_denied_with_200_and_noted() {
    let zoho = Zoho::new().await;
    for _ in 0..9 {
        assert!(zoho.mint().await.json().get("access_token").is_some());
    }
    let denied = zoho.mint().await;
    assert_eq!(denied.status, 200);
    assert_eq!(denied.json()["error"], "Access Denied");
    assert_eq!(zoho.twin.log().violations().len(), 1);
    zoho.clock.pass(Duration::from_secs(600));
    assert!(zoho.mint().await.json().get("access_token").is_some());
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    let zoho = Zoho::new().await;
    let code = zoho.twin.accounts().grant_code((zoho.clock.now())());
    let form = format!(
        "grant_type=authorization_code&client_id=1000.TWIN&client_secret=twin-client-secret\
         &redirect_uri=https://example.com/oauth&code={code}"
    );
    let send = async || {
        let request = request("POST", "https://accounts.zoho.eu/oauth/v2/token", &[], &form);
        zoho.twin.call(request).await.unwrap()
    };
    assert!(String::from_utf8_lossy(send().await.body()).contains("refresh_token"));
    assert!(String::from_utf8_lossy(send().await.body()).contains("invalid_code"));
}

#[tokio::test]
async fn calls_need_a_live_token_in_zohos_own_scheme() {
    let mut zoho = Zoho::new().await;
    let uri = "https://www.zohoapis.eu/crm/v8/Leads?fields=id";
    for (header, code) in [
        ("", "AUTHENTICATION_FAILURE"),
        ("Bearer x", "AUTHENTICATION_FAILURE"),
        ("Zoho-oauthtoken x", "INVALID_TOKEN"),
    ] {
        let headers: &[(&str, &str)] = if header.is_empty() {
            &[]
        } else {
            &[("authorization", header)]
        };
        let response = zoho.twin.call(request("GET", uri, headers, "")).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(String::from_utf8_lossy(response.body()).contains(code), "{header}");
    }
    zoho.clock.pass(Duration::from_secs(3600));
    assert_eq!(zoho.get("/Leads?fields=id").await.code(), "INVALID_TOKEN");
    zoho.refresh().await;
    zoho.twin.faults().next("list", 1, Effect::RevokeTokens);
    assert_eq!(zoho.get("/Leads?fields=id").await.code(), "INVALID_TOKEN");
    assert_eq!(zoho.get("/Leads?fields=id").await.code(), "INVALID_TOKEN");
}

#[tokio::test]
async fn scopes_are_needed() {
    let mut settings = zoho::Settings::default();
    settings.accounts.scopes = vec!["ZohoCRM.modules.Leads.READ".to_owned()];
    let zoho = Zoho::with(settings).await;
    assert_eq!(zoho.get("/Leads?fields=id").await.status, 204);
    let answer = zoho.coql("select id from Leads where id is not null").await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "OAUTH_SCOPE_MISMATCH"));
}

#[tokio::test]
async fn wrong_paths_are_errors() {
    let zoho = Zoho::new().await;
    for (method, path, status, code) in [
        ("GET", "/Leeds", 400, "INVALID_MODULE"),
        ("GET", "/leads", 404, "INVALID_URL_PATTERN"),
        ("GET", "/Leads/1/x", 404, "INVALID_URL_PATTERN"),
        ("GET", "/Leads/upsert", 405, "INVALID_REQUEST_METHOD"),
        ("GET", "/Contacts", 400, "INVALID_MODULE"),
    ] {
        let answer = zoho.send(method, path, &[], "").await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn credits_run_out_with_a_bare_429() {
    let zoho = Zoho::with(zoho::Settings {
        credits: 4,
        ..zoho::Settings::default()
    })
    .await;
    assert_eq!(zoho.get("/Leads?fields=id").await.header("x-api-credits-remaining"), "");
    assert_eq!(
        zoho.get("/Leads?fields=id").await.header("x-api-credits-remaining"),
        "2"
    );
    let many: Vec<_> = (0..21).map(|n| json!({ "Last_Name": format!("L{n}") })).collect();
    let answer = zoho.post("/Leads", json!({ "data": many })).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "TOO_MANY_REQUESTS"));
    assert_eq!(answer.header("retry-after"), "");
    assert_eq!(zoho.twin.log().violations().len(), 1);
    zoho.clock.pass(Duration::from_secs(1));
    assert_eq!(zoho.twin.credits_used(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_call_in_flight_is_429() {
    let zoho = Zoho::new().await;
    zoho.twin
        .faults()
        .add("list", When::Always, Effect::Slow(Duration::from_secs(5)));
    let calls: Vec<_> = (0..11)
        .map(|_| {
            let zoho = zoho.clone();
            tokio::spawn(async move { zoho.get("/Leads?fields=id").await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 1);
    assert_eq!(zoho.twin.log().violations().len(), 1);
    zoho.twin.faults().clear();
    assert_eq!(zoho.get("/Leads?fields=id").await.status, 204);
}

#[tokio::test]
async fn lost_calls_act_or_not() {
    let zoho = Zoho::new().await;
    let body = json!({ "data": [{ "Last_Name": "A" }] }).to_string();
    zoho.twin.faults().next("insert", 1, Effect::LoseBefore);
    zoho.twin.faults().add("insert", When::Calls(1..2), Effect::LoseAfter);
    let lost = zoho.try_send("POST", "/Leads", &[], &body).await;
    assert_eq!(lost.unwrap_err(), Lost::BeforeActing);
    assert!(zoho.twin.leads().is_empty());
    let lost = zoho.try_send("POST", "/Leads", &[], &body).await;
    assert_eq!(lost.unwrap_err(), Lost::AfterActing);
    assert_eq!(zoho.twin.leads().len(), 1);
    let calls = zoho.twin.log().calls();
    assert_eq!(
        calls.last().map(|c| (c.operation, c.records, c.status)),
        Some(("insert", 1, 0))
    );
    assert_eq!(zoho.twin.log().count("insert"), 2);
}

#[tokio::test]
async fn any_status_and_code_can_be_asked_for() {
    let zoho = Zoho::new().await;
    for (effect, status, text) in [
        (Effect::Status(429), 429, "TOO_MANY_REQUESTS"),
        (Effect::Status(500), 500, "INTERNAL_ERROR"),
        (Effect::Status(502), 502, "<html>"),
        (
            Effect::Error {
                status: 403,
                code: "NO_PERMISSION".into(),
            },
            403,
            "permission denied",
        ),
    ] {
        zoho.twin.faults().next("get", 1, effect);
        let answer = zoho.get("/Leads/1").await;
        assert_eq!(answer.status, status);
        assert!(answer.text.contains(text), "{}", answer.text);
    }
    assert_eq!(zoho.get("/Leads/1").await.status, 204);
}
