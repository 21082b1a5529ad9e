//! Zoho Billing: subscriptions and invoices, while Zoho behaves.

use crate::zoho_billing::{Org, at_once, customer, org, plan};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::json;
use shared::systems::zoho_billing::values::{invoice_number, money, text};
use shared::systems::zoho_billing::{
    Applied, End, Found, Line, Mode, NewInvoice, NewPayment, NewSubscription, SubscriptionChange,
};
use shared::systems::{CallError, Seen};
use std::time::Duration;
use twins::billing::{Kind, Settings};

pub const TODAY: Date = date(2026, 11, 21);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// An organisation with a customer, a product and a plan.
pub struct Shop {
    pub org: Org,
    pub customer: String,
    pub product: String,
}

pub async fn shop(settings: Settings) -> Shop {
    let org = org(settings).await;
    let Org { twin, billing, access } = &org;
    let made = billing
        .create_customer(access, &customer("nandi@example.com"))
        .await
        .unwrap();
    let product = twin.insert(Kind::Product, &json!({"name": "Fibre"})).unwrap();
    billing.create_plan(access, &plan("fibre-100", &product)).await.unwrap();
    Shop {
        customer: made.id,
        product,
        org,
    }
}

pub fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

impl Shop {
    pub fn service(&self, reference: &str, starts_at: Date) -> NewSubscription {
        NewSubscription {
            customer_id: self.customer.clone(),
            plan_code: "fibre-100".to_owned(),
            price: Some(amount("549.50")),
            reference: reference.to_owned(),
            starts_at,
        }
    }

    pub fn invoice(&self, number: &str, prices: &[&str]) -> NewInvoice {
        let line = |price: &&str| Line {
            product_id: self.product.clone(),
            name: "Installation".to_owned(),
            description: String::new(),
            price: amount(price),
            quantity: 1,
        };
        NewInvoice {
            customer_id: self.customer.clone(),
            number: number.to_owned(),
            date: TODAY,
            due_date: None,
            lines: prices.iter().map(line).collect(),
        }
    }

    pub fn payment(&self, reference: &str, paid: &str, pays: &[(&str, &str)]) -> NewPayment {
        let applied = |(id, part): &(&str, &str)| Applied {
            invoice_id: (*id).to_owned(),
            amount: amount(part),
        };
        NewPayment {
            customer_id: self.customer.clone(),
            mode: Mode::BankTransfer,
            amount: amount(paid),
            date: TODAY,
            reference: reference.to_owned(),
            description: "EFT".to_owned(),
            applied: pays.iter().map(applied).collect(),
        }
    }

    /// An open invoice of this total.
    pub async fn open_invoice(&self, number: &str, total: &str) -> String {
        let Org { billing, access, .. } = &self.org;
        let made = billing
            .create_invoice(access, &self.invoice(number, &[total]))
            .await
            .unwrap();
        billing.open_invoice(access, &made.id).await.unwrap();
        made.id
    }

    async fn subscription(&self, id: &str) -> Seen {
        let Org { billing, access, .. } = &self.org;
        billing.subscription(access, id).await.unwrap()
    }

    /// Status, total and balance of an invoice, and the customer's credit.
    pub async fn books(&self, invoice: &str) -> (String, String, String, String) {
        let Org { billing, access, .. } = &self.org;
        let shown = billing.invoice(access, invoice).await.unwrap();
        let customer = billing.customer(access, &self.customer).await.unwrap();
        let of = |seen: &Seen, name: &str| money(seen, name).unwrap().to_string();
        (
            text(&shown, "status").unwrap().to_owned(),
            of(&shown, "total"),
            of(&shown, "balance"),
            of(&customer, "unused_credits"),
        )
    }
}

