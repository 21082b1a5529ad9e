//! Payments, applied to invoices or kept as the customer's credit (docs/vendors.md §2.4).

use super::objects::{PAYMENTS, Page, TRANSACTIONS};
use super::values::{date, money, number, text};
use super::{Found, ZohoBilling};
use crate::systems::zoho_accounts::{Access, id};
use crate::systems::{CallError, Seen, Written};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// How a payment was made: all words that Zoho documents but `autotransaction`, which is Zoho's own (§2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A cheque.
    Check,
    /// Cash.
    Cash,
    /// A card.
    CreditCard,
    /// A transfer between banks.
    BankTransfer,
    /// A remittance.
    BankRemittance,
    /// Anything else.
    Others,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Cash => "cash",
            Self::CreditCard => "creditcard",
            Self::BankTransfer => "banktransfer",
            Self::BankRemittance => "bankremittance",
            Self::Others => "others",
        }
    }
}

/// A part of a payment that pays an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Zoho's id of the invoice, which must be open.
    pub invoice_id: String,
    /// How much of it is paid: at most its balance.
    pub amount: Decimal,
}

/// A payment to be made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// Zoho's id of the customer, whose currency it has.
    pub customer_id: String,
    /// How it was made.
    pub mode: Mode,
    /// How much was paid.
    pub amount: Decimal,
    /// The day, in the organisation's time zone.
    pub date: Date,
    /// Our id of it, by which it is found again.
    pub reference: String,
    /// A note for people.
    pub description: String,
    /// What it pays; the rest is the customer's credit.
    pub applied: Vec<Applied>,
}

/// By what a payment is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentKey<'a> {
    /// Zoho's id of the customer.
    pub customer_id: &'a str,
    /// Zoho's id of the invoice that it pays, if it pays one.
    pub invoice_id: Option<&'a str>,
    /// Our id of the payment.
    pub reference: &'a str,
    /// Its amount and day: those of the customer's transactions that have both are read.
    pub amount: Decimal,
    /// See `amount`.
    pub date: Date,
}

impl NewPayment {
    fn to_json(&self) -> Json {
        let applied = |it: &Applied| json!({ "invoice_id": it.invoice_id, "amount_applied": number(it.amount) });
        json!({
            "customer_id": self.customer_id,
            "payment_mode": self.mode.as_str(),
            "amount": number(self.amount),
            "date": self.date.to_string(),
            "reference_number": self.reference,
            "description": self.description,
            "invoices": self.applied.iter().map(applied).collect::<Vec<_>>(),
        })
    }

    /// Money that was never paid must not be applied, whoever calculated it.
    fn checked(&self) -> Result<Json, CallError> {
        let applied: Decimal = self.applied.iter().map(|it| it.amount).sum();
        let is_sound = self.amount > Decimal::ZERO && self.applied.iter().all(|it| it.amount > Decimal::ZERO);
        match is_sound && applied <= self.amount {
            true => Ok(self.to_json()),
            false => Err(CallError::Rejected(format!(
                "a payment of {} of which {applied} is applied",
                self.amount
            ))),
        }
    }
}

impl ZohoBilling {
    /// Records a payment.
    ///
    /// Write class: **findable** by [`ZohoBilling::find_payment`]: a second one would pay twice, so look before making.
    ///
    /// # Errors
    /// `Rejected`, unsent, where more is applied than was paid or an amount is not positive; else as any write.
    pub async fn create_payment(&self, access: &Access, new: &NewPayment) -> Result<Written, CallError> {
        self.create(access, &PAYMENTS, &[], &new.checked()?).await
    }

    /// Replaces what a payment says and pays.
    ///
    /// Write class: **keyed** on Zoho's own id: it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such payment; else as [`ZohoBilling::create_payment`].
    pub async fn update_payment(&self, access: &Access, id: &str, new: &NewPayment) -> Result<Written, CallError> {
        self.update(access, &PAYMENTS, id, &[], &new.checked()?).await
    }

