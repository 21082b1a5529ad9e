//! What goes over the wire.

use super::*;
use crate::systems::http::script::{Script, answer, answer_with, query_of};

fn netcash<const N: usize>(
    answers: [Result<http::Response<bytes::Bytes>, crate::systems::http::TransportError>; N],
) -> (Netcash, std::sync::Arc<Script>) {
    let (http, script) = Script::http(answers);
    (
        Netcash::new(http, Base::parse("https://ws.netcash.co.za").unwrap()),
        script,
    )
}

#[tokio::test]
async fn asks_for_the_trace_and_shows_no_key() {
    let body = r#"{"RequestTrace":"1.2","Amount":"10.00","TransactionAccepted":true,"Reference":"p"}"#;
    let (netcash, script) = netcash([answer(200, body)]);
    let found = netcash.check("1.2").await.unwrap().unwrap();
    assert!(found.accepted && found.reference == "p");
    let sent = script.only();
    assert_eq!(
        (sent.method().as_str(), sent.uri().path()),
        ("GET", "/PayNow/TransactionStatus/Check")
    );
    assert_eq!(query_of(&sent), [("RequestTrace".to_owned(), "1.2".to_owned())]);
    assert!(!sent.headers().contains_key("authorization"));
}

#[tokio::test]
async fn a_trace_cannot_leave_its_parameter() {
    let (netcash, script) = netcash([answer(200, "{}")]);
    drop(netcash.check("1&RequestTrace=2#x").await);
    let sent = script.only();
    assert_eq!(
        query_of(&sent),
        [("RequestTrace".to_owned(), "1&RequestTrace=2#x".to_owned())]
    );
}

#[tokio::test]
async fn what_is_no_answer_is_asked_again() {
    let (netcash, _) = netcash([
        answer(200, "<html>"),
        answer(200, ""),
        answer(204, ""),
        answer(502, "<html>"),
        answer_with(503, ("retry-after", "9"), ""),
        answer(302, ""),
    ]);
    for expected in ["Later", "Later", "Later", "Later", "Wait", "Rejected"] {
        let shown = format!("{:?}", netcash.check("1.2").await.unwrap_err());
        assert!(shown.starts_with(expected), "{shown}");
    }
}
