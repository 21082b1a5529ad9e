//! Netcash Pay Now (South Africa): what became of a payment, and the postback that announces it.
//!
//! Source of every wire fact: `docs/vendors.md`, part 8, named below by its numbers. Nothing that Netcash sends is signed
//! (§8.1): a postback is a hint, and only what [`Netcash::check`] answers may count, after its amount and reference were
//! compared with our own.

mod codes;
mod method;
mod postback;
mod transaction;

pub use method::{PaidBy, paid_by};
pub use postback::{Postback, event_id};
pub use transaction::Transaction;

use crate::systems::CallError;
use crate::systems::http::{Base, Http, Request};
use serde_json::Value as Json;

/// Netcash's service that tells of payments. It asks for no key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Netcash {
    http: Http,
    base: Base,
}

impl Netcash {
    /// A client of the service at `base`, such as `https://ws.netcash.co.za`, without a path.
    #[must_use]
    pub fn new(http: Http, base: Base) -> Self {
        Self { http, base }
    }

    /// What Netcash itself says of the payment with this trace (§8.2); `None` where it says that it knows of none.
    ///
    /// # Errors
    /// `Later` where the answer is no JSON, names no trace, or another than was asked for; `Rejected` where it is about
    /// this payment and a part of it can't be read; else as any read.
    pub async fn check(&self, trace: &str) -> Result<Option<Transaction>, CallError> {
        let request = Request::get(&self.base, &["PayNow", "TransactionStatus", "Check"]);
        let answer = self.http.send(request.query(&[("RequestTrace", trace)])).await?;
        if !answer.status().is_success() {
            return Err(codes::refusal(answer.status().as_u16(), answer.retry_after()));
        }
        transaction::read(trace, &answer.json().ok().flatten().unwrap_or(Json::Null))
    }
}

#[cfg(test)]
mod tests;
