//! Invoices: found by our number among the customer's.

use super::calls::Slots;
use super::customers::several;
use super::{BillingTarget, day, parent, text, texts};
use crate::billing::lines;
use crate::model::Kind;
use crate::sync::target::Job;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{Found, Line, NewInvoice, ZohoBilling};
use crate::systems::{CallError, Seen, Written};

impl BillingTarget {
    pub(super) async fn find_invoice(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        let customer = parent(job, &Kind::CUSTOMER)?;
        let numbers = texts(job, "number");
        let find = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            for number in &numbers {
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
        let new = invoice(job)?;
        self.write(async |client: &ZohoBilling, access: &Access| client.create_invoice(access, &new).await)
            .await
    }

    pub(super) async fn change_invoice(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        let new = invoice(job)?;
        self.write(async |client: &ZohoBilling, access: &Access| client.update_invoice(access, id, &new).await)
            .await
    }
}

/// The invoice whole: every line carries the product of its type.
fn invoice(job: &Job) -> Result<NewInvoice, CallError> {
    let product = parent(job, &Kind::PRODUCT)?;
    let unreadable = |why: String| CallError::Rejected(format!("lines{why}"));
    let lines = lines::parse(text(job, "lines").unwrap_or_default()).map_err(unreadable)?;
    let line = |it: lines::Line| Line {
        product_id: product.to_owned(),
        name: it.name,
        description: it.description,
        price: it.price,
        quantity: it.quantity,
    };
    Ok(NewInvoice {
        customer_id: parent(job, &Kind::CUSTOMER)?.to_owned(),
        number: text(job, "number").unwrap_or_default().to_owned(),
        date: day(job, "date").ok_or_else(|| CallError::Rejected("date: is missing".to_owned()))?,
        due_date: day(job, "due_date"),
        lines: lines.into_iter().map(line).collect(),
    })
}
