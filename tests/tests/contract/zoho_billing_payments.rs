//! Zoho Billing: payments, while Zoho behaves and where its documentation leaves open how.

use crate::zoho_billing::{Org, at_once, roomy};
use crate::zoho_billing_money::{TODAY, amount, books, shop};
use shared::systems::CallError;
use shared::systems::zoho_billing::{Found, PaymentKey};
use twins::Effect;
use twins::billing::{Settings, TransactionIds};

#[tokio::test(start_paused = true)]
async fn a_payment_pays_its_invoice_and_the_rest_is_credit() {
    let shop = shop(Settings::default()).await;
    let Org { billing, access, .. } = &shop.org;
    let draft = billing
        .create_invoice(access, &shop.invoice("INV-0", &["10.00"]))
        .await
        .unwrap()
        .id;
    let to_draft = billing
        .create_payment(access, &shop.payment("p-0", "10.00", &[(&draft, "10.00")]))
        .await;
    assert!(matches!(to_draft, Err(CallError::Rejected(_))), "{to_draft:?}");
    let id = shop.open_invoice("INV-1", "100.00").await;
    billing
        .create_payment(access, &shop.payment("p-1", "40.00", &[(&id, "40.00")]))
        .await
        .unwrap();
    assert_eq!(shop.books(&id).await, books("partially_paid", "100", "60", "0"));
    let more = billing
        .create_payment(access, &shop.payment("p-2", "70.00", &[(&id, "70.00")]))
        .await;
    assert!(
        matches!(more, Err(CallError::Rejected(_))),
        "at most the balance: {more:?}"
    );
    billing
        .create_payment(access, &shop.payment("p-2", "70.05", &[(&id, "60.00")]))
        .await
        .unwrap();
    assert_eq!(shop.books(&id).await, books("paid", "100", "0", "10.05"));
    billing.void_invoice(access, &id).await.unwrap();
    assert_eq!(shop.books(&id).await, books("void", "100", "100", "110.05"));
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_found_by_its_invoice_else_among_the_customers_transactions() {
    for (transaction_ids, missing_status) in [
        (TransactionIds::Payment, 404),
        (TransactionIds::Own, 404),
        (TransactionIds::Own, 400),
    ] {
        let shop = shop(Settings {
            transaction_ids,
            missing_status,
            ..roomy()
        })
        .await;
        let Org { billing, access, .. } = &shop.org;
        let invoice = shop.open_invoice("INV-1", "100.00").await;
        let applied = billing
            .create_payment(access, &shop.payment("p-1", "100.00", &[(&invoice, "100.00")]))
            .await;
        let credit = billing
            .create_payment(access, &shop.payment("p-2", "50.00", &[]))
            .await
            .unwrap();
        billing
            .create_payment(access, &shop.payment("p-3", "50.00", &[]))
            .await
            .unwrap();
        let key = |reference: &'static str, paid: &str| PaymentKey {
            customer_id: &shop.customer,
            reference,
            amount: amount(paid),
            date: TODAY,
        };
        let invoice = billing.invoice(access, &invoice).await.unwrap();
        let of = Some(&invoice);
        let find = async |key: PaymentKey<'_>, of| match billing.find_payment(access, key, of, &at_once).await.unwrap()
        {
            Found::One(seen) => seen.id,
            other => format!("{other:?}"),
        };
        let applied = applied.unwrap().id;
        assert_eq!(find(key("p-1", "100.00"), of).await, applied);
        assert_eq!(find(key("p-1", "100.00"), None).await, applied);
        assert_eq!(find(key("p-2", "50.00"), of).await, credit.id, "{transaction_ids:?}");
        assert_eq!(find(key("p-2", "51.00"), None).await, "Absent");
        assert_eq!(find(key("p-4", "50.00"), of).await, "Absent");
    }
}

#[tokio::test(start_paused = true)]
async fn a_credit_is_applied_later_by_an_update() {
    let shop = shop(Settings::default()).await;
    let Org { billing, access, .. } = &shop.org;
    let invoice = shop.open_invoice("INV-1", "30.00").await;
    let paid = billing
        .create_payment(access, &shop.payment("p-1", "50.00", &[]))
        .await
        .unwrap();
    assert_eq!(shop.books(&invoice).await, books("sent", "30", "30", "50"));
    let change = shop.payment("p-1", "50.00", &[(&invoice, "30.00")]);
    for _ in 0..2 {
        billing.update_payment(access, &paid.id, &change).await.unwrap();
        assert_eq!(
            shop.books(&invoice).await,
            books("paid", "30", "0", "20"),
            "twice is once"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_may_be_ours_and_cannot_be_read_is_not_taken_for_an_absent_one() {
    let shop = shop(Settings::default()).await;
    let Org { twin, billing, access } = &shop.org;
    billing
        .create_payment(access, &shop.payment("p-1", "50.00", &[]))
        .await
        .unwrap();
    let key = PaymentKey {
        customer_id: &shop.customer,
        reference: "p-1",
        amount: amount("50"),
        date: TODAY,
    };
    for effect in [Effect::Status(400), Effect::Status(500), Effect::Status(429)] {
        twin.faults().next("get_payment", 1, effect.clone());
        let found = billing.find_payment(access, key, None, &at_once).await;
        assert!(found.is_err(), "{effect:?}: {found:?}");
    }
    assert!(matches!(
        billing.find_payment(access, key, None, &at_once).await,
        Ok(Found::One(_))
    ));
}
