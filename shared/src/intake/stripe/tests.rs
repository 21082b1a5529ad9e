//! Events, and what they say of money.

use super::*;
use serde_json::{Value as Json, json};

fn snapshot(kind: &str, object: Json) -> Json {
    json!({"id": "evt_1", "object": "event", "type": kind, "created": 1_767_225_600, "livemode": false,
        "api_version": "2026-01-28", "data": {"object": object}})
}

fn said(kind: &str, object: Json) -> Result<Meaning, String> {
    meaning(&Event::parse(&snapshot(kind, object)).unwrap())
}

fn payment(transaction: &str, amount: &str, reference: Option<&str>) -> Payment {
    Payment {
        transaction: transaction.to_owned(),
        amount: amount.parse().unwrap(),
        currency: "ZAR".to_owned(),
        reference: reference.map(str::to_owned),
    }
}

/// The three objects of one payment.
fn intent() -> Json {
    json!({"id": "pi_1", "object": "payment_intent", "amount": 60000, "amount_received": 59910, "currency": "zar",
        "metadata": {"payment_id": "pay_7"}})
}

fn charge() -> Json {
    json!({"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount": 60000, "amount_captured": 59910,
        "amount_refunded": 0, "captured": true, "currency": "zar", "metadata": {"payment_id": "pay_7"}})
}

fn session() -> Json {
    json!({"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1", "amount_total": 59910, "currency": "zar",
        "payment_status": "paid", "client_reference_id": "pay_7", "metadata": {}})
}

fn with(mut object: Json, changes: Json) -> Json {
    let fields = object.as_object_mut().unwrap();
    fields.extend(changes.as_object().unwrap().clone());
    object
}

#[test]
fn all_events_of_one_payment_name_the_same() {
    let paid = Ok(Meaning::Paid(payment("pi_1", "599.10", Some("pay_7"))));
    for (kind, object) in [
        ("payment_intent.succeeded", intent()),
        ("charge.succeeded", charge()),
        ("checkout.session.completed", session()),
        ("checkout.session.async_payment_succeeded", session()),
    ] {
        assert_eq!(said(kind, object), paid, "{kind}");
    }
    let alone = with(charge(), json!({"payment_intent": null}));
    let expected = payment("ch_1", "599.10", Some("pay_7"));
    assert_eq!(said("charge.succeeded", alone), Ok(Meaning::Paid(expected)));
}

#[test]
fn refunds_and_disputes_name_the_payment() {
    let refunded = with(charge(), json!({"amount_refunded": 10050}));
    let expected = Meaning::Refunded(payment("pi_1", "100.50", Some("pay_7")));
    assert_eq!(said("charge.refunded", refunded), Ok(expected));
    let dispute = json!({"id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1", "amount": 59910,
        "currency": "zar", "metadata": {}});
    let expected = |id| Ok(Meaning::Disputed(payment(id, "599.10", None)));
    assert_eq!(said("charge.dispute.created", dispute.clone()), expected("pi_1"));
    let alone = with(dispute, json!({"payment_intent": null}));
    assert_eq!(said("charge.dispute.created", alone), expected("ch_1"));
}

#[test]
fn our_reference_is_looked_for_in_order() {
    for (metadata, client, expected) in [
        (json!({"payment_id": "a", "transaction_id": "b"}), json!("c"), Some("a")),
        (json!({"payment_id": " ", "transaction_id": "b"}), json!("c"), Some("b")),
        (json!({"order": "a"}), json!(" c "), Some("c")),
        (json!({}), json!(null), None),
        (json!(null), json!(""), None),
        (json!({"payment_id": 7}), json!(null), None),
    ] {
        let object = with(session(), json!({"metadata": metadata, "client_reference_id": client}));
        let expected = Meaning::Paid(payment("pi_1", "599.10", expected));
        assert_eq!(said("checkout.session.completed", object), Ok(expected), "{metadata}");
    }
}

