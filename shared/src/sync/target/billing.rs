//! Zoho Billing: one record in a call, no upsert, no idempotency key. What became of a call without an answer is found
//! out by the look-up of its kind before anything is made again (docs/vendors.md §2.6).

mod access;
mod calls;
mod catalogue;
mod customers;
mod events;
mod invoices;
mod maps;
mod payments;
mod subscriptions;
mod tied;
mod view;

pub use access::Billing;
pub(crate) use tied::Tied;

use super::{Job, Results, Standing, Target, WriteClass};
use crate::app::App;
use crate::billing::rules;
use crate::model::{Fields, Kind, Outcome, Record, RecordKey, System, Value, decimal};
use crate::store::keys;
use crate::sync::budget::Limits;
use crate::systems::{CallError, Seen, Written};
use payments::Known;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Calls that one batch of messages has under way. The budget's own bound is the system's.
const AT_ONCE: usize = 10;

/// What the business's rules say before anything is asked of Zoho Billing; `None`: it goes.
pub(crate) fn rule(job: &Job) -> Option<Outcome> {
    rules::rule(&job.record, &job.link).or_else(|| subscriptions::ended(job))
}

/// One kind in Zoho Billing.
#[derive(Debug)]
pub struct BillingTarget {
    app: App,
    billing: Billing,
    kind: Kind,
    /// What payments of this batch were found to pay.
    known: Mutex<BTreeMap<String, Known>>,
}

impl BillingTarget {
    /// `None` while Zoho Billing is not configured.
    #[must_use]
    pub fn new(app: &App, kind: Kind) -> Option<Self> {
        Some(Self {
            app: app.clone(),
            billing: app.zoho_billing.clone()?,
            kind,
            known: Mutex::default(),
        })
    }

    async fn find_one(&self, job: &Job) -> Result<Vec<Seen>, CallError> {
        self.has_customers_currency(job).await?;
        let found = match self.kind.as_str() {
            "customer" => self.find_customer(job).await?,
            "product" => self.find_product(job).await?,
            "plan" => self.find_plan(job).await?,
            "service" => self.find_subscription(job).await?,
            "invoice" => self.find_invoice(job).await?,
            _ => self.find_payment(job).await?,
        };
        Ok(found.into_iter().map(|it| self.viewed(job, it)).collect())
    }

    /// Zoho reads every amount in the customer's currency: one in another would be recorded as so much of that.
    async fn has_customers_currency(&self, job: &Job) -> Result<(), CallError> {
        let is_money = self.kind == Kind::INVOICE || self.kind == Kind::PAYMENT;
        let own = job.record.fields.get("currency").and_then(Value::as_text);
        let (Some(own), Some(customer)) = (own.filter(|_| is_money), job.record.keys.get("customer_id")) else {
            return Ok(());
        };
        let customer = self.record(Kind::CUSTOMER, customer).await?;
        let theirs = customer.as_ref().and_then(|it| it.fields.get("currency")?.as_text());
        match theirs {
            Some(theirs) if theirs != own => Err(CallError::Rejected(format!(
                "currency: is {own}, and its customer's is {theirs}"
            ))),
            _ => Ok(()),
        }
    }

    /// Another record, as it now is.
    async fn record(&self, kind: Kind, id: &str) -> Result<Option<Record>, CallError> {
        let stored = self
            .app
            .store
            .get::<Record>(&keys::record(&RecordKey::new(kind, id)))
            .await;
        let stored = stored.map_err(|it| CallError::Later(format!("{it:#}")))?;
        Ok(stored.map(|it| it.body))
    }

    async fn make(&self, job: &Job) -> Result<Written, CallError> {
        let made = match self.kind.as_str() {
            "customer" => self.make_customer(job).await?,
            "product" => self.make_product(job).await?,
            "plan" => self.make_plan(job).await?,
            "service" => self.make_subscription(job).await?,
            "invoice" => self.make_invoice(job).await?,
            _ => self.make_payment(job).await?,
        };
        Ok(self.viewed_written(job, made))
    }