    /// A payment, with the invoices that it pays.
    ///
    /// # Errors
    /// `Gone` where there is none; else as any read.
    pub async fn payment(&self, access: &Access, id: &str) -> Result<Seen, CallError> {
        self.read_one(access, &PAYMENTS, id).await
    }

    /// A page of a customer's payments, as transactions: there is no list of payments (§2.4).
    ///
    /// # Errors
    /// As any read.
    pub async fn transactions(&self, access: &Access, customer_id: &str, page: u32) -> Result<Page, CallError> {
        self.list(access, &TRANSACTIONS, &filter(customer_id), page).await
    }

    /// The payment with our reference: among the payments of its invoice, else among the customer's transactions of
    /// the same day and amount. Each of the calls is made after `before`: one for the invoice, one for each 200
    /// transactions, one or two for each that may be it.
    ///
    /// # Errors
    /// What `before` says; `Later` where a row can't be read; else as any read.
    pub async fn find_payment(
        &self,
        access: &Access,
        key: PaymentKey<'_>,
        before: impl AsyncFn() -> Result<(), CallError>,
    ) -> Result<Found, CallError> {
        let mut ids = Vec::new();
        if let Some(invoice_id) = key.invoice_id {
            before().await?;
            ids = paying(&self.invoice(access, invoice_id).await?, key.reference);
        }
        if ids.is_empty() {
            let is_wanted = |row: &Seen| key.may_be(row);
            let customer = filter(key.customer_id);
            let rows = self.matching(access, &TRANSACTIONS, &customer, is_wanted, &before);
            ids = rows.await?.iter().flat_map(payment_ids).collect();
        }
        let mut found: Vec<Seen> = Vec::new();
        for id in ids {
            before().await?;
            match self.payment(access, &id).await {
                Ok(payment) if found.iter().any(|other| other.id == payment.id) => {}
                Ok(payment) if text(&payment, "reference_number") == Some(key.reference) => found.push(payment),
                Ok(_) | Err(CallError::Gone(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Found::of(found))
    }
}

impl PaymentKey<'_> {
    fn may_be(&self, row: &Seen) -> bool {
        let is_payment = text(row, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("payment"));
        is_payment && money(row, "amount") == Some(self.amount) && date(row, "date") == Some(self.date)
    }
}

fn filter(customer_id: &str) -> [(&str, &str); 2] {
    [("customer_id", customer_id), ("filter_by", "TransactionType.PAYMENT")]
}

/// The payments of an invoice that have our reference.
fn paying(invoice: &Seen, reference: &str) -> Vec<String> {
    let payments = invoice.fields.get("payments").and_then(Json::as_array);
    let ours = payments
        .into_iter()
        .flatten()
        .filter(|payment| payment["reference_number"] == reference);
    ours.filter_map(|payment| id(&payment["payment_id"])).collect()
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

    const KEY: PaymentKey<'_> = PaymentKey {
        customer_id: "1",
        invoice_id: None,
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
            ("invoice", "599.00", "2026-11-21", false),
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
        assert_eq!(paying(&invoice, "p-1"), ["7"]);
        assert_eq!(paying(&invoice, "p-2"), Vec::<String>::new());
    }

    #[test]
    fn no_more_is_applied_than_was_paid() {
        let payment = |amount: &str, applied: &[&str]| NewPayment {
            customer_id: "1".to_owned(),
            mode: Mode::BankTransfer,
            amount: amount.parse().unwrap(),
            date: KEY.date,
            reference: "p-1".to_owned(),
            description: String::new(),
            applied: applied
                .iter()
                .map(|it| Applied {
                    invoice_id: "2".to_owned(),
                    amount: it.parse().unwrap(),
                })
                .collect(),
        };
        for (amount, applied, is_sound) in [
            ("599.00", vec!["599.00"], true),
            ("599.00", vec!["300.00", "299.00"], true),
            ("599.00", vec![], true),
            ("599.00", vec!["599.01"], false),
            ("599.00", vec!["600.00", "-1.00"], false),
            ("0.00", vec![], false),
        ] {
            assert_eq!(
                payment(amount, &applied).checked().is_ok(),
                is_sound,
                "{amount} {applied:?}"
            );
        }
    }
}