#[test]
fn what_is_no_money_is_ignored() {
    for (kind, object) in [
        (
            "charge.succeeded",
            with(charge(), json!({"captured": false, "amount_captured": 0})),
        ),
        (
            "checkout.session.completed",
            with(session(), json!({"payment_status": "unpaid"})),
        ),
        (
            "checkout.session.completed",
            with(session(), json!({"payment_status": "no_payment_required"})),
        ),
        (
            "checkout.session.completed",
            with(session(), json!({"payment_intent": null})),
        ),
        ("checkout.session.expired", session()),
        ("checkout.session.async_payment_failed", session()),
        ("payment_intent.created", intent()),
        ("payment_intent.processing", intent()),
        ("payment_intent.payment_failed", intent()),
        ("charge.failed", charge()),
        ("charge.pending", charge()),
        ("charge.dispute.closed", json!({})),
        ("customer.created", json!({"id": "cus_1"})),
        ("invoice.paid", json!({"id": "in_1"})),
    ] {
        let meant = said(kind, object);
        assert!(matches!(meant, Ok(Meaning::Ignored(_))), "{kind}: {meant:?}");
    }
}

#[test]
fn what_cannot_be_read_is_named_without_its_value() {
    for (kind, object, expected) in [
        (
            "payment_intent.succeeded",
            with(intent(), json!({"id": null})),
            "id is missing",
        ),
        (
            "payment_intent.succeeded",
            with(intent(), json!({"amount_received": 599.1})),
            "amount_received is not a whole number",
        ),
        (
            "payment_intent.succeeded",
            with(intent(), json!({"amount_received": "59910"})),
            "amount_received is not a whole number",
        ),
        (
            "payment_intent.succeeded",
            with(intent(), json!({"amount_received": -1})),
            "amount_received is not a whole number",
        ),
        (
            "charge.succeeded",
            with(charge(), json!({"captured": null})),
            "captured is missing",
        ),
        (
            "charge.succeeded",
            with(charge(), json!({"amount_captured": null})),
            "amount_captured is not a whole number",
        ),
        (
            "charge.succeeded",
            with(charge(), json!({"currency": null})),
            "currency is missing",
        ),
        (
            "charge.succeeded",
            with(charge(), json!({"currency": "rand"})),
            "currency is not a code of three letters",
        ),
        (
            "checkout.session.completed",
            with(session(), json!({"payment_status": null})),
            "payment_status is missing",
        ),
        (
            "charge.dispute.created",
            json!({"amount": 1, "currency": "zar"}),
            "charge is missing",
        ),
    ] {
        assert_eq!(said(kind, object.clone()), Err(expected.to_owned()), "{kind} {object}");
    }
}

#[test]
fn both_forms_of_event_are_read() {
    let body = snapshot("charge.succeeded", charge());
    let event = Event::parse(&body).unwrap();
    assert_eq!(
        (event.id.as_str(), event.kind.as_str(), event.is_thin),
        ("evt_1", "charge.succeeded", false)
    );
    assert_eq!(event.created, "2026-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(event.object, Some(charge()));
    let thin = json!({"id": "evt_2", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-01-01T00:00:00.330Z", "livemode": true, "data": {"object": {"id": "x"}},
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"}});
    let event = Event::parse(&thin).unwrap();
    assert_eq!((event.is_thin, &event.object), (true, &None));
    assert_eq!(event.created, "2026-01-01T00:00:00.330Z".parse().unwrap());
    assert!(matches!(meaning(&event), Ok(Meaning::Ignored(_))));
}

#[test]
fn what_is_no_event_is_refused() {
    let good = snapshot("charge.succeeded", charge());
    for (changes, expected) in [
        (json!({"object": "charge"}), "object is neither event nor v2.core.event"),
        (json!({"object": null}), "object is neither event nor v2.core.event"),
        (json!({"id": ""}), "id is missing"),
        (json!({"id": 7}), "id is missing"),
        (json!({"type": null}), "type is missing"),
        (json!({"data": {}}), "data.object is missing"),
        (json!({"data": {"object": "ch_1"}}), "data.object is missing"),
        (json!({"created": "2026-01-01T00:00:00Z"}), "created is not a time"),
        (json!({"created": i64::MAX}), "created is not a time"),
        (json!({"object": "v2.core.event"}), "created is not a time"),
    ] {
        assert_eq!(
            Event::parse(&with(good.clone(), changes.clone())),
            Err(expected.to_owned()),
            "{changes}"
        );
    }
    for nothing in [json!(null), json!([]), json!("evt_1")] {
        assert!(Event::parse(&nothing).is_err());
    }
}