pub fn books(status: &str, total: &str, balance: &str, credits: &str) -> (String, String, String, String) {
    (
        status.to_owned(),
        total.to_owned(),
        balance.to_owned(),
        credits.to_owned(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_subscription_starts_bills_and_is_found_by_its_reference() {
    let shop = shop(Settings::default()).await;
    let Org { twin, billing, access } = &shop.org;
    let made = billing
        .create_subscription(access, &shop.service("svc-1", TODAY))
        .await
        .unwrap();
    billing
        .create_subscription(access, &shop.service("svc-10", TODAY))
        .await
        .unwrap();
    let Ok(Found::One(found)) = billing.find_subscription(access, "svc-1", &at_once).await else {
        panic!("it is there")
    };
    assert_eq!((&found.id, text(&found, "status")), (&made.id, Some("live")));
    assert_eq!(
        billing.find_subscription(access, "svc-", &at_once).await,
        Ok(Found::Absent)
    );
    let shown = shop.subscription(&made.id).await;
    assert_eq!(shown.fields["auto_collect"], false);
    assert_eq!(money(&shown, "amount"), Some(amount("549.50")));
    assert_eq!(text(&shown, "next_billing_at"), Some("2026-12-21"));
    let own = billing
        .invoices_of_subscription(access, &made.id, 1)
        .await
        .unwrap()
        .whole()
        .unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(
        (money(&own[0], "balance"), text(&own[0], "status")),
        (Some(amount("549.5")), Some("sent"))
    );
    let mine = billing.subscriptions_of(access, &shop.customer, 1).await.unwrap();
    assert_eq!(mine.rows.len(), 2);
    let twice = twin.insert(
        Kind::Subscription,
        &json!({"customer_id": shop.customer, "plan": {"plan_code": "fibre-100"}, "reference_id": "svc-1", "auto_collect": false}),
    );
    let both = billing.find_subscription(access, "svc-1", &at_once).await;
    assert_eq!(both, Ok(Found::Several(vec![twice.unwrap(), made.id])));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_of_a_later_day_bills_nothing_before_it() {
    let shop = shop(Settings::default()).await;
    let Org { twin, billing, access } = &shop.org;
    let made = billing
        .create_subscription(access, &shop.service("svc-1", date(2026, 12, 1)))
        .await
        .unwrap();
    assert_eq!(made.seen.unwrap()["status"], "future");
    assert_eq!(twin.rows(Kind::Invoice).len(), 0);
    tokio::time::advance(DAY * 75).await;
    let invoices = twin.rows(Kind::Invoice);
    let days: Vec<_> = invoices.iter().map(|it| it["invoice_date"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-12-01", "2027-01-01", "2027-02-01"]);
    let begun = [
        "subscription_created",
        "subscription_activation",
        "subscription_renewed",
    ];
    assert!(
        begun.iter().all(|kind| twin.happened().iter().any(|it| it == kind)),
        "{:?}",
        twin.happened()
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_at_the_terms_end_can_be_taken_back_until_then() {
    let shop = shop(Settings::default()).await;
    let Org { billing, access, .. } = &shop.org;
    let id = billing
        .create_subscription(access, &shop.service("svc-1", TODAY))
        .await
        .unwrap()
        .id;
    let status = async || text(&shop.subscription(&id).await, "status").map(str::to_owned);
    let refused = billing.reactivate_subscription(access, &id).await;
    assert!(matches!(refused, Err(CallError::Rejected(_))), "{refused:?}");
    billing.cancel_subscription(access, &id, End::OfTerm).await.unwrap();
    assert_eq!(status().await.as_deref(), Some("non_renewing"));
    billing.reactivate_subscription(access, &id).await.unwrap();
    assert_eq!(status().await.as_deref(), Some("live"));
    billing.cancel_subscription(access, &id, End::Now).await.unwrap();
    assert_eq!(status().await.as_deref(), Some("cancelled"));
    assert!(billing.cancel_subscription(access, &id, End::OfTerm).await.is_err());
    assert!(matches!(
        billing.find_subscription(access, "svc-1", &at_once).await,
        Ok(Found::One(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_price_changes_at_once_or_with_the_next_term() {
    let shop = shop(Settings::default()).await;
    let Org { twin, billing, access } = &shop.org;
    let id = billing
        .create_subscription(access, &shop.service("svc-1", TODAY))
        .await
        .unwrap()
        .id;
    let change = |price: &str, end_of_term: bool| SubscriptionChange {
        plan_code: "fibre-100".to_owned(),
        price: Some(amount(price)),
        end_of_term,
    };
    billing
        .update_subscription(access, &id, &change("600.00", false))
        .await
        .unwrap();
    assert_eq!(money(&shop.subscription(&id).await, "amount"), Some(amount("600")));
    billing
        .update_subscription(access, &id, &change("700.00", true))
        .await
        .unwrap();
    assert_eq!(money(&shop.subscription(&id).await, "amount"), Some(amount("600")));
    tokio::time::advance(DAY * 31).await;
    assert_eq!(twin.row(Kind::Subscription, &id).unwrap()["amount"].to_string(), "700");
}

#[tokio::test(start_paused = true)]
async fn an_invoice_carries_our_number_and_exact_money_and_is_a_draft() {
    let shop = shop(Settings::default()).await;
    let Org { twin, billing, access } = &shop.org;
    let new = shop.invoice("INV-A-7", &["0.10", "0.20", "12345678.99"]);
    let made = billing.create_invoice(access, &new).await.unwrap();
    let answered = made.seen.as_ref().unwrap();
    assert_eq!(
        (&answered["invoice_number"], &answered["is_emailed"]),
        (&json!("INV-A-7"), &json!(false))
    );
    let Ok(Found::One(row)) = billing.find_invoice(access, &shop.customer, "INV-A-7", &at_once).await else {
        panic!("it is there")
    };
    assert_eq!((&row.id, invoice_number(&row)), (&made.id, Some("INV-A-7")));
    assert_eq!(
        shop.books(&made.id).await,
        books("draft", "12345679.29", "12345679.29", "0")
    );
    let changed = billing
        .update_invoice(access, &made.id, &shop.invoice("INV-A-7", &["99.00"]))
        .await
        .unwrap();
    assert_eq!(changed.seen.unwrap()["total"].to_string(), "99");
    billing.open_invoice(access, &made.id).await.unwrap();
    assert_eq!(shop.books(&made.id).await, books("sent", "99", "99", "0"));
    assert!(matches!(
        billing.open_invoice(access, &made.id).await,
        Err(CallError::Rejected(_))
    ));
    let again = billing.create_invoice(access, &new).await;
    assert!(
        matches!(again, Err(CallError::Rejected(_))),
        "one number, one invoice: {again:?}"
    );
    assert_eq!(
        billing.find_invoice(access, &shop.customer, "INV-A", &at_once).await,
        Ok(Found::Absent)
    );
    let empty = billing.create_invoice(access, &shop.invoice("INV-A-8", &[])).await;
    assert!(matches!(empty, Err(CallError::Rejected(_))), "{empty:?}");
    assert_eq!(twin.count("create_invoice"), 2, "one without lines is not sent");
}
