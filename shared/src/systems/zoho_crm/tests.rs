//! What goes over the wire, and what comes of the answers.

use super::*;
use crate::systems::http::script::{Script, answer, json_of, query_of};
use crate::systems::{Action, Gone, Write};
use serde_json::{Map, json};
use std::sync::Arc;

type Answer = Result<http::Response<bytes::Bytes>, crate::systems::http::TransportError>;

fn crm<const N: usize>(answers: [Answer; N]) -> (ZohoCrm, Arc<Script>) {
    let (http, script) = Script::http(answers);
    (
        ZohoCrm::new(http, Base::parse("https://www.zohoapis.com").unwrap()),
        script,
    )
}

fn access() -> Access {
    Access {
        token: "t0ken".into(),
        api_domain: Some(Url::parse("https://www.zohoapis.eu").unwrap()),
    }
}

fn fields(value: Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}

fn new_lead(email: &str) -> Write {
    Write {
        id: None,
        fields: fields(json!({"Email": email, "Last_Name": "Borg"})),
    }
}

fn known_lead(id: &str) -> Write {
    Write {
        id: Some(id.to_owned()),
        fields: fields(json!({"City": "Mdina"})),
    }
}

fn success(id: &str, action: &str) -> Json {
    json!({"code": "SUCCESS", "status": "success", "action": action, "message": "m",
        "details": {"id": id, "Created_Time": "2026-01-01T10:00:00+01:00", "Modified_Time": "2026-01-02T10:00:00+01:00"}})
}

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

#[tokio::test]
async fn a_look_up_pages_until_there_is_no_more_and_shows_each_record_once() {
    let page = |ids: &[&str], more: bool| {
        let data: Vec<Json> = ids.iter().map(|id| json!({"id": id, "Email": "A@x.mt"})).collect();
        answer(200, &json!({"data": data, "info": {"more_records": more}}).to_string())
    };
    let (crm, script) = crm([page(&["1", "2"], true), page(&["3"], false), page(&["1"], false)]);
    let emails = (0..51).map(|i| format!("{i}@x.mt")).collect();
    let by = [("Portal_Lead_ID", vec!["u".to_owned()]), ("Email", emails)];
    let found = crm.find(&access(), "Leads", &["Email"], &by).await.unwrap();
    assert_eq!(
        found.iter().map(|seen| seen.id.as_str()).collect::<Vec<_>>(),
        ["1", "2", "3"]
    );

    let sent = script.requests();
    assert_eq!(
        (sent[0].method(), sent[0].uri().path()),
        (&Method::POST, "/crm/v8/coql")
    );
    let query = |i: usize| json_of(&sent[i])["select_query"].as_str().unwrap().to_owned();
    let start = "select Email, id, Created_Time, Modified_Time from Leads where (Portal_Lead_ID in ('u') or Email in ('0@x.mt', ";
    assert!(query(0).starts_with(start), "{}", query(0));
    assert!(query(0).ends_with("order by id asc limit 0, 200"));
    assert!(query(1).ends_with("limit 2, 200"));
    assert!(query(2).contains("where Email in ('50@x.mt') order"));
}

#[tokio::test]
async fn nothing_found_is_no_error() {
    let (crm, script) = crm([answer(204, ""), answer(204, ""), answer(204, ""), answer(304, "")]);
    assert_eq!(
        crm.find(&access(), "Leads", &["Email"], &[("Email", vec!["a".to_owned()])])
            .await,
        Ok(vec![])
    );
    assert_eq!(
        crm.find(&access(), "Leads", &["Email"], &[("Email", vec![])]).await,
        Ok(vec![])
    );
    assert_eq!(
        crm.read(&access(), "Leads", &["Email"], &["1".to_owned()]).await,
        Ok(vec![])
    );
    let empty = Page {
        rows: vec![],
        next: None,
    };
    assert_eq!(
        crm.list(&access(), "Leads", &["Email"], None, None).await,
        Ok(empty.clone())
    );
    assert_eq!(crm.deleted(&access(), "Leads", None, None).await, Ok(empty));
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn records_are_read_by_id_with_the_converted_ones() {
    let body = json!({"data": [{"id": "1", "Converted__s": true, "Modified_Time": "2026-01-02T10:00:00+01:00"}]});
    let (crm, script) = crm([answer(200, &body.to_string())]);
    let found = crm
        .read(&access(), "Leads", &["Email"], &["1".to_owned(), "2".to_owned()])
        .await
        .unwrap();
    assert_eq!((found.len(), found[0].gone), (1, Some(Gone::Converted)));
    let query = query_of(&script.only());
    assert!(query.contains(&("ids".to_owned(), "1,2".to_owned())));
    assert!(query.contains(&("converted".to_owned(), "both".to_owned())));
    assert!(query.contains(&(
        "fields".to_owned(),
        "Email,Created_Time,Modified_Time,Converted__s".to_owned()
    )));
}

#[tokio::test]
async fn a_list_goes_on_by_its_token_and_restarts_when_it_is_lost() {
    let body = json!({"data": [{"id": "1"}], "info": {"more_records": true, "next_page_token": "n&xt"}});
    let no_token = json!({"data": [{"id": "1"}], "info": {"more_records": true}});
    let expired = json!({"code": "EXPIRED_VALUE", "status": "error", "message": "m", "details": {}});
    let (crm, script) = crm([
        answer(200, &body.to_string()),
        answer(400, &expired.to_string()),
        answer(200, &no_token.to_string()),
    ]);
    let since = Some("2026-01-02T10:00:00.5+01:00".parse().unwrap());
    let page = crm.list(&access(), "Leads", &["Email"], since, None).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("n&xt"));
    let lost = crm
        .list(&access(), "Leads", &["Email"], since, page.next.as_deref())
        .await;
    assert!(matches!(lost, Err(CallError::Restart(_))));
    assert!(matches!(
        crm.list(&access(), "Leads", &["Email"], None, None).await,
        Err(CallError::Later(_))
    ));

    let sent = script.requests();
    assert_eq!(sent[0].headers()["if-modified-since"], "2026-01-02T09:00:00+00:00");
    let (first, second) = (query_of(&sent[0]), query_of(&sent[1]));
    assert!(first.iter().all(|(name, _)| name != "page" && name != "page_token"));
    assert_eq!(second.last().unwrap(), &("page_token".to_owned(), "n&xt".to_owned()));
    assert_eq!(second[..second.len() - 1], first[..]);
}

