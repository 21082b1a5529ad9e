//! Netcash: one question, strictly, and what its two forms tell (docs/vendors.md §8.1, §8.2).

use crate::common::{Answer, Clock, request};
use rust_decimal::Decimal;
use serde_json::json;
use twins::netcash::{Settings, Unknown};
use twins::{Effect, Netcash};

const CHECK: &str = "/PayNow/TransactionStatus/Check";

fn service(settings: Settings) -> Netcash {
    Netcash::new(settings, Clock::new().now())
}

async fn ask(twin: &Netcash, method: &str, path: &str) -> Answer {
    let uri = format!("https://ws.netcash.co.za{path}");
    Answer::of(twin.call(request(method, &uri, &[], "")).await.unwrap())
}

#[tokio::test]
async fn what_is_not_documented_is_an_error() {
    let twin = service(Settings::default());
    twin.pay("114.1", "pay_7", Decimal::TEN, "1", true, "");
    let check = |query: &str| format!("{CHECK}{query}");
    for (method, path, status) in [
        ("GET", check("?RequestTrace=114.1"), 200),
        ("GET", check("?RequestTrace=114.2"), 200),
        ("GET", check(""), 400),
        ("GET", check("?RequestTrace="), 400),
        ("GET", check("?requesttrace=114.1"), 400),
        ("GET", check("?RequestTrace=114.1&key=x"), 400),
        ("POST", check("?RequestTrace=114.1"), 405),
        (
            "GET",
            "/PayNow/TransactionStatus/check?RequestTrace=114.1".to_owned(),
            404,
        ),
        ("GET", "/PayNow/PayNow.svc".to_owned(), 404),
    ] {
        assert_eq!(ask(&twin, method, &path).await.status, status, "{method} {path}");
    }
    assert_eq!((twin.count("check"), twin.count("unknown")), (7, 2));
    twin.faults().next("check", 1, Effect::Status(503));
    assert_eq!(ask(&twin, "GET", &check("?RequestTrace=114.1")).await.status, 503);
}

#[tokio::test]
async fn a_payment_is_told_in_either_form_and_settles_once() {
    for (as_text, accepted, amount) in [
        (true, json!("false"), json!("599.10")),
        (false, json!(false), json!(599.1)),
    ] {
        let twin = service(Settings {
            booleans_as_text: as_text,
            amounts_as_text: as_text,
            unknown: Unknown::Placeholder,
        });
        twin.pay("114.1", "pay_7", Decimal::new(59910, 2), "2", false, "Pending");
        let told = ask(&twin, "GET", &format!("{CHECK}?RequestTrace=114.1")).await.json();
        assert_eq!((&told["TransactionAccepted"], &told["Amount"]), (&accepted, &amount));
        assert_eq!((&told["Reason"], &told["Method"]), (&json!("Pending"), &json!("2")));
        assert!(twin.settle("114.1") && !twin.settle("114.1") && !twin.settle("114.2"));
        let form = String::from_utf8(twin.postback("114.1").unwrap().to_vec()).unwrap();
        assert!(
            form.starts_with("TransactionAccepted=true&") && form.contains("&Amount=599.10&"),
            "{form}"
        );
        assert!(!form.contains("ccToken"), "no card was used");
        assert_eq!(twin.postback("114.2"), None);
    }
}

#[tokio::test]
async fn a_trace_that_nobody_knows_is_told_in_the_form_that_was_set() {
    for (unknown, expected) in [
        (Unknown::Placeholder, Some(json!("0.0"))),
        (Unknown::NoTrace, Some(json!(null))),
        (Unknown::Another, Some(json!("114.000000000001"))),
        (Unknown::Empty, None),
    ] {
        let twin = service(Settings {
            unknown,
            ..Settings::default()
        });
        let told = ask(&twin, "GET", &format!("{CHECK}?RequestTrace=114.9")).await;
        let trace = (!told.text.is_empty()).then(|| told.json()["RequestTrace"].clone());
        assert_eq!((told.status, trace), (200, expected));
    }
}