    async fn change(&self, job: &Job) -> Result<Written, CallError> {
        let changed = match self.kind.as_str() {
            "customer" => self.change_customer(job).await?,
            "product" => self.change_product(job).await?,
            "plan" => self.change_plan(job).await?,
            "service" => self.change_subscription(job).await?,
            "invoice" => self.change_invoice(job).await?,
            // Found after a call without an answer, and changed in the app since.
            _ => {
                let id = job.link.remote_id.as_deref().unwrap_or_default();
                let why = format!("recorded as {id} with other values: a recorded payment is a person's to change");
                return Err(CallError::Held(why));
            }
        };
        Ok(self.viewed_written(job, changed))
    }
}

impl Target for BillingTarget {
    fn kind(&self) -> Kind {
        self.kind.clone()
    }

    fn system(&self) -> System {
        System::ZOHO_BILLING
    }

    fn limits(&self) -> Limits {
        Billing::limits(self.app.config.billing.calls)
    }

    fn alone(&self, _job: &Job) -> bool {
        false
    }

    fn batch(&self) -> usize {
        1
    }

    fn create_class(&self) -> WriteClass {
        WriteClass::Findable
    }

    /// Look-ups take a slot for each call.
    fn units(&self, count: usize, writes: bool) -> u64 {
        if writes { u64::try_from(count).unwrap_or(1) } else { 0 }
    }

    /// Payments go one after the other: two of one invoice would both see its whole balance.
    fn at_once(&self) -> usize {
        if self.kind == Kind::PAYMENT { 1 } else { AT_ONCE }
    }

    fn rule(&self, job: &Job) -> Option<Outcome> {
        rule(job)
    }

    fn fills(&self) -> bool {
        true
    }

    fn part(&self, job: &Job) -> Fields {
        match self.kind == Kind::SERVICE && job.link.remote_id.is_some() {
            true => subscriptions::part(job),
            false => job.send.clone(),
        }
    }

    async fn find(&self, jobs: &[Job]) -> Result<Vec<Vec<Seen>>, CallError> {
        let mut found = Vec::new();
        for job in jobs {
            found.push(self.find_one(job).await?);
        }
        Ok(found)
    }

    async fn read(&self, id: &str) -> Result<Option<Seen>, CallError> {
        let read = self.read_one(id).await;
        match read {
            Ok(seen) => Ok(Some(view::viewed(&self.kind, seen, &self.billing.settings))),
            Err(CallError::Gone(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn create(&self, jobs: &[Job]) -> Results {
        let mut results = Vec::new();
        for job in jobs {
            results.push(self.make(job).await);
        }
        Ok(results)
    }

    async fn update(&self, jobs: &[Job]) -> Results {
        let mut results = Vec::new();
        for job in jobs {
            results.push(self.change(job).await);
        }
        Ok(results)
    }

    /// The token is fetched before any slot is taken: a call is sent when its slot was booked.
    async fn standing(&self) -> anyhow::Result<Standing> {
        self.billing.fetch_token().await;
        Ok(Standing::Fine)
    }
}

/// Of an object that was made with a sum, and is there with another one, a person is told: Zoho rounds in its own ways.
fn tied_out(written: Written, sum: Option<rust_decimal::Decimal>, name: &str) -> Written {
    let shown = written.seen.as_ref().and_then(|it| decimal(it.get(name)?));
    let held = shown.zip(sum).filter(|(shown, sum)| shown != sum);
    let held = held.map(|(shown, sum)| format!("its {name} in Zoho Billing is {shown}, and ours is {sum}"));
    written.or_held(held)
}

/// A field of the record, as text.
fn text<'a>(job: &'a Job, field: &str) -> Option<&'a str> {
    job.wanted
        .get(field)
        .or_else(|| job.record.fields.get(field))?
        .as_text()
}

/// An amount of the record.
fn money(job: &Job, field: &str) -> Option<rust_decimal::Decimal> {
    match job.wanted.get(field).or_else(|| job.record.fields.get(field)) {
        Some(Value::Decimal(amount)) => Some(*amount),
        _ => None,
    }
}

/// A day of the record.
fn day(job: &Job, field: &str) -> Option<jiff::civil::Date> {
    text(job, field)?.parse().ok()
}

/// Zoho's id of a parent that must be there.
fn parent<'a>(job: &'a Job, kind: &Kind) -> Result<&'a str, CallError> {
    let found = job.parents.get(kind).map(String::as_str);
    found.ok_or_else(|| CallError::Rejected(format!("its {kind} is kept out of Zoho Billing")))
}
