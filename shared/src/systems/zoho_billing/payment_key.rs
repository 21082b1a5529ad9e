//! Finding a payment again, for which Zoho has no list (docs/vendors.md §2.4): a second one would pay twice.

use super::Pace;
use super::objects::TRANSACTIONS;
use super::values::{date, money, text, trimmed};
use super::{Found, ZohoBilling};
use crate::systems::zoho_accounts::{Access, id};
use crate::systems::{CallError, Seen};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// By what a payment is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentKey<'a> {
    /// Zoho's id of the customer.
    pub customer_id: &'a str,
    /// Our id of the payment.
    pub reference: &'a str,
    /// Its amount and day: those of the customer's transactions that have both are read.
    pub amount: Decimal,
    /// See `amount`.
    pub date: Date,
}

impl ZohoBilling {
    /// The payment with our reference: among the payments of its `invoice`, as that was just read, else among the
    /// customer's transactions of the same day and amount. Each of the calls is made after `pace`: one for each 200
    /// transactions, one or two for each that may be it.
    ///
    /// # Errors
    /// What `pace` says; `Later` where a row can't be read; `Held` where a payment that may be ours can't be; else as
    /// any read.
    pub async fn find_payment(
        &self,
        access: &Access,
        key: PaymentKey<'_>,
        invoice: Option<&Seen>,
        pace: &impl Pace,
    ) -> Result<Found, CallError> {
        let mut candidates = invoice.map(|it| paying(it, key.reference)).unwrap_or_default();
        if candidates.is_empty() {
            let is_wanted = |row: &Seen| key.may_be(row);
            let customers = payments_of(key.customer_id);
            let rows = self.matching(access, &TRANSACTIONS, &customers, is_wanted, pace);
            candidates = rows.await?.iter().map(payment_ids).collect();
        }
        let mut found: Vec<Seen> = Vec::new();
        for ids in candidates {
            let payment = self.payment_behind(access, &ids, pace).await?;
            let is_new = found.iter().all(|other| other.id != payment.id);
            if is_new && text(&payment, "reference_number") == Some(key.reference.trim()) {
                found.push(payment);
            }
        }
        Ok(Found::of(found))
    }

    /// The payment that can be read under one of these ids. That none can is no proof that it is not ours.
    async fn payment_behind(&self, access: &Access, ids: &[String], pace: &impl Pace) -> Result<Seen, CallError> {
        for id in ids {
            pace.before().await?;
            match self.payment(access, id).await {
                // What the address of a missing object answers is not documented (§2.2).
                Err(CallError::Gone(_) | CallError::Rejected(_)) => {}
                other => return other,
            }
        }
        Err(CallError::Held(format!(
            "a payment of this customer, day and amount may be this one, and can't be read: {}",
            ids.join(", ")
        )))
    }
}

impl PaymentKey<'_> {
    /// Whatever a row leaves open, it may be ours: "absent" decides that a payment is made.
    fn may_be(&self, row: &Seen) -> bool {
        let is_other = text(row, "type").is_some_and(|kind| OTHERS.contains(&kind.to_lowercase().as_str()));
        let is_amount = money(row, "amount").is_none_or(|amount| amount == self.amount);
        !is_other && is_amount && date(row, "date").is_none_or(|date| date == self.date)
    }
}

/// The other types of transaction, in the words of their filters; a payment's own word is not documented (§2.4).
const OTHERS: [&str; 3] = ["invoice", "credit", "refund"];

/// Filters the transactions to a customer's payments.
pub(super) fn payments_of(customer_id: &str) -> [(&str, &str); 2] {
    [("customer_id", customer_id), ("filter_by", "TransactionType.PAYMENT")]
}

/// The payments of an invoice that have our reference, by their ids.
fn paying(invoice: &Seen, reference: &str) -> Vec<Vec<String>> {
    let payments = invoice.fields.get("payments").and_then(Json::as_array);
    let ours = payments
        .into_iter()
        .flatten()
        .filter(|payment| trimmed(&payment["reference_number"]) == Some(reference.trim()));
    ours.filter_map(|payment| Some(vec![id(&payment["payment_id"])?]))
        .collect()
}

/// Under which of its two ids a transaction's payment can be read is not documented (§2.4): both are tried.
fn payment_ids(row: &Seen) -> Vec<String> {
    let other = row.fields.get("reference_id").and_then(id);
    let other = other.filter(|it| *it != row.id && it.bytes().all(|byte| byte.is_ascii_digit()));
    [Some(row.id.clone()), other].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::objects::INVOICES;
    use super::super::values::seen;
    use super::*;
    use serde_json::json;

    const KEY: PaymentKey<'_> = PaymentKey {
        customer_id: "1",
        reference: "p-1",
        amount: Decimal::from_parts(5990, 0, 0, false, 1),
        date: jiff::civil::date(2026, 11, 21),
    };

    fn row(object: &Json) -> Seen {
        seen(&TRANSACTIONS, object).unwrap()
    }

    #[test]
    fn only_a_payment_of_the_day_and_amount_may_be_ours() {
        for (kind, amount, day, expected) in [
            ("payment", "599.00", "2026-11-21", true),
            ("Payment", "599", "2026-11-21", true),
            ("customer_payment", "599.00", "2026-11-21", true),
            ("invoice", "599.00", "2026-11-21", false),
            ("payment", "R 599", "2026-11-21", true),
            ("payment", "599.00", "21 Nov", true),
            ("payment", "599.01", "2026-11-21", false),
            ("payment", "599.00", "2026-11-20", false),
        ] {
            let object = json!({"transaction_id": "5", "type": kind, "amount": amount, "date": day});
            assert_eq!(KEY.may_be(&row(&object)), expected, "{object}");
        }
    }

    #[test]
    fn either_id_of_a_transaction_may_be_the_payments() {
        for (reference, expected) in [
            ("6", vec!["5", "6"]),
            ("5", vec!["5"]),
            ("p-1", vec!["5"]),
            ("", vec!["5"]),
        ] {
            let object = json!({"transaction_id": "5", "reference_id": reference});
            assert_eq!(payment_ids(&row(&object)), expected, "{reference:?}");
        }
    }

    #[test]
    fn payments_of_an_invoice_are_told_by_their_reference() {
        let payments = json!([
            {"payment_id": "7", "reference_number": "p-1"},
            {"payment_id": "8", "reference_number": "p-10"},
            {"payment_id": "9"},
        ]);
        let invoice = seen(&INVOICES, &json!({"invoice_id": "2", "payments": payments})).unwrap();
        assert_eq!(paying(&invoice, "p-1"), [["7"]]);
        assert!(paying(&invoice, "p-2").is_empty());
    }
}
