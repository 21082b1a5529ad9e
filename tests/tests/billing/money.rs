//! No way that money takes loses a cent: a number or a text of the API, a row of the app's, the record, Zoho.

use super::door::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use serde_json::{Number, Value, json};
use std::str::FromStr as _;
use twins::billing::Kind;

/// An amount in cents, and how a caller writes it.
fn amounts() -> impl Strategy<Value = Vec<(i64, u8)>> {
    let cents = prop_oneof![
        1_i64..1_000,
        1_i64..10_000_000,
        Just(10),
        Just(29),
        Just(57),
        Just(113),
        Just(99_999_999_999),
    ];
    prop::collection::vec((cents, 0_u8..4), 8)
}

/// Texts with and without trailing zeros, and JSON's numbers, which nobody may read as floats.
fn written(amount: Decimal, form: u8) -> Value {
    let number = |text: String| Value::Number(Number::from_str(&text).unwrap());
    match form {
        0 => json!(format!("{amount:.2}")),
        1 => json!(amount.normalize().to_string()),
        2 => number(format!("{amount:.2}")),
        _ => number(amount.normalize().to_string()),
    }
}

/// A property of the whole bundle: a world for each case, so that there are few cases with many amounts each.
fn for_all(check: impl AsyncFn(Vec<(i64, u8)>)) {
    let mut runner = TestRunner::new(Config {
        cases: 3,
        failure_persistence: None,
        ..Config::default()
    });
    let run = runner.run(&amounts(), |amounts| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.unwrap().block_on(check(amounts));
        Ok(())
    });
    run.unwrap();
}

#[test]
fn payments_by_the_api_and_by_the_table_arrive_to_the_cent() {
    for_all(async |amounts| {
        let world = world().await;
        put(&world, "/customers", customer()).await;
        let mut sum = Decimal::ZERO;
        for (place, (cents, form)) in amounts.into_iter().enumerate() {
            let (amount, id) = (Decimal::new(cents, 2), format!("pay_{place}"));
            sum += amount;
            let parts = json!({"id": id, "invoice_id": null, "amount": written(amount, form)});
            match place % 2 {
                0 => _ = put(&world, "/payments", with(payment(), parts)).await,
                _ => {
                    _ = world
                        .systems
                        .app
                        .insert_row("payment_transactions", with(payment(), parts))
                        .unwrap()
                }
            }
            world.settle().await;
            let shown = get(&world, &format!("/payments/{id}")).await;
            assert_eq!(money(&shown["fields"]["amount"]), amount, "{shown:#}");
        }
        minutes(&world, 2).await;
        let there: Decimal = rows(&world, Kind::Payment).iter().map(|it| money(&it["amount"])).sum();
        assert_eq!((there, rows(&world, Kind::Payment).len()), (sum, 8));
        assert_eq!(money(&one(&world, Kind::Customer)["unused_credits"]), sum);
    });
}

#[test]
fn invoices_come_to_their_lines_and_are_paid_to_the_cent() {
    for_all(async |amounts| {
        let world = world().await;
        put(&world, "/customers", customer()).await;
        let total: Decimal = amounts.iter().map(|it| Decimal::new(it.0, 2)).sum();
        let line = |(cents, form): &(i64, u8)| json!({"name": "x", "price": written(Decimal::new(*cents, 2), *form)});
        let lines: Vec<Value> = amounts.iter().map(line).collect();
        put(
            &world,
            "/invoices",
            with(invoice(), json!({"amount": total.to_string(), "lines": lines})),
        )
        .await;
        minutes(&world, 1).await;
        assert_eq!(
            money(&one(&world, Kind::Invoice)["total"]),
            total,
            "{:#}",
            standing(&world, "invoice", "inv_1").await
        );
        for (place, (cents, form)) in amounts.iter().enumerate() {
            let amount = written(Decimal::new(*cents, 2), *form);
            let id = format!("pay_{place}");
            put(
                &world,
                "/payments",
                with(payment(), json!({"id": id, "amount": amount})),
            )
            .await;
            minutes(&world, 1).await;
        }
        let invoice = one(&world, Kind::Invoice);
        assert_eq!(
            (&invoice["status"], money(&invoice["balance"])),
            (&json!("paid"), Decimal::ZERO)
        );
        assert_eq!(money(&one(&world, Kind::Customer)["unused_credits"]), Decimal::ZERO);
    });
}

#[test]
fn prices_of_plans_and_services_arrive_to_the_cent() {
    for_all(async |amounts| {
        let world = world().await;
        live(&world).await;
        for (cents, form) in amounts {
            let amount = Decimal::new(cents, 2);
            put(&world, "/plans", with(plan(), json!({"price": written(amount, form)}))).await;
            assert_eq!(money(&one(&world, Kind::Plan)["recurring_price"]), amount);
        }
        assert_synced(&world, "plan", "fibre-100").await;
    });
}
