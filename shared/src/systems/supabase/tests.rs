//! What goes over the wire, and what comes of the answers.

use super::*;
use crate::systems::Action;
use crate::systems::http::script::{Script, answer, answer_with, json_of, query_of};
use serde_json::json;
use std::sync::Arc;

type Answer = Result<http::Response<bytes::Bytes>, crate::systems::http::TransportError>;

const LEADS: Table<'_> = Table {
    name: "leads",
    id: "id",
    modified: "updated_at",
    created: None,
};

fn project<const N: usize>(answers: [Answer; N]) -> (Supabase, Arc<Script>) {
    let (http, script) = Script::http(answers);
    let base = Base::parse("https://abc.supabase.co").unwrap();
    (Supabase::new(http, base, Key::new("sb_secret_k".into())), script)
}

fn row(value: Json) -> Row {
    value.as_object().unwrap().clone()
}

fn refused(status: u16, code: &str) -> Answer {
    answer(
        status,
        &json!({"code": code, "message": "m", "details": null, "hint": null}).to_string(),
    )
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn the_headers_follow_the_kind_of_key() {
    let (http, script) = Script::http([answer(200, "[]"), answer(200, "[]")]);
    for key in ["eyJh.eyJp.c2ln", "sb_secret_k"] {
        let base = Base::parse("https://abc.supabase.co").unwrap();
        let project = Supabase::new(http.clone(), base, Key::new(key.into()));
        project.by_id(&LEADS, &[], &["1".to_owned()]).await.unwrap();
    }
    let sent = script.requests();
    assert_eq!(
        (&sent[0].headers()["apikey"], &sent[0].headers()["authorization"]),
        (
            &"eyJh.eyJp.c2ln".parse().unwrap(),
            &"Bearer eyJh.eyJp.c2ln".parse().unwrap()
        )
    );
    assert_eq!(sent[1].headers()["apikey"], "sb_secret_k");
    assert!(!sent[1].headers().contains_key("authorization"));
    assert!(!format!("{sent:?}").contains("sb_secret"));
}

#[tokio::test]
async fn a_page_begins_after_a_row_and_not_before_a_time() {
    let (project, script) = project([answer(
        200,
        r#"[{"id":"b","updated_at":"2026-01-02T00:00:00.000001+00:00"}]"#,
    )]);
    let after = Cursor {
        time: "2026-01-01T00:00:00.123456+00:00".to_owned(),
        id: "a".to_owned(),
    };
    let since = Some("2025-12-31T00:00:00Z".parse().unwrap());
    let rows = project
        .page(&LEADS, &["email"], Some(&after), since, 500)
        .await
        .unwrap();
    assert_eq!(LEADS.cursor(&rows[0]).unwrap().time, "2026-01-02T00:00:00.000001+00:00");
    let sent = script.only();
    assert_eq!(sent.uri().path(), "/rest/v1/leads");
    let at = r#""2026-01-01T00:00:00.123456+00:00""#;
    let or = format!(r#"(updated_at.gt.{at},and(updated_at.eq.{at},id.gt."a"))"#);
    assert_eq!(
        query_of(&sent),
        [
            pair("select", "email,id,updated_at"),
            pair("order", "updated_at.asc,id.asc"),
            pair("limit", "500"),
            pair("or", &or),
            pair("updated_at", "gte.2025-12-31T00:00:00Z"),
        ]
    );
}

#[tokio::test]
async fn a_look_up_that_was_cut_off_is_halved() {
    let cut = answer_with(206, ("content-range", "0-0/3"), r#"[{"id":"1"}]"#);
    let left = answer_with(200, ("content-range", "0-0/1"), r#"[{"id":"1"}]"#);
    let right = answer_with(200, ("content-range", "0-1/2"), r#"[{"id":"2"},{"id":"1"}]"#);
    let (project, script) = project([cut, right, left]);
    let by = [
        ("zoho_lead_id", vec!["7".to_owned()]),
        ("email", vec!["a\"b@x.mt".to_owned()]),
    ];
    let rows = project.find(&LEADS, &["email"], &by).await.unwrap();
    assert_eq!(rows.len(), 2);
    let sent = script.requests();
    assert_eq!(
        query_of(&sent[0])[1],
        pair("or", r#"(zoho_lead_id.in.("7"),email.in.("a\"b@x.mt"))"#)
    );
    assert_eq!(query_of(&sent[1])[1], pair("or", r#"(email.in.("a\"b@x.mt"))"#));
    assert_eq!(sent[0].headers()["prefer"], "count=exact");
    assert_eq!(project.find(&LEADS, &[], &[("email", vec![])]).await, Ok(vec![]));
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn rows_with_other_columns_are_another_call() {
    let first = r#"[{"id":"2","email":"c"},{"id":"1","email":"a","updated_at":"2026-01-01T00:00:00+00:00"}]"#;
    let (project, script) = project([answer(201, first), answer(201, r#"[{"id":"3","email":"b"}]"#)]);
    let rows = [
        json!({"email": "a"}),
        json!({"email": "b", "city": null}),
        json!({"email": "c"}),
    ]
    .map(row);
    let outcomes = project.insert(&LEADS, &rows, &["email"]).await.unwrap();
    let ids: Vec<String> = outcomes.iter().map(|outcome| outcome.clone().unwrap().id).collect();
    assert_eq!(ids, ["1", "3", "2"]);
    let written = outcomes[0].as_ref().unwrap();
    assert_eq!(
        (written.action, written.modified),
        (Action::Inserted, Some("2026-01-01T00:00:00Z".parse().unwrap()))
    );
    let sent = script.requests();
    assert_eq!(json_of(&sent[0]), json!([{"email": "a"}, {"email": "c"}]));
    assert_eq!(json_of(&sent[1]), json!([{"email": "b", "city": null}]));
    assert_eq!(sent[0].headers()["prefer"], "return=representation, missing=default");
}

#[tokio::test]
async fn one_poisoned_row_does_not_take_the_others_along() {
    let (project, script) = project([
        refused(400, "22P02"),
        answer(201, r#"[{"id":"1","email":"a"}]"#),
        refused(400, "22P02"),
        refused(409, "23505"),
        refused(409, "23503"),
    ]);
    let rows = ["a", "b", "c", "d"].map(|email| row(json!({"email": email})));
    let outcomes = project.insert(&LEADS, &rows, &["email"]).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap().id, "1");
    assert!(matches!(outcomes[1], Err(CallError::Rejected(_))));
    assert!(matches!(outcomes[2], Err(CallError::Exists { .. })));
    assert!(matches!(outcomes[3], Err(CallError::Later(_))));
    assert_eq!(script.requests().len(), 5);
}

#[tokio::test]
async fn a_pause_ends_the_rows_one_by_one() {
    let (project, script) = project([
        refused(409, "23505"),
        answer(201, r#"[{"id":"1","email":"a"}]"#),
        answer_with(429, ("retry-after", "9"), ""),
    ]);
    let rows = ["a", "b", "c"].map(|email| row(json!({"email": email})));
    let outcomes = project.insert(&LEADS, &rows, &["email"]).await.unwrap();
    let wait = Some(std::time::Duration::from_secs(9));
    assert!(outcomes[0].is_ok());
    for outcome in &outcomes[1..] {
        assert!(matches!(outcome, Err(CallError::Wait { wait: stated, .. }) if *stated == wait));
    }
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn an_insert_whose_rows_do_not_come_back_is_unknown() {
    let (project, _) = project([
        answer(201, ""),
        answer(201, r#"[{"id":"1","email":"z"}]"#),
        refused(502, ""),
    ]);
    let rows = [row(json!({"email": "a"}))];
    assert!(matches!(
        project.insert(&LEADS, &rows, &["email"]).await,
        Err(CallError::Unknown(_))
    ));
    let outcomes = project.insert(&LEADS, &rows, &["email"]).await.unwrap();
    assert!(matches!(outcomes[0], Err(CallError::Unknown(_))));
    assert!(matches!(
        project.insert(&LEADS, &rows, &["email"]).await,
        Err(CallError::Unknown(_))
    ));
    assert_eq!(project.insert(&LEADS, &[], &["email"]).await, Ok(vec![]));
}

#[tokio::test]
async fn an_update_changes_one_row_or_none() {
    let (project, script) = project([
        answer(200, r#"[{"id":"7","city":"Mdina"}]"#),
        answer(200, "[]"),
        refused(400, "PGRST124"),
    ]);
    let changes = row(json!({"city": "Mdina"}));
    let written = project.update(&LEADS, "7", &changes).await.unwrap();
    assert_eq!((written.id.as_str(), written.action), ("7", Action::Updated));
    assert!(matches!(
        project.update(&LEADS, "8", &changes).await,
        Err(CallError::Gone(_))
    ));
    assert!(matches!(
        project.update(&LEADS, "9", &changes).await,
        Err(CallError::Rejected(_))
    ));
    let sent = &script.requests()[0];
    assert_eq!(
        (sent.method(), sent.uri().to_string().as_str()),
        (&Method::PATCH, "https://abc.supabase.co/rest/v1/leads?id=eq.7")
    );
    assert_eq!(
        sent.headers()["prefer"],
        "return=representation, handling=strict, max-affected=1"
    );
    assert_eq!(json_of(sent), json!({"city": "Mdina"}));
}

#[tokio::test]
async fn a_table_that_is_not_there_is_gone() {
    let (project, script) = project([
        answer(201, ""),
        refused(404, "PGRST205"),
        refused(404, "42P01"),
        refused(400, "42P10"),
    ]);
    let run = row(json!({"id": "run-1", "read": 3}));
    assert_eq!(project.upsert_row("sync_metadata", "id", &run).await, Ok(()));
    assert!(matches!(
        project.upsert_row("sync_metadata", "id", &run).await,
        Err(CallError::Gone(_))
    ));
    assert!(matches!(
        project.upsert_row("sync_metadata", "id", &run).await,
        Err(CallError::Gone(_))
    ));
    assert!(matches!(
        project.upsert_row("sync_metadata", "id", &run).await,
        Err(CallError::Rejected(_))
    ));
    let sent = &script.requests()[0];
    assert_eq!(sent.uri().query(), Some("on_conflict=id"));
    assert_eq!(
        sent.headers()["prefer"],
        "resolution=merge-duplicates, missing=default, return=minimal"
    );
}