#[tokio::test]
async fn deleted_records_are_marked() {
    let body = json!({"data": [{"id": 4, "deleted_time": "2026-01-02T10:00:00+01:00", "type": "recycle"}], "info": {"more_records": true}});
    let (crm, script) = crm([answer(200, &body.to_string())]);
    let page = crm.deleted(&access(), "Leads", None, Some("3")).await.unwrap();
    let row = page.rows[0].as_ref().unwrap();
    assert_eq!(
        (row.id.as_str(), row.gone, page.next.as_deref()),
        ("4", Some(Gone::Deleted), Some("4"))
    );
    let sent = script.only();
    assert_eq!(sent.uri().path(), "/crm/v8/Leads/deleted");
    assert!(query_of(&sent).contains(&("page".to_owned(), "3".to_owned())));
    assert!(matches!(
        crm.deleted(&access(), "Leads", None, Some("x")).await,
        Err(CallError::Restart(_))
    ));
}

#[tokio::test]
async fn fields_tell_which_are_unique() {
    let body = json!({"fields": [
        {"api_name": "Portal_Lead_ID", "data_type": "text", "length": 36, "unique": {"casesensitive": "false"}},
        {"api_name": "Email", "data_type": "email", "length": 100, "unique": {}}]});
    let (crm, script) = crm([answer(200, &body.to_string())]);
    let fields = crm.fields(&access(), "Leads").await.unwrap();
    assert_eq!(
        fields.iter().map(|field| field.unique).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(fields[0].length, Some(36));
    assert_eq!(
        script.only().uri().to_string(),
        "https://www.zohoapis.eu/crm/v8/settings/fields?module=Leads"
    );
}

#[tokio::test]
async fn a_channel_always_has_its_expiry() {
    let event = json!({"channel_id": "77", "channel_expiry": "2026-01-08T10:00:00+01:00", "resource_name": "Leads"});
    let done =
        json!({"watch": [{"code": "SUCCESS", "status": "success", "message": "m", "details": {"events": [event]}}]});
    let none = json!({"watch": [{"code": "NOT_SUBSCRIBED", "status": "error", "message": "m", "details": {}}]});
    let listed = json!({"watch": [{"channel_id": 77, "resource_name": "Leads", "notify_url": "https://x", "token": "echo"}],
        "info": {"more_records": false}});
    let answers = [(201, &done), (400, &none), (200, &listed), (200, &done)]
        .map(|(status, body)| answer(status, &body.to_string()));
    let (crm, script) = crm(answers);
    let channel = Channel {
        channel_id: 77,
        events: vec!["Leads.all".to_owned()],
        notify_url: "https://x".to_owned(),
        token: "echo".into(),
        expiry: "2026-01-08T09:00:00Z".parse().unwrap(),
    };
    let watched = crm.watch(&access(), &channel).await.unwrap();
    assert_eq!(
        (watched.channel_id.as_str(), watched.expiry),
        ("77", Some(channel.expiry))
    );
    assert!(matches!(crm.renew(&access(), &channel).await, Err(CallError::Gone(_))));
    assert_eq!(crm.channels(&access()).await.unwrap()[0].channel_id, "77");
    assert_eq!(crm.stop(&access(), 77).await, Ok(()));
    assert!(!format!("{channel:?}").contains("echo"));

    let sent = script.requests();
    let expected = json!({"watch": [{"channel_id": "77", "events": ["Leads.all"], "notify_url": "https://x",
        "token": "echo", "channel_expiry": "2026-01-08T09:00:00+00:00"}]});
    assert_eq!((json_of(&sent[0]), json_of(&sent[1])), (expected.clone(), expected));
    assert_eq!((sent[0].method(), sent[1].method()), (&Method::POST, &Method::PUT));
    assert_eq!(
        sent[3].uri().to_string(),
        "https://www.zohoapis.eu/crm/v8/actions/watch?channel_ids=77"
    );
}
