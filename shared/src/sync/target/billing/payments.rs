//! Payments: applied to their invoice, a draft opened first; never applied twice.

use super::calls::Slots;
use super::customers::several;
use super::{BillingTarget, day, money, parent, text, tied_out};
use crate::billing::day::period;
use crate::model::{Kind, Record, Value};
use crate::sync::target::Job;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{Applied, Found, Mode, NewPayment, PaymentKey, ZohoBilling, values};
use crate::systems::{CallError, Seen, Written};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use std::sync::PoisonError;

/// What a look-up found of the invoice that a payment pays.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pays: Pays,
    at: Timestamp,
}

/// What a payment pays.
#[derive(Clone, Debug)]
enum Pays {
    /// This invoice.
    Invoice {
        id: String,
        balance: Decimal,
        is_draft: bool,
    },
    /// No invoice: the customer's credit.
    Nothing,
    /// Nobody can tell: recorded as the customer's credit, and held.
    Unclear(String),
}

/// For how long what was found is good: people and other payments change it.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

impl BillingTarget {
    pub(super) async fn find_payment(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        if self.known(job).is_some() {
            // The step before this one looked, and was our own.
            return Ok(None);
        }
        let customer = parent(job, &Kind::CUSTOMER)?;
        let wanted = self.wanted(job).await?;
        let keys = payment_keys(job, customer)?;
        let find = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            let (pays, invoice) = pays(client, access, slots, &wanted).await?;
            for key in keys {
                match client.find_payment(access, key, invoice.as_ref(), slots).await? {
                    Found::Absent => {}
                    Found::One(seen) => return Ok((pays, Some(*seen))),
                    Found::Several(ids) => return Err(several(&ids)),
                }
            }
            Ok((pays, None))
        };
        let (pays, found) = self.look(job.link.class, find).await?;
        if found.is_none() {
            self.keep(job, pays);
        }
        Ok(found)
    }

    /// By what the invoice is found: its id, or the subscription of which Zoho makes it and the days that it is for.
    async fn wanted(&self, job: &Job) -> Result<Wanted, CallError> {
        if let Some(id) = job.parents.get(&Kind::INVOICE) {
            return Ok(Wanted::Invoice(id.clone()));
        }
        let Some(invoice) = job.record.keys.get("invoice_id") else {
            return Ok(Wanted::Nothing);
        };
        let days = self.record(Kind::INVOICE, invoice).await?.as_ref().and_then(days_of);
        Ok(match (job.parents.get(&Kind::SERVICE), days) {
            (Some(subscription), Some(days)) => Wanted::Recurring(subscription.clone(), days),
            _ => Wanted::Unclear(format!(
                "invoice {invoice} is kept out of Zoho Billing, and nothing stands for it"
            )),
        })
    }

    pub(super) async fn make_payment(&self, job: &Job) -> Result<Written, CallError> {
        let known = self.known(job);
        let known = known.ok_or_else(|| CallError::Later("its invoice is to be looked at again".to_owned()))?;
        if let Pays::Invoice {
            id,
            balance,
            is_draft: true,
        } = known
        {
            return self.open(job, id, balance).await;
        }
        let new = payment(job, &known)?;
        self.forget(job);
        let make = async |client: &ZohoBilling, access: &Access| client.create_payment(access, &new).await;
        let made = self.write(make).await;
        let held = match known {
            Pays::Unclear(why) => Some(why),
            _ => None,
        };
        match made {
            Err(CallError::Rejected(why)) => Err(self.refused(job, new.applied.first(), why).await?),
            answer => answer.map(|it| tied_out(Written { held, ..it }, Some(new.amount), "amount")),
        }
    }

    /// Opens the draft; the payment itself is the next call.
    async fn open(&self, job: &Job, id: String, balance: Decimal) -> Result<Written, CallError> {
        self.forget(job);
        let opened = self.write(async |client: &ZohoBilling, access: &Access| client.open_invoice(access, &id).await);
        match opened.await {
            // A call without an answer, or another payment, may have opened it meanwhile.
            Err(CallError::Rejected(why)) => match values::text(&self.invoice_now(job, &id).await?, "status") {
                Some("draft") => return Err(CallError::Rejected(why)),
                _ => return Err(CallError::Modified(why)),
            },
            opened => opened?,
        };
        let is_draft = false;
        self.keep(job, Pays::Invoice { id, balance, is_draft });
        Err(CallError::Stepped("its invoice was opened"))
    }

    /// What a refused payment means: an invoice with less to pay than was seen was paid or changed meanwhile, and is
    /// looked at again.
    async fn refused(&self, job: &Job, applied: Option<&Applied>, why: String) -> Result<CallError, CallError> {
        let Some(applied) = applied else {
            return Ok(CallError::Rejected(why));
        };
        let balance = values::money(&self.invoice_now(job, &applied.invoice_id).await?, "balance");
        Ok(match balance.is_some_and(|it| it < applied.amount) {
            true => CallError::Modified(why),
            false => CallError::Rejected(why),
        })
    }

    async fn invoice_now(&self, job: &Job, id: &str) -> Result<Seen, CallError> {
        self.own_slot(job).await?;
        self.write(async |client: &ZohoBilling, access: &Access| client.invoice(access, id).await)
            .await
    }

    fn known(&self, job: &Job) -> Option<Pays> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&job.record.key.id)?;
        (found.at + FRESH > self.app.clock.now()).then(|| found.pays.clone())
    }

    fn keep(&self, job: &Job, pays: Pays) {
        let at = self.app.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(job.record.key.id.clone(), Known { pays, at });
    }

    fn forget(&self, job: &Job) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&job.record.key.id);
    }
}

