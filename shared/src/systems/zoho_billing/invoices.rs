//! Invoices that we make, and those that Zoho makes of subscriptions (docs/vendors.md §2.4).

use super::Pace;
use super::objects::{INVOICES, Page};
use super::values::{invoice_number, number};
use super::{Found, ZohoBilling};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen, Written};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// Drafts and void ones too.
const ALL: (&str, &str) = ("filter_by", "Status.All");
/// Makes Zoho take our number and not draw one of its own (§2.4).
const OUR_NUMBER: (&str, &str) = ("ignore_auto_number_generation", "true");

/// An invoice to be made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvoice {
    /// Zoho's id of the customer, whose currency it has.
    pub customer_id: String,
    /// Our number of it, by which it is found again.
    pub number: String,
    /// Its day, in the organisation's time zone.
    pub date: Date,
    /// When it is due, where that is not the customer's usual term.
    pub due_date: Option<Date>,
    /// What it is for; at least one.
    pub lines: Vec<Line>,
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Zoho's id of the product, which each line must have (§2.4).
    pub product_id: String,
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: String,
    /// The price of one, in the customer's currency, without tax.
    pub price: Decimal,
    /// How many.
    pub quantity: u32,
}

impl NewInvoice {
    fn to_json(&self) -> Json {
        let lines: Vec<Json> = self.lines.iter().map(Line::to_json).collect();
        let mut body = json!({
            "customer_id": self.customer_id,
            "invoice_number": self.number,
            "date": self.date.to_string(),
            "invoice_items": lines,
        });
        if let Some(due) = self.due_date {
            body["due_date"] = json!(due.to_string());
        }
        body
    }

    fn checked(&self) -> Result<Json, CallError> {
        match self.lines.is_empty() {
            true => Err(CallError::Rejected("an invoice without lines".to_owned())),
            false => Ok(self.to_json()),
        }
    }
}

impl Line {
    fn to_json(&self) -> Json {
        json!({
            "product_id": self.product_id,
            "name": self.name,
            "description": self.description,
            "price": number(self.price),
            "quantity": self.quantity,
        })
    }
}

impl ZohoBilling {
    /// Makes an invoice with our number; it is a draft, and is not e-mailed (`send=false`).
    ///
    /// Write class: **findable** by [`ZohoBilling::find_invoice`].
    ///
    /// # Errors
    /// `Rejected`, unsent, without lines; else as any write.
    pub async fn create_invoice(&self, access: &Access, new: &NewInvoice) -> Result<Written, CallError> {
        let query = [("send", "false"), OUR_NUMBER];
        self.create(access, &INVOICES, &query, &new.checked()?).await
    }

    /// Replaces customer, date and lines of an invoice.
    ///
    /// Write class: **keyed** on Zoho's own id: it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such invoice; `Rejected`, unsent, without lines; else as any write.
    pub async fn update_invoice(&self, access: &Access, id: &str, new: &NewInvoice) -> Result<Written, CallError> {
        self.update(access, &INVOICES, id, &[OUR_NUMBER], &new.checked()?).await
    }

    /// Opens a draft, so that payments can be applied to it.
    ///
    /// Write class: **keyed** on Zoho's own id; what an open one answers is not documented, so read its status before
    /// sending again.
    ///
    /// # Errors
    /// `Gone` where there is no such invoice; else as any write.
    pub async fn open_invoice(&self, access: &Access, id: &str) -> Result<(), CallError> {
        self.act(access, &INVOICES, id, "converttoopen", &[]).await.map(|_| ())
    }

    /// Voids an invoice; what was paid of it becomes the customer's credit (§2.4).
    ///
    /// Write class: as [`ZohoBilling::open_invoice`].
    ///
    /// # Errors
    /// `Gone` where there is no such invoice; else as any write.
    pub async fn void_invoice(&self, access: &Access, id: &str) -> Result<(), CallError> {
        self.act(access, &INVOICES, id, "void", &[]).await.map(|_| ())
    }

    /// An invoice, with its lines, `balance` and payments.
    ///
    /// # Errors
    /// `Gone` where there is none; else as any read.
    pub async fn invoice(&self, access: &Access, id: &str) -> Result<Seen, CallError> {
        self.read_one(access, &INVOICES, id).await
    }

    /// A page of the invoices that Zoho made of a subscription.
    ///
    /// # Errors
    /// As any read.
    pub async fn invoices_of_subscription(&self, access: &Access, id: &str, page: u32) -> Result<Page, CallError> {
        self.list(access, &INVOICES, &[ALL, ("subscription_id", id)], page)
            .await
    }

    /// The customer's invoice with this number, in whatever status: a list has no filter for numbers (§2.4). A call for
    /// each 200 invoices of the customer, each after `pace`.
    ///
    /// # Errors
    /// What `pace` says; `Later` where a row can't be read; else as any read.
    pub async fn find_invoice(
        &self,
        access: &Access,
        customer_id: &str,
        number: &str,
        pace: &impl Pace,
    ) -> Result<Found, CallError> {
        let filter = [ALL, ("customer_id", customer_id)];
        let is_wanted = |row: &Seen| invoice_number(row) == Some(number.trim());
        Ok(Found::of(
            self.matching(access, &INVOICES, &filter, is_wanted, pace).await?,
        ))
    }
}
