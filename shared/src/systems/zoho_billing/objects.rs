//! What all kinds of object have in common: read one, list a page, make, change, act on (docs/vendors.md §2.1, §2.4).

use super::codes::Asked;
use super::limits::ROWS_PER_PAGE;
use super::{ZohoBilling, answer, values};
use crate::systems::http::{Effect, Request};
use crate::systems::zoho_accounts::Access;
use crate::systems::{BadRow, CallError, Seen, Written};
use http::Method;
use serde_json::Value as Json;

/// The names of one kind of object.
#[derive(Debug)]
pub(super) struct Kind {
    /// In the path, and of the rows of a list.
    pub(super) many: &'static str,
    /// Of the object in an answer.
    pub(super) one: &'static str,
    /// Of the field by which a path names it.
    pub(super) id: &'static str,
}

const fn kind(many: &'static str, one: &'static str, id: &'static str) -> Kind {
    Kind { many, one, id }
}

pub(super) const CUSTOMERS: Kind = kind("customers", "customer", "customer_id");
pub(super) const PRODUCTS: Kind = kind("products", "product", "product_id");
/// Plans are named by a code of ours (§2.1).
pub(super) const PLANS: Kind = kind("plans", "plan", "plan_code");
pub(super) const SUBSCRIPTIONS: Kind = kind("subscriptions", "subscription", "subscription_id");
pub(super) const INVOICES: Kind = kind("invoices", "invoice", "invoice_id");
pub(super) const PAYMENTS: Kind = kind("payments", "payment", "payment_id");
pub(super) const TRANSACTIONS: Kind = kind("transactions", "transaction", "transaction_id");
pub(super) const EVENTS: Kind = kind("events", "event", "event_id");

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The rows in the system's order; one that can't be read does not hide the others. They show less than the object
    /// itself does.
    pub rows: Vec<Result<Seen, BadRow>>,
    /// The number of the next page; `None` after the last one.
    pub next: Option<u32>,
}

impl Page {
    /// The rows where each one matters: a row that can't be read must not look like an absent one.
    ///
    /// # Errors
    /// `Later` where there is such a row.
    pub fn whole(self) -> Result<Vec<Seen>, CallError> {
        let unreadable = |bad: BadRow| CallError::Later(format!("unreadable row: {}", bad.why));
        self.rows.into_iter().map(|row| row.map_err(unreadable)).collect()
    }
}

impl ZohoBilling {
    pub(super) async fn read_one(&self, access: &Access, kind: &Kind, id: &str) -> Result<Seen, CallError> {
        let body = self.send(self.get(access, &[kind.many, id]), reads(true)).await?;
        let seen = values::seen(kind, &body[kind.one]);
        let seen = seen.map_err(|bad| CallError::Later(format!("unreadable: {}", bad.why)))?;
        match seen.id == id {
            true => Ok(seen),
            false => Err(CallError::Later(format!("asked for {id}, was shown {}", seen.id))),
        }
    }

    pub(super) async fn list(
        &self,
        access: &Access,
        kind: &Kind,
        filter: &[(&str, &str)],
        page: u32,
    ) -> Result<Page, CallError> {
        let (number, rows) = (page.to_string(), ROWS_PER_PAGE.to_string());
        let paging = [("page", number.as_str()), ("per_page", rows.as_str())];
        let request = self.get(access, &[kind.many]).query(&[filter, &paging].concat());
        let body = self.send(request, reads(false)).await?;
        let rows = body[kind.many].as_array();
        let rows = rows.ok_or_else(|| CallError::Later(format!("an answer without {}", kind.many)))?;
        Ok(Page {
            next: has_more(&body, rows.len()).then(|| page.saturating_add(1)),
            rows: rows.iter().map(|row| values::seen(kind, row)).collect(),
        })
    }

    pub(super) async fn create(
        &self,
        access: &Access,
        kind: &Kind,
        query: &[(&str, &str)],
        body: &Json,
    ) -> Result<Written, CallError> {
        let request = asking(self.change(Method::POST, access, &[kind.many]), query).json(body);
        answer::written(kind, &self.send(request, writes(false)).await?, None)
    }

    pub(super) async fn update(
        &self,
        access: &Access,
        kind: &Kind,
        id: &str,
        query: &[(&str, &str)],
        body: &Json,
    ) -> Result<Written, CallError> {
        let request = asking(self.change(Method::PUT, access, &[kind.many, id]), query).json(body);
        answer::written(kind, &self.send(request, writes(true)).await?, Some(id))
    }

    /// An action on an object: `POST /{kind}/{id}/{action}`; the answer's body.
    pub(super) async fn act(
        &self,
        access: &Access,
        kind: &Kind,
        id: &str,
        action: &str,
        query: &[(&str, &str)],
    ) -> Result<Json, CallError> {
        let request = asking(self.change(Method::POST, access, &[kind.many, id, action]), query);
        self.send(request, writes(true)).await
    }

    async fn send(&self, request: Request, asked: Asked) -> Result<Json, CallError> {
        answer::of(&self.http.send(request).await?, asked)
    }
}

/// Without a context that says it, only a page that is not full is surely the last: stopping earlier would lose rows.
fn has_more(body: &Json, rows: usize) -> bool {
    let stated = body["page_context"]["has_more_page"].as_bool();
    stated.unwrap_or(rows >= ROWS_PER_PAGE)
}

fn asking(request: Request, query: &[(&str, &str)]) -> Request {
    match query.is_empty() {
        true => request,
        false => request.query(query),
    }
}

fn reads(of_object: bool) -> Asked {
    Asked {
        effect: Effect::Reads,
        of_object,
    }
}

fn writes(of_object: bool) -> Asked {
    Asked {
        effect: Effect::Writes,
        of_object,
    }
}