/// Which invoice is looked for.
enum Wanted {
    Nothing,
    Unclear(String),
    Invoice(String),
    Recurring(String, (Date, Date)),
}

/// The days that a recurring invoice of the app is for.
fn days_of(record: &Record) -> Option<(Date, Date)> {
    let day = |name: &str| record.fields.get(name).and_then(Value::as_text)?.parse().ok();
    period(day("period_start"), day("period_end"), day("date"))
}

/// Under what it may be there: its amount and day, and those that calls without an answer carried. An edit that comes
/// while nobody knows whether it was recorded must not make another payment of it.
fn payment_keys<'a>(job: &'a Job, customer: &'a str) -> Result<Vec<PaymentKey<'a>>, CallError> {
    let missing = |field: &str| CallError::Rejected(format!("{field}: is missing"));
    let (amounts, dates) = (job.candidates("amount"), job.candidates("date"));
    let mut keys = Vec::new();
    for amount in &amounts {
        let Value::Decimal(amount) = *amount else { continue };
        for date in dates.iter().filter_map(|it| it.as_text()?.parse().ok()) {
            keys.push(PaymentKey {
                customer_id: customer,
                reference: &job.record.key.id,
                amount,
                date,
            });
        }
    }
    match (keys.is_empty(), money(job, "amount")) {
        (false, _) => Ok(keys),
        (true, None) => Err(missing("amount")),
        (true, Some(_)) => Err(missing("date")),
    }
}

/// What the payment pays, and the invoice as it is now.
async fn pays(
    client: &ZohoBilling,
    access: &Access,
    slots: &Slots<'_>,
    wanted: &Wanted,
) -> Result<(Pays, Option<Seen>), CallError> {
    let id = match wanted {
        Wanted::Nothing => return Ok((Pays::Nothing, None)),
        Wanted::Unclear(why) => return Ok((Pays::Unclear(why.clone()), None)),
        Wanted::Invoice(id) => id.clone(),
        Wanted::Recurring(subscription, days) => match own_invoice(client, access, slots, subscription, *days).await? {
            Ok(id) => id,
            Err(why) => return Ok((Pays::Unclear(why), None)),
        },
    };
    slots.next().await?;
    let invoice = client.invoice(access, &id).await?;
    let balance = values::money(&invoice, "balance");
    let balance = balance.ok_or_else(|| CallError::Later(format!("invoice {id} shows no balance")))?;
    let is_draft = values::text(&invoice, "status") == Some("draft");
    Ok((Pays::Invoice { id, balance, is_draft }, Some(invoice)))
}

/// Zoho's own invoice of a subscription in these days; the inner error names those that it may be, or says that there is
/// none.
async fn own_invoice(
    client: &ZohoBilling,
    access: &Access,
    slots: &Slots<'_>,
    subscription: &str,
    (first, last): (Date, Date),
) -> Result<Result<String, String>, CallError> {
    let (mut found, mut next) = (Vec::new(), Some(1));
    while let Some(page) = next {
        slots.next().await?;
        let page = client.invoices_of_subscription(access, subscription, page).await?;
        next = page.next;
        let in_days = |it: &Seen| {
            let day = values::date(it, "invoice_date").or_else(|| values::date(it, "date"));
            day.is_some_and(|it| it >= first && it <= last) && values::text(it, "status") != Some("void")
        };
        found.extend(page.whole()?.into_iter().filter(in_days).map(|it| it.id));
    }
    let days = format!("of subscription {subscription} from {first} to {last}");
    Ok(match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(format!("recorded as credit: Zoho Billing has no invoice {days}")),
        several => Err(format!(
            "recorded as credit: several invoices {days}: {}",
            several.join(", ")
        )),
    })
}

/// The payment: at most the balance is applied, the rest is the customer's credit.
fn payment(job: &Job, known: &Pays) -> Result<NewPayment, CallError> {
    let missing = |field: &str| CallError::Rejected(format!("{field}: is missing"));
    let amount = money(job, "amount").ok_or_else(|| missing("amount"))?;
    let applied = match known {
        Pays::Invoice { id, balance, .. } => {
            let invoice_id = id.clone();
            let amount = amount.min(*balance);
            (amount > Decimal::ZERO).then_some(Applied { invoice_id, amount })
        }
        _ => None,
    };
    Ok(NewPayment {
        customer_id: parent(job, &Kind::CUSTOMER)?.to_owned(),
        mode: mode(text(job, "method")),
        amount,
        date: day(job, "date").ok_or_else(|| missing("date"))?,
        reference: job.record.key.id.clone(),
        description: text(job, "description").unwrap_or_default().to_owned(),
        applied: applied.into_iter().collect(),
    })
}

fn mode(word: Option<&str>) -> Mode {
    match word {
        Some("creditcard") => Mode::CreditCard,
        Some("banktransfer") => Mode::BankTransfer,
        Some("cash") => Mode::Cash,
        Some("check") => Mode::Check,
        _ => Mode::Others,
    }
}
