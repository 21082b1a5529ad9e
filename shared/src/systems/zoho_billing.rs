//! Zoho Billing, API v1: customers, products, plans, subscriptions, invoices, payments, events.
//!
//! Source of every wire fact: `docs/vendors.md`, part 2, named below by its numbers. A method makes one call and never
//! tries again by itself, but for the look-ups (`find_…`), which ask [`Pace`] before each of theirs: a minute has few calls.
//!
//! There is no upsert and no idempotency key (§2.6): each write names its class, and what became of a write without an
//! answer is found out by the look-up of its kind before anything is made again.

mod answer;
mod codes;
mod customers;
mod events;
mod invoices;
pub mod limits;
mod look_ups;
mod objects;
mod payment_key;
mod payments;
mod plans;
mod products;
mod subscriptions;
pub mod values;

pub use customers::{CustomField, CustomerMap, Match};
pub use events::{Event, event_time};
pub use invoices::{Line, NewInvoice};
pub use look_ups::{Found, Pace};
pub use objects::Page;
pub use payment_key::PaymentKey;
pub use payments::{Applied, Mode, NewPayment};
pub use plans::NewPlan;
pub use subscriptions::{End, NewSubscription, SubscriptionChange};

use crate::systems::http::{Base, Http, Request};
use crate::systems::zoho_accounts::Access;
use http::Method;

/// The header that names the organisation in every call (§2.1); its name is the product's former one.
const ORGANIZATION: &str = "x-com-zoho-subscriptions-organizationid";

/// Zoho Billing's API for one organisation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ZohoBilling {
    http: Http,
    base: Base,
    organization: String,
}

impl ZohoBilling {
    /// A client of the API at `base`, such as `https://www.zohoapis.eu`, without a path, for this organisation.
    #[must_use]
    pub fn new(http: Http, base: Base, organization: String) -> Self {
        Self {
            http,
            base,
            organization,
        }
    }

    fn get(&self, access: &Access, path: &[&str]) -> Request {
        self.signed(access, Request::get(&access.base(&self.base), &under_v1(path)))
    }

    fn change(&self, method: Method, access: &Access, path: &[&str]) -> Request {
        self.signed(
            access,
            Request::write(method, &access.base(&self.base), &under_v1(path)),
        )
    }

    fn signed(&self, access: &Access, request: Request) -> Request {
        access.sign(request).header(ORGANIZATION, &self.organization)
    }
}

fn under_v1<'a>(path: &[&'a str]) -> Vec<&'a str> {
    [&["billing", "v1"], path].concat()
}

#[cfg(test)]
mod tests;
