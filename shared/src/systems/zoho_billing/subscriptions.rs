//! Subscriptions (docs/vendors.md §2.4).

use super::Pace;
use super::objects::{Page, SUBSCRIPTIONS};
use super::values::{number, text};
use super::{Found, ZohoBilling, answer};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen, Written};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// All statuses, ended ones too: one that was cancelled is reactivated or left, never made again.
const ALL: (&str, &str) = ("filter_by", "SubscriptionStatus.All");

/// A subscription to be made. It is never charged automatically (`auto_collect` is off).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubscription {
    /// Zoho's id of the customer.
    pub customer_id: String,
    /// The plan's code.
    pub plan_code: String,
    /// The price each term, where it is not the plan's own; in the customer's currency.
    pub price: Option<Decimal>,
    /// Our id of it, by which it is found again.
    pub reference: String,
    /// Its first day, in the organisation's time zone. A past day makes Zoho bill backwards (§2.4).
    pub starts_at: Date,
}

/// What of a subscription may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionChange {
    /// The plan's code, which Zoho's schema demands with any change (§2.4).
    pub plan_code: String,
    /// The price each term, where it is not the plan's own.
    pub price: Option<Decimal>,
    /// Whether it takes effect with the next term and not at once.
    pub end_of_term: bool,
}

/// When a cancelled subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At once: `cancelled`.
    Now,
    /// With its term: `non_renewing` until then, and it can be reactivated.
    OfTerm,
}

impl ZohoBilling {
    /// Makes a subscription.
    ///
    /// Write class: **findable** by [`ZohoBilling::find_subscription`]: a second one would bill twice, so look before
    /// making.
    ///
    /// # Errors
    /// As any write.
    pub async fn create_subscription(&self, access: &Access, new: &NewSubscription) -> Result<Written, CallError> {
        let body = json!({
            "customer_id": new.customer_id,
            "plan": plan(&new.plan_code, new.price),
            "reference_id": new.reference,
            "starts_at": new.starts_at.to_string(),
            "auto_collect": false,
        });
        self.create(access, &SUBSCRIPTIONS, &[], &body).await
    }

    /// Sets plan and price.
    ///
    /// Write class: **keyed** on Zoho's own id, but at once it may bill the difference: read it after a lost answer
    /// and send again only what differs.
    ///
    /// # Errors
    /// `Gone` where there is no such subscription; else as any write.
    pub async fn update_subscription(
        &self,
        access: &Access,
        id: &str,
        change: &SubscriptionChange,
    ) -> Result<Written, CallError> {
        let body = json!({
            "plan": plan(&change.plan_code, change.price),
            "end_of_term": change.end_of_term,
        });
        self.update(access, &SUBSCRIPTIONS, id, &[], &body).await
    }

    /// Cancels a subscription.
    ///
    /// Write class: **keyed** on Zoho's own id: its status tells whether it was done; what a cancelled one answers is
    /// not documented, so read before sending again.
    ///
    /// # Errors
    /// `Gone` where there is no such subscription; else as any write.
    pub async fn cancel_subscription(&self, access: &Access, id: &str, end: End) -> Result<Written, CallError> {
        let at_end = match end {
            End::Now => "false",
            End::OfTerm => "true",
        };
        let query = [("cancel_at_end", at_end)];
        let body = self.act(access, &SUBSCRIPTIONS, id, "cancel", &query).await?;
        answer::written(&SUBSCRIPTIONS, &body, Some(id))
    }

    /// Takes a cancellation at the term's end back; possible only while the status is `non_renewing` (§2.4).
    ///
    /// Write class: as [`ZohoBilling::cancel_subscription`].
    ///
    /// # Errors
    /// `Gone` where there is no such subscription; `Rejected` in another status; else as any write.
    pub async fn reactivate_subscription(&self, access: &Access, id: &str) -> Result<Written, CallError> {
        let body = self.act(access, &SUBSCRIPTIONS, id, "reactivate", &[]).await?;
        answer::written(&SUBSCRIPTIONS, &body, Some(id))
    }

    /// A subscription.
    ///
    /// # Errors
    /// `Gone` where there is none; else as any read.
    pub async fn subscription(&self, access: &Access, id: &str) -> Result<Seen, CallError> {
        self.read_one(access, &SUBSCRIPTIONS, id).await
    }

    /// A page of a customer's subscriptions, ended ones too.
    ///
    /// # Errors
    /// As any read.
    pub async fn subscriptions_of(&self, access: &Access, customer_id: &str, page: u32) -> Result<Page, CallError> {
        let filter = [ALL, ("customer_id", customer_id)];
        self.list(access, &SUBSCRIPTIONS, &filter, page).await
    }

    /// The subscription with this reference, in whatever status. Zoho's filter finds texts that contain it (§2.4), so
    /// it is compared again. A call for each 200 of those, usually one; each after `pace`.
    ///
    /// # Errors
    /// What `pace` says; `Later` where a row can't be read; else as any read.
    pub async fn find_subscription(
        &self,
        access: &Access,
        reference: &str,
        pace: &impl Pace,
    ) -> Result<Found, CallError> {
        let filter = [ALL, ("reference_contains", reference)];
        let is_wanted = |row: &Seen| text(row, "reference_id") == Some(reference.trim());
        let found = self.matching(access, &SUBSCRIPTIONS, &filter, is_wanted, pace);
        Ok(Found::of(found.await?))
    }
}

fn plan(code: &str, price: Option<Decimal>) -> Json {
    let mut plan = json!({ "plan_code": code });
    if let Some(price) = price {
        plan["price"] = number(price);
    }
    plan
}
