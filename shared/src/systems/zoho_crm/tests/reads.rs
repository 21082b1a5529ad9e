//! Look-ups, lists, fields.

use super::*;

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
