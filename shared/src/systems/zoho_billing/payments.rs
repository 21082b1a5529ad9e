//! Payments, applied to invoices or kept as the customer's credit (docs/vendors.md §2.4).

use super::ZohoBilling;
use super::objects::{PAYMENTS, Page, TRANSACTIONS};
use super::payment_key::payments_of;
use super::values::number;
use crate::systems::zoho_accounts::Access;
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
        self.list(access, &TRANSACTIONS, &payments_of(customer_id), page).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_applied_than_was_paid() {
        let payment = |amount: &str, applied: &[&str]| NewPayment {
            customer_id: "1".to_owned(),
            mode: Mode::BankTransfer,
            amount: amount.parse().unwrap(),
            date: jiff::civil::date(2026, 11, 21),
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
