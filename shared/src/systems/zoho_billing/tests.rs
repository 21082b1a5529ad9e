//! What goes over the wire, and what comes of answers that no well-behaved Zoho gives.

use super::*;
use crate::systems::http::script::{Script, answer, answer_with, json_of, query_of};
use crate::systems::{Action, CallError};
use jiff::civil::date;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

type Answer = Result<::http::Response<bytes::Bytes>, crate::systems::http::TransportError>;

fn billing<const N: usize>(answers: [Answer; N]) -> (ZohoBilling, Arc<Script>) {
    let (http, script) = Script::http(answers);
    let base = Base::parse("https://www.zohoapis.com").unwrap();
    (ZohoBilling::new(http, base, "10234695".to_owned()), script)
}

fn access() -> Access {
    Access {
        token: "t0ken".into(),
        api_domain: Some(Url::parse("https://www.zohoapis.eu").unwrap()),
    }
}

fn done(one: &str, object: &Json) -> Answer {
    answer(201, &json!({"code": 0, "message": "done", (one): object}).to_string())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

async fn at_once() -> Result<(), CallError> {
    Ok(())
}

#[tokio::test]
async fn a_write_names_host_organisation_and_token() {
    let object = json!({"customer_id": "903000000000099", "updated_time": "2016-06-05T02:30:08-0700"});
    let (billing, script) = billing([done("customer", &object)]);
    let fields = json!({"display_name": "Deli", "email": "a@b.c"});
    let written = billing
        .create_customer(&access(), fields.as_object().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (written.id.as_str(), written.action),
        ("903000000000099", Action::Inserted)
    );
    assert_eq!(written.modified, Some("2016-06-05T09:30:08Z".parse().unwrap()));
    let sent = script.only();
    assert_eq!(
        (sent.method(), sent.uri().to_string().as_str()),
        (&Method::POST, "https://www.zohoapis.eu/billing/v1/customers")
    );
    assert_eq!(sent.headers()["authorization"], "Zoho-oauthtoken t0ken");
    assert_eq!(sent.headers()["x-com-zoho-subscriptions-organizationid"], "10234695");
    assert_eq!(json_of(&sent), fields);
}

#[tokio::test]
async fn an_invoice_is_not_mailed_and_keeps_our_number() {
    let (billing, script) = billing([done("invoice", &json!({"invoice_id": "7", "invoice_number": "A-1"}))]);
    let line = Line {
        product_id: "5".to_owned(),
        name: "Router".to_owned(),
        description: "Wi-Fi 6".to_owned(),
        price: "1299.90".parse().unwrap(),
        quantity: 2,
    };
    let new = NewInvoice {
        customer_id: "3".to_owned(),
        number: "A-1".to_owned(),
        date: date(2026, 11, 21),
        due_date: Some(date(2026, 12, 1)),
        lines: vec![line],
    };
    billing.create_invoice(&access(), &new).await.unwrap();
    let sent = script.only();
    assert_eq!(
        query_of(&sent),
        pairs(&[("send", "false"), ("ignore_auto_number_generation", "true")])
    );
    let body = String::from_utf8(sent.body().to_vec()).unwrap();
    assert!(body.contains(r#""price":1299.9"#), "{body}");
    assert_eq!(json_of(&sent)["date"], "2026-11-21");
    assert_eq!(json_of(&sent)["due_date"], "2026-12-01");
    assert_eq!(json_of(&sent)["invoice_number"], "A-1");
}

#[tokio::test]
async fn a_subscription_is_never_charged_by_zoho() {
    let (billing, script) = billing([
        done("subscription", &json!({"subscription_id": "7"})),
        done("subscription", &json!({"subscription_id": "7"})),
    ]);
    let new = NewSubscription {
        customer_id: "3".to_owned(),
        plan_code: "fibre-100".to_owned(),
        price: None,
        reference: "svc-1".to_owned(),
        starts_at: date(2026, 12, 1),
    };
    billing.create_subscription(&access(), &new).await.unwrap();
    billing.cancel_subscription(&access(), "7", End::OfTerm).await.unwrap();
    let sent = script.requests();
    let expected = json!({"customer_id": "3", "plan": {"plan_code": "fibre-100"}, "reference_id": "svc-1",
        "starts_at": "2026-12-01", "auto_collect": false});
    assert_eq!(json_of(&sent[0]), expected);
    assert_eq!(sent[1].uri().path(), "/billing/v1/subscriptions/7/cancel");
    assert_eq!(query_of(&sent[1]), pairs(&[("cancel_at_end", "true")]));
}

#[tokio::test]
async fn a_payment_is_one_body_of_exact_amounts() {
    let (billing, script) = billing([done("payment", &json!({"payment_id": "7"}))]);
    let applied = Applied {
        invoice_id: "5".to_owned(),
        amount: "500.05".parse().unwrap(),
    };
    let new = NewPayment {
        customer_id: "3".to_owned(),
        mode: Mode::CreditCard,
        amount: "599.10".parse().unwrap(),
        date: date(2026, 11, 21),
        reference: "pay-1".to_owned(),
        description: "card".to_owned(),
        applied: vec![applied],
    };
    billing.create_payment(&access(), &new).await.unwrap();
    let expected: Json = serde_json::from_str(
        r#"{"customer_id":"3","payment_mode":"creditcard","amount":599.1,"date":"2026-11-21",
            "reference_number":"pay-1","description":"card","invoices":[{"invoice_id":"5","amount_applied":500.05}]}"#,
    )
    .unwrap();
    assert_eq!(json_of(&script.only()), expected);
}

#[tokio::test]
async fn a_plan_code_cannot_leave_its_place_in_the_path() {
    let (billing, script) = billing([done("plan", &json!({"plan_code": "a/b?c"}))]);
    assert!(billing.plan(&access(), "a/b?c").await.is_ok());
    assert_eq!(script.only().uri().path(), "/billing/v1/plans/a%2Fb%3Fc");
}

#[tokio::test]
async fn a_success_that_is_not_zohos_leaves_a_write_unknown() {
    let (billing, _) = billing([
        answer(200, "<html>"),
        answer(200, ""),
        answer(200, r#"{"message": "done"}"#),
        answer(201, r#"{"code": 0, "message": "done"}"#),
        done("product", &json!({"name": "without an id"})),
        done("product", &json!({"product_id": "9"})),
    ]);
    for _ in 0..6 {
        let result = billing.update_product(&access(), "7", "Fibre", "").await;
        assert!(matches!(result, Err(CallError::Unknown(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_read_that_cannot_be_believed_is_asked_again() {
    let (billing, _) = billing([
        answer(200, "<html>"),
        answer(200, r#"{"code": 0, "message": "success"}"#),
        done("product", &json!({"product_id": "9"})),
    ]);
    for _ in 0..3 {
        let result = billing.product(&access(), "7").await;
        assert!(matches!(result, Err(CallError::Later(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_list_ends_where_zoho_says_or_with_a_page_that_is_not_full() {
    let rows = |count: usize| {
        (0..count)
            .map(|n| json!({"product_id": n.to_string()}))
            .collect::<Vec<_>>()
    };
    let list = |count: usize, context: Json| {
        let body = json!({"code": 0, "message": "success", "products": rows(count), "page_context": context});
        answer(200, &body.to_string())
    };
    for (count, context, next) in [
        (200, json!({"has_more_page": true}), Some(4)),
        (200, json!({"has_more_page": false}), None),
        (3, json!({"has_more_page": true}), Some(4)),
        (200, json!(null), Some(4)),
        (199, json!(null), None),
    ] {
        let (billing, script) = billing([list(count, context.clone())]);
        let page = billing.products(&access(), 3).await.unwrap();
        assert_eq!((page.rows.len(), page.next), (count, next), "{context}");
        assert_eq!(query_of(&script.only()), pairs(&[("page", "3"), ("per_page", "200")]));
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_not_taken_for_an_absent_one() {
    let body = json!({"code": 0, "products": [{"name": "Fibre"}], "page_context": {"has_more_page": false}});
    let (billing, _) = billing([answer(200, &body.to_string()), answer(200, r#"{"code": 0}"#)]);
    for _ in 0..2 {
        let found = billing.find_product(&access(), "Fibre", &at_once).await;
        assert!(matches!(found, Err(CallError::Later(_))), "{found:?}");
    }
}

#[tokio::test]
async fn a_stated_wait_is_kept_whatever_the_code() {
    let (billing, _) = billing([answer_with(
        429,
        ("retry-after", "1234"),
        r#"{"code": 44, "message": "m"}"#,
    )]);
    let result = billing.products(&access(), 1).await;
    let expected = Some(Duration::from_secs(1234));
    assert!(
        matches!(&result, Err(CallError::Wait { wait, .. }) if *wait == expected),
        "{result:?}"
    );
}
