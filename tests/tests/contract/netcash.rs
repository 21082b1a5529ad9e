//! Payments over Netcash: what its service answers, and what a postback announces.

use crate::transport::{http, now};
use rust_decimal::Decimal;
use shared::systems::CallError;
use shared::systems::http::Base;
use shared::systems::netcash::{Netcash, PaidBy, Postback, event_id, paid_by};
use std::time::Duration;
use twins::Effect;
use twins::netcash::{Settings, Unknown};

const TRACE: &str = "114.228862205218";

fn service(settings: Settings) -> (twins::Netcash, Netcash) {
    let twin = twins::Netcash::new(settings, now());
    let base = Base::parse("https://ws.netcash.co.za").unwrap();
    (twin.clone(), Netcash::new(http(twin), base))
}

fn rand() -> Decimal {
    Decimal::new(59910, 2)
}

fn announced(twin: &twins::Netcash) -> Postback {
    Postback::parse(&twin.postback(TRACE).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_read_in_all_forms_that_its_answers_may_have() {
    for booleans_as_text in [true, false] {
        for amounts_as_text in [true, false] {
            let (twin, netcash) = service(Settings {
                booleans_as_text,
                amounts_as_text,
                ..Settings::default()
            });
            twin.pay(TRACE, "pay_7", rand(), "1", true, "");
            let found = netcash.check(TRACE).await.unwrap().unwrap();
            assert_eq!((found.trace.as_str(), found.reference.as_str()), (TRACE, "pay_7"));
            assert_eq!((found.amount, found.accepted), (rand(), true));
            assert_eq!(paid_by(&found.method), PaidBy::CreditCard);
            assert!(
                !format!("{found:?}").contains("PERSON"),
                "the card's holder is not read"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_eft_is_announced_twice_and_counts_once_it_has_settled() {
    let (twin, netcash) = service(Settings::default());
    twin.pay(TRACE, "pay_7", rand(), "2", false, "Pending");
    let first = announced(&twin);
    let found = netcash.check(&first.trace).await.unwrap().unwrap();
    assert_eq!((found.accepted, found.reason.as_str()), (false, "Pending"));
    assert_eq!(paid_by(&found.method), PaidBy::BankTransfer);
    assert_eq!(
        event_id(&first),
        event_id(&announced(&twin)),
        "a copy is no second event"
    );

    assert!(twin.settle(TRACE));
    let second = announced(&twin);
    assert_ne!(event_id(&first), event_id(&second));
    let found = netcash.check(&second.trace).await.unwrap().unwrap();
    assert!(found.accepted && second.accepted);
    assert_eq!(found.reference, second.reference);
}

#[tokio::test(start_paused = true)]
async fn a_postback_that_somebody_made_up_is_known_to_nobody() {
    let (twin, netcash) = service(Settings::default());
    let forged = format!("TransactionAccepted=true&RequestTrace={TRACE}&Reference=pay_7&Amount=1.00&Reason=");
    let forged = Postback::parse(forged.as_bytes()).unwrap();
    assert_eq!(netcash.check(&forged.trace).await, Ok(None));
    // One that lies about a payment that failed is told the truth.
    twin.pay(TRACE, "pay_7", rand(), "1", false, "Declined");
    let found = netcash.check(&forged.trace).await.unwrap().unwrap();
    assert!(forged.accepted && !found.accepted);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_about_the_trace_is_none() {
    for unknown in [Unknown::NoTrace, Unknown::Another, Unknown::Empty] {
        let (_, netcash) = service(Settings {
            unknown,
            ..Settings::default()
        });
        let odd = netcash.check(TRACE).await;
        assert!(matches!(odd, Err(CallError::Later(_))), "{unknown:?}: {odd:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn lost_answers_and_refusals_say_what_to_do_next() {
    let (twin, netcash) = service(Settings::default());
    twin.pay(TRACE, "pay_7", rand(), "1", true, "");
    let minute = Duration::from_secs(60);
    for (effect, expected) in [
        (Effect::LoseBefore, "Silent"),
        (Effect::LoseAfter, "Silent"),
        (Effect::Slow(minute), "Silent"),
        (Effect::SlowAnswer(minute), "Silent"),
        (Effect::Status(500), "Later"),
        (Effect::Status(503), "Later"),
        (Effect::Status(429), "Wait"),
        (Effect::Status(403), "Forbidden"),
        (Effect::Status(404), "Rejected"),
    ] {
        twin.faults().next("check", 1, effect.clone());
        let refused = netcash.check(TRACE).await.unwrap_err();
        assert!(format!("{refused:?}").starts_with(expected), "{effect:?}: {refused:?}");
    }
    assert!(netcash.check(TRACE).await.unwrap().unwrap().accepted);
}

#[tokio::test(start_paused = true)]
async fn any_text_may_be_asked_for() {
    let (twin, netcash) = service(Settings::default());
    for trace in ["1&key=2", "a b+c", "é%20#?", "x".repeat(100).as_str()] {
        assert_eq!(netcash.check(trace).await, Ok(None), "{trace}");
    }
    assert_eq!(twin.count("unknown"), 0);
    assert!(
        matches!(netcash.check(" ").await, Err(CallError::Rejected(_))),
        "the service wants a trace"
    );
}
