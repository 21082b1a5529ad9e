//! Upserts and updates.

use super::*;

#[tokio::test]
async fn an_upsert_names_its_check_and_each_record_has_its_own_result() {
    let duplicate = json!({"code": "DUPLICATE_DATA", "status": "error", "message": "duplicate data",
        "details": {"api_name": "Email", "id": "9"}});
    let body = json!({"data": [success("7", "insert"), duplicate, success("8", "update")]}).to_string();
    let (crm, script) = crm([answer(207, &body)]);
    let writes = ["a@x.mt", "b@x.mt", "c@x.mt"].map(new_lead);
    let checks = ["Portal_Lead_ID", "Email"];
    let results = crm
        .upsert(&access(), "Leads", &writes, &checks, Some(&[]))
        .await
        .unwrap();

    let sent = script.only();
    assert_eq!(
        (sent.method(), sent.uri().to_string().as_str()),
        (&Method::POST, "https://www.zohoapis.eu/crm/v8/Leads/upsert")
    );
    assert_eq!(sent.headers()["authorization"], "Zoho-oauthtoken t0ken");
    let body = json_of(&sent);
    assert_eq!(body["duplicate_check_fields"], json!(checks));
    assert_eq!(body["trigger"], json!([]));
    assert_eq!(body["data"][1], json!({"Email": "b@x.mt", "Last_Name": "Borg"}));

    let first = results[0].as_ref().unwrap();
    assert_eq!((first.id.as_str(), first.action), ("7", Action::Inserted));
    assert_eq!(first.modified, Some("2026-01-02T09:00:00Z".parse().unwrap()));
    assert!(matches!(&results[1], Err(CallError::Exists { id: Some(id), .. }) if id == "9"));
    assert_eq!(results[2].as_ref().unwrap().action, Action::Updated);
}

#[tokio::test]
async fn workflows_run_when_the_trigger_is_left_out() {
    let body = json!({"data": [success("7", "insert")]}).to_string();
    let (crm, script) = crm([answer(200, &body)]);
    crm.upsert(&access(), "Leads", &[new_lead("a@x.mt")], &["Email"], None)
        .await
        .unwrap();
    assert_eq!(json_of(&script.only()).get("trigger"), None);
}

#[tokio::test]
async fn a_write_that_should_not_be_sent_is_not() {
    let (crm, script) = crm([]);
    let many: Vec<Write> = (0..101).map(|i| known_lead(&i.to_string())).collect();
    let is_rejected = |result| matches!(result, Err(CallError::Rejected(_)));
    assert!(is_rejected(crm.update(&access(), "Leads", &many, None).await));
    assert!(is_rejected(
        crm.update(&access(), "Leads", &[new_lead("a@x.mt")], None).await
    ));
    assert!(is_rejected(
        crm.upsert(&access(), "Leads", &[new_lead("a@x.mt")], &[], None).await
    ));
    assert_eq!(crm.update(&access(), "Leads", &[], None).await, Ok(vec![]));
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn results_that_do_not_fit_the_records_are_unknown() {
    let short = json!({"data": [success("7", "update")]}).to_string();
    let swapped = json!({"data": [success("2", "update"), success("1", "update")]}).to_string();
    let (crm, _) = crm([
        answer(200, &short),
        answer(200, &swapped),
        answer(200, "<html>"),
        answer(200, ""),
    ]);
    let writes = [known_lead("1"), known_lead("2")];
    assert!(matches!(
        crm.update(&access(), "Leads", &writes, None).await,
        Err(CallError::Unknown(_))
    ));
    for result in crm.update(&access(), "Leads", &writes, None).await.unwrap() {
        assert!(matches!(result, Err(CallError::Unknown(_))));
    }
    assert!(matches!(
        crm.update(&access(), "Leads", &writes, None).await,
        Err(CallError::Unknown(_))
    ));
    assert!(matches!(
        crm.update(&access(), "Leads", &writes, None).await,
        Err(CallError::Unknown(_))
    ));
}

#[tokio::test]
async fn one_record_is_updated_only_if_nobody_changed_it() {
    let modified =
        json!({"data": [{"code": "ALREADY_MODIFIED", "status": "error", "message": "m", "details": {"id": "5"}}]});
    let done = json!({"data": [success("5", "update")]});
    let (crm, script) = crm([answer(412, &modified.to_string()), answer(200, &done.to_string())]);
    let since = Some("2026-01-02T10:00:00+01:00".parse().unwrap());
    let result = crm
        .update_one(&access(), "Leads", &known_lead("5"), since, Some(&[]))
        .await;
    assert!(matches!(result, Err(CallError::Modified(_))));
    assert!(
        crm.update_one(&access(), "Leads", &known_lead("5"), None, Some(&[]))
            .await
            .is_ok()
    );

    let sent = script.requests();
    assert_eq!(
        (sent[0].method(), sent[0].uri().path()),
        (&Method::PUT, "/crm/v8/Leads/5")
    );
    assert_eq!(sent[0].headers()["if-unmodified-since"], "2026-01-02T09:00:00+00:00");
    assert_eq!(json_of(&sent[0]), json!({"data": [{"City": "Mdina"}], "trigger": []}));
    assert!(!sent[1].headers().contains_key("if-unmodified-since"));
}
