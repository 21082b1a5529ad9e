//! The twin's rules, call by call.

use super::super::Desk;
use super::start;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use twins::Twin as _;

fn desk() -> Desk {
    Desk::new(Arc::new(start))
}

async fn call_with(desk: &Desk, key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("https://desk.example{path}"))
        .header("authorization", key);
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    let answer = desk.call(request).await.unwrap();
    let body = serde_json::from_slice(answer.body()).unwrap();
    (answer.status().as_u16(), body)
}

async fn call(desk: &Desk, method: &str, path: &str, body: &str) -> (u16, Value) {
    call_with(desk, "Bearer desk-key", method, path, body).await
}

/// A desk with a caller and its ticket.
async fn with_ticket() -> Desk {
    let desk = desk();
    let caller = call(&desk, "POST", "/api/callers", r#"{"ref": "c1", "name": " Maria "}"#).await;
    let shown = json!({"id": "caller-1", "ref": "c1", "name": "Maria", "modified_at": "2026-11-21T10:00:00Z"});
    assert_eq!(caller, (201, shown));
    let ticket = call(
        &desk,
        "POST",
        "/api/tickets",
        r#"{"ref": "t1", "caller_id": "caller-1"}"#,
    )
    .await;
    assert_eq!(ticket.0, 201);
    desk
}

/// A call of a desk with a caller and its ticket, its status, and the violation that is noted, if one is.
const CASES: [(&str, &str, &str, u16, &str); 26] = [
    ("GET", "/api/callers/caller-1", "", 200, ""),
    ("GET", "/api/callers?ref=c1", "", 200, ""),
    ("GET", "/api/callers?ref=none", "", 200, ""),
    ("GET", "/api/tickets?ref=t1", "", 200, ""),
    ("GET", "/api/tickets/caller-1", "", 404, ""),
    ("GET", "/api/notes?ref=n1", "", 404, "no such list"),
    ("GET", "/api/callers", "", 404, "no such path"),
    ("GET", "/api/callers?name=x", "", 404, "no such list"),
    ("GET", "/api/orders?ref=c1", "", 404, "no such path"),
    ("GET", "/callers", "", 404, "no such path"),
    ("DELETE", "/api/callers/caller-1", "", 404, "no such path"),
    ("PUT", "/api/callers/caller-1", r#"{"name": "Ann"}"#, 200, ""),
    ("PUT", "/api/callers/caller-1", r#"{"name": null}"#, 200, ""),
    ("PUT", "/api/callers/caller-9", r#"{"name": "Ann"}"#, 404, ""),
    ("PUT", "/api/callers/caller-1", r#"{"name": 7}"#, 400, "name is no text"),
    (
        "PUT",
        "/api/tickets/ticket-1",
        r#"{"caller_id": null}"#,
        400,
        "caller_id is no text",
    ),
    (
        "PUT",
        "/api/tickets/ticket-1",
        r#"{"caller_id": "c9"}"#,
        422,
        "child before its parent: no caller c9",
    ),
    ("POST", "/api/callers", r#"{"name": "Ann"}"#, 400, "no ref"),
    (
        "POST",
        "/api/callers",
        r#"{"ref": "c2", "colour": "red"}"#,
        400,
        "unknown field colour",
    ),
    (
        "POST",
        "/api/callers",
        r#"{"ref": "c2", "ticket_id": "ticket-1"}"#,
        400,
        "unknown field ticket_id",
    ),
    ("POST", "/api/callers", "[]", 400, "not a JSON object"),
    ("POST", "/api/callers", "{", 400, "not a JSON object"),
    (
        "POST",
        "/api/tickets",
        r#"{"ref": "t2"}"#,
        422,
        "child before its parent: no caller_id",
    ),
    (
        "POST",
        "/api/tickets",
        r#"{"ref": "t2", "caller_id": "c9"}"#,
        422,
        "child before its parent: no caller c9",
    ),
    (
        "POST",
        "/api/notes",
        r#"{"ref": "n1", "ticket_id": "caller-1"}"#,
        422,
        "child before its parent: no ticket caller-1",
    ),
    (
        "POST",
        "/api/notes",
        r#"{"ref": "n1", "ticket_id": "ticket-1"}"#,
        201,
        "",
    ),
];

#[tokio::test]
async fn what_is_answered_and_what_is_a_violation() {
    for (method, path, body, status, violation) in CASES {
        let desk = with_ticket().await;
        assert_eq!(
            call(&desk, method, path, body).await.0,
            status,
            "{method} {path} {body}"
        );
        let noted = desk.violations();
        let at = path.split('?').next().unwrap();
        let expected = format!("2026-11-21T10:00:00Z {method} {at}: {violation}");
        let expected = if violation.is_empty() { vec![] } else { vec![expected] };
        assert_eq!(noted, expected, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn two_equal_posts_make_two_objects_and_a_null_clears() {
    let desk = with_ticket().await;
    call(&desk, "POST", "/api/callers", r#"{"ref": "c 1&", "name": "x"}"#).await;
    call(&desk, "POST", "/api/callers", r#"{"ref": "c 1&", "name": "x"}"#).await;
    let (_, list) = call(&desk, "GET", "/api/callers?ref=c%201%26", "").await;
    assert_eq!(
        (list[0]["id"].as_str(), list[1]["id"].as_str()),
        (Some("caller-2"), Some("caller-3"))
    );
    call(&desk, "PUT", "/api/callers/caller-2", r#"{"name": null}"#).await;
    assert_eq!(desk.objects()["caller/caller-2"], json!({"ref": "c 1&"}));
    assert_eq!(desk.objects().len(), 4);
}

#[tokio::test]
async fn without_the_key_nothing_is_shown() {
    let desk = with_ticket().await;
    for key in ["", "Bearer other", "desk-key"] {
        assert_eq!(call_with(&desk, key, "GET", "/api/callers/caller-1", "").await.0, 401);
    }
    assert_eq!(desk.violations().len(), 3);
}

#[tokio::test]
async fn a_ninth_call_is_told_to_come_back_in_a_minute() {
    let desk = desk();
    for _ in 0..8 {
        call(&desk, "GET", "/api/callers?ref=c1", "").await;
    }
    let request = Request::get("https://desk.example/api/callers?ref=c1");
    let answer = desk.call(request.body(Bytes::new()).unwrap()).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"60".parse().unwrap())
    );
    assert_eq!(
        desk.violations(),
        ["2026-11-21T10:00:00Z GET /api/callers: 9 calls in ten seconds"]
    );
}

/// A call that its caller gave up is in flight no more; it has acted.
#[tokio::test(start_paused = true)]
async fn three_calls_at_once_and_one_that_is_given_up() {
    let desk = desk();
    desk.takes(Duration::from_secs(5));
    let post = || call(&desk, "POST", "/api/callers", r#"{"ref": "c1"}"#);
    let given_up = tokio::time::timeout(Duration::from_secs(1), post()).await;
    assert!(given_up.is_err());
    let three = tokio::join!(post(), post(), post());
    assert_eq!((three.0.0, three.1.0, three.2.0), (201, 201, 201));
    assert_eq!((desk.objects().len(), desk.violations().len()), (4, 0));
    let four = tokio::join!(post(), post(), post(), post());
    assert_eq!((four.2.0, four.3.0), (201, 429));
    assert_eq!(
        desk.violations(),
        ["2026-11-21T10:00:00Z POST /api/callers: 4 calls at once"]
    );
}
