//! Zoho Billing's objects as flat rows under Concord's names: what it nests stands side by side.

use super::BillingTarget;
use super::subscriptions::CANCELLED;
use crate::billing::lines;
use crate::config::ZohoBillingConfig;
use crate::model::Kind;
use crate::sync::fields::PRODUCT_KEY;
use crate::sync::target::Job;
use crate::systems::zoho_billing::values::custom_value;
use crate::systems::{Seen, Written};
use serde_json::{Map, Value as Json};

/// Flat names and where they stand.
type Names = &'static [(&'static str, &'static [&'static str])];

const CUSTOMER: Names = &[
    ("email", &["email"]),
    ("name", &["display_name"]),
    ("first_name", &["first_name"]),
    ("last_name", &["last_name"]),
    ("company_name", &["company_name"]),
    ("phone", &["phone"]),
    ("street", &["billing_address", "street"]),
    ("city", &["billing_address", "city"]),
    ("state", &["billing_address", "state"]),
    ("zip", &["billing_address", "zip"]),
    ("country", &["billing_address", "country"]),
    ("currency", &["currency_code"]),
];
const PRODUCT: Names = &[("name", &["name"]), ("description", &["description"])];
const PLAN: Names = &[
    ("name", &["name"]),
    ("price", &["recurring_price"]),
    ("description", &["description"]),
];
const SUBSCRIPTION: Names = &[("price", &["plan", "price"])];
const INVOICE: Names = &[("date", &["date"]), ("due_date", &["due_date"])];
const PAYMENT: Names = &[
    ("amount", &["amount"]),
    ("date", &["date"]),
    ("method", &["payment_mode"]),
];

/// Set on a subscription whose plan or price changes with its next term.
pub(super) const END_OF_TERM: &str = "end_of_term";

impl BillingTarget {
    /// The object as a flat row, with what only the record can tell of it.
    pub(super) fn viewed(&self, job: &Job, seen: Seen) -> Seen {
        let shown = seen.fields.clone();
        let mut seen = viewed(&self.kind, seen, &self.billing.settings);
        let plan = job.parents.get(&Kind::PLAN).map(String::as_str);
        let is_plan = plan.is_some() && shown.get("plan").and_then(|it| it["plan_code"].as_str()) == plan;
        let holds = is_plan && !changes_with_the_term(&shown);
        if let Some(own) = job.record.keys.get("plan_id").filter(|_| holds) {
            seen.fields.insert("plan_id".to_owned(), Json::from(own.as_str()));
        }
        // A payment that is there has been completed, and stands where the record had it when it was recorded.
        if self.kind == Kind::PAYMENT {
            for name in ["status", "customer_id", "invoice_id"] {
                let value = job.wanted.get(name).map_or(Json::Null, |it| it.to_json());
                seen.fields.insert(name.to_owned(), value);
            }
        }
        if self.kind == Kind::INVOICE {
            parents_of_invoice(job, &shown, &mut seen.fields);
        }
        seen
    }

    /// The same of what a write returned.
    pub(super) fn viewed_written(&self, job: &Job, written: Written) -> Written {
        let seen = written.shown().map(|it| self.viewed(job, it).fields);
        Written { seen, ..written }
    }
}

/// The record's own ids of what the invoice shows: its customer, and the product of every line.
fn parents_of_invoice(job: &Job, shown: &Map<String, Json>, row: &mut Map<String, Json>) {
    let lines = shown.get("invoice_items").and_then(Json::as_array);
    let carries = |id: &str| lines.is_some_and(|it| it.iter().all(|line| line["product_id"] == id));
    let is = |kind: &Kind, id: &str| match *kind == Kind::CUSTOMER {
        true => shown.get("customer_id").and_then(Json::as_str) == Some(id),
        false => carries(id),
    };
    for (kind, name) in [(Kind::CUSTOMER, "customer_id"), (Kind::PRODUCT, PRODUCT_KEY)] {
        let there = job.parents.get(&kind).filter(|it| is(&kind, it));
        if let Some(own) = job.record.keys.get(name).filter(|_| there.is_some()) {
            row.insert(name.to_owned(), Json::from(own.as_str()));
        }
    }
}

/// The object as a flat row.
pub(super) fn viewed(kind: &Kind, seen: Seen, settings: &ZohoBillingConfig) -> Seen {
    let names = match kind.as_str() {
        "customer" => CUSTOMER,
        "product" => PRODUCT,
        "plan" => PLAN,
        "service" => SUBSCRIPTION,
        "invoice" => INVOICE,
        _ => PAYMENT,
    };
    let mut row = Map::new();
    for (name, path) in names {
        if let Some(value) = at(&seen.fields, path) {
            row.insert((*name).to_owned(), value.clone());
        }
    }
    more(kind, &seen, settings, &mut row);
    if *kind == Kind::SERVICE && changes_with_the_term(&seen.fields) {
        row.remove("price");
    }
    Seen { fields: row, ..seen }
}

/// Whether a subscription shows the terms of now, and others are scheduled: what it shows of them is not what was sent.
fn changes_with_the_term(subscription: &Map<String, Json>) -> bool {
    subscription.get(END_OF_TERM) == Some(&Json::Bool(true))
}

fn at<'a>(fields: &'a Map<String, Json>, path: &[&str]) -> Option<&'a Json> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(fields.get(*first)?, |value, part| value.get(part))
}

/// What is not only moved.
fn more(kind: &Kind, seen: &Seen, settings: &ZohoBillingConfig, row: &mut Map<String, Json>) {
    let found = match kind.as_str() {
        "customer" => (
            "app_id",
            custom_value(seen, &settings.customer_id_field).map(Json::from),
        ),
        "service" => ("status", seen.fields.get("status").and_then(Json::as_str).map(standing)),
        "invoice" => ("lines", lines_of(seen)),
        _ => return,
    };
    if let (name, Some(value)) = found {
        row.insert(name.to_owned(), value);
    }
    if *kind == Kind::INVOICE
        && let Some(number) = crate::systems::zoho_billing::values::invoice_number(seen)
    {
        row.insert("number".to_owned(), Json::from(number));
    }
}

/// Zoho's statuses of a subscription in two words: it runs, or it ends.
fn standing(status: &str) -> Json {
    let ends = [
        "non_renewing",
        "cancelled",
        "cancelled_from_dunning",
        "expired",
        "trial_expired",
    ];
    Json::from(if ends.contains(&status) { CANCELLED } else { "live" })
}

fn lines_of(seen: &Seen) -> Option<Json> {
    let lines = lines::read(seen.fields.get("invoice_items")?).ok()?;
    Some(Json::from(lines::write(&lines)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_runs_or_ends() {
        for (status, word) in [
            ("live", "live"),
            ("future", "live"),
            ("unpaid", "live"),
            ("dunning", "live"),
            ("non_renewing", "cancelled"),
            ("cancelled", "cancelled"),
            ("expired", "cancelled"),
        ] {
            assert_eq!(standing(status), Json::from(word));
        }
    }
}
