//! Subscriptions: found by their reference, which is our id; never a second one.

use super::calls::Slots;
use super::customers::several;
use super::view::END_OF_TERM;
use super::{BillingTarget, day, money, parent};
use crate::billing::day::{Began, day_of, starts_at};
use crate::model::{Fields, Kind, Outcome, Value};
use crate::sync::target::Job;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{End, Found, NewSubscription, SubscriptionChange, ZohoBilling};
use crate::systems::{Action, CallError, Seen, Written};
use jiff::civil::Date;

/// What the table of words and the view call a subscription that ends.
pub(super) const CANCELLED: &str = "cancelled";

/// Its status is changed by an action of its own: after its terms, if it is known to run and is to end; else before them.
pub(super) fn part(job: &Job) -> Fields {
    let mut part = job.send.clone();
    match part.remove("status") {
        Some(status) if part.is_empty() || !runs(job) => Fields::from([("status".to_owned(), status)]),
        _ => part,
    }
}

/// What has been told to end keeps the plan and the price that it had; both are sent if it is to run again.
pub(super) fn ended(job: &Job) -> Option<Outcome> {
    let word = |it: Option<&Value>| it.and_then(Value::as_text) == Some(CANCELLED);
    let is_over = word(job.wanted.get("status")) && word(job.link.receipt.base("status"));
    let keeps = job.record.key.kind == Kind::SERVICE && is_over && !job.send.contains_key("status");
    keeps.then(|| Outcome::Skipped {
        rule: "it has ended in Zoho Billing, and keeps the plan and the price that it had".to_owned(),
    })
}

/// Whether it is known to run, and no call without an answer may have ended it.
fn runs(job: &Job) -> bool {
    let shown = job.link.receipt.base("status").and_then(Value::as_text);
    shown.is_some_and(|it| it != CANCELLED) && job.doubtful("status").next().is_none()
}

impl BillingTarget {
    pub(super) async fn find_subscription(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        let reference = job.record.key.id.as_str();
        let find = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            match client.find_subscription(access, reference, slots).await? {
                Found::Absent => Ok(None),
                Found::Several(ids) => Err(several(&ids)),
                // A row of a list shows less than the object.
                Found::One(row) => {
                    slots.next().await?;
                    client.subscription(access, &row.id).await.map(Some)
                }
            }
        };
        self.look(job.link.class, find).await
    }

    pub(super) async fn make_subscription(&self, job: &Job) -> Result<Written, CallError> {
        let new = NewSubscription {
            customer_id: parent(job, &Kind::CUSTOMER)?.to_owned(),
            plan_code: parent(job, &Kind::PLAN)?.to_owned(),
            price: money(job, "price"),
            reference: job.record.key.id.clone(),
            starts_at: self.starts_at(job),
        };
        self.write(async |client: &ZohoBilling, access: &Access| client.create_subscription(access, &new).await)
            .await
    }

    fn starts_at(&self, job: &Job) -> Date {
        let offset = self.app.config.billing.offset;
        let began = Began {
            start: day(job, "start_date"),
            next_bill: day(job, "next_billing_date"),
            known_since: day_of(job.record.made_at, offset),
        };
        starts_at(began, self.app.billing_day())
    }

    /// Its plan and price, or its status: each is a call of its own. What a call without an answer did is read first.
    pub(super) async fn change_subscription(&self, job: &Job) -> Result<Written, CallError> {
        if job.send.keys().any(|it| job.link.receipt.unsure.contains_key(it)) {
            let seen = self.read_subscription(job).await?;
            if let Some(written) = self.as_wanted(job, seen) {
                return Ok(written);
            }
            self.own_slot(job).await?;
        }
        match job.send.get("status") {
            Some(status) => self.change_status(job, status).await,
            None => self.change_terms(job).await,
        }
    }

    /// A read under the slot that the push holds for the write.
    async fn read_subscription(&self, job: &Job) -> Result<Seen, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        self.write(async |client: &ZohoBilling, access: &Access| client.subscription(access, id).await)
            .await
    }

    /// What it shows, if that is what was to be sent.
    fn as_wanted(&self, job: &Job, seen: Seen) -> Option<Written> {
        let viewed = self.viewed(job, seen.clone());
        let agrees = |(name, value): (&String, &Value)| viewed.fields.get(name) == Some(&value.to_json());
        job.send.iter().all(agrees).then(|| Written {
            id: seen.id.clone(),
            modified: seen.modified,
            action: Action::Updated,
            seen: Some(seen.fields),
            held: None,
        })
    }

    async fn change_status(&self, job: &Job, status: &Value) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        let ends = status.as_text() == Some(CANCELLED);
        let act = async |client: &ZohoBilling, access: &Access| match ends {
            true => client.cancel_subscription(access, id, End::OfTerm).await,
            false => client.reactivate_subscription(access, id).await,
        };
        let answer = match self.write(act).await {
            // A person may have done the same there.
            Err(CallError::Rejected(why)) => self.is_done_already(job, why).await,
            answer => answer,
        };
        match answer {
            Err(CallError::Rejected(why)) if !ends => Err(CallError::Held(format!(
                "it has ended in Zoho Billing and can't be reactivated; a second one is a person's to make: {why}"
            ))),
            answer => answer,
        }
    }

    /// What it shows, if that is what the refused call was to bring; else the refusal.
    async fn is_done_already(&self, job: &Job, why: String) -> Result<Written, CallError> {
        self.own_slot(job).await?;
        let seen = self.read_subscription(job).await?;
        self.as_wanted(job, seen).ok_or(CallError::Rejected(why))
    }

    async fn change_terms(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        let change = SubscriptionChange {
            plan_code: parent(job, &Kind::PLAN)?.to_owned(),
            price: money(job, "price"),
            end_of_term: true,
        };
        let update =
            async |client: &ZohoBilling, access: &Access| client.update_subscription(access, id, &change).await;
        let mut changed = self.write(update).await?;
        // Its answer shows the terms of now.
        if let Some(shown) = &mut changed.seen {
            shown.insert(END_OF_TERM.to_owned(), true.into());
        }
        Ok(changed)
    }
}
