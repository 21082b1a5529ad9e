//! Invoices: found by our number among the customer's.

use super::calls::Slots;
use super::customers::several;
use super::{BillingTarget, day, parent, text, tied_out};
use crate::billing::lines;
use crate::model::{Kind, Value};
use crate::sync::target::Job;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{Found, Line, NewInvoice, ZohoBilling};
use crate::systems::{CallError, Seen, Written};
use rust_decimal::Decimal;

impl BillingTarget {
    pub(super) async fn find_invoice(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        let customer = parent(job, &Kind::CUSTOMER)?;
        // A call without an answer may have made it under the number that it had then.
        let numbers = job.candidates("number");
        let find = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            for number in numbers.iter().filter_map(Value::as_text) {
                match client.find_invoice(access, customer, number, slots).await? {
                    Found::Absent => {}
                    Found::Several(ids) => return Err(several(&ids)),
                    // A row of a list shows no lines.
                    Found::One(row) => {
                        slots.next().await?;
                        return client.invoice(access, &row.id).await.map(Some);
                    }
                }
            }
            Ok(None)
        };
        self.look(job.link.class, find).await
    }

    pub(super) async fn make_invoice(&self, job: &Job) -> Result<Written, CallError> {
        let (new, sum) = invoice(job)?;
        let made = self.write(async |client: &ZohoBilling, access: &Access| client.create_invoice(access, &new).await);
        Ok(tied_out(made.await?, sum, "total"))
    }

    pub(super) async fn change_invoice(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        let (new, sum) = invoice(job)?;
        let changed =
            self.write(async |client: &ZohoBilling, access: &Access| client.update_invoice(access, id, &new).await);
        Ok(tied_out(changed.await?, sum, "total"))
    }
}

/// The invoice whole, and what it comes to: every line carries the product of its type.
fn invoice(job: &Job) -> Result<(NewInvoice, Option<Decimal>), CallError> {
    let product = parent(job, &Kind::PRODUCT)?;
    let unreadable = |why: String| CallError::Rejected(format!("lines{why}"));
    let lines = lines::parse(text(job, "lines").unwrap_or_default()).map_err(unreadable)?;
    let sum = lines::sum(&lines);
    let line = |it: lines::Line| Line {
        product_id: product.to_owned(),
        name: it.name,
        description: it.description,
        price: it.price,
        quantity: it.quantity,
    };
    let invoice = NewInvoice {
        customer_id: parent(job, &Kind::CUSTOMER)?.to_owned(),
        number: text(job, "number").unwrap_or_default().to_owned(),
        date: day(job, "date").ok_or_else(|| CallError::Rejected("date: is missing".to_owned()))?,
        due_date: day(job, "due_date"),
        lines: lines.into_iter().map(line).collect(),
    };
    Ok((invoice, sum))
}
