//! The rules of billing, beyond those that hold for every flow: what the app said last stands, and what is left out is
//! left out for a reason.

use super::money;
use super::shop::{Shop, Thing};
use crate::check::{Breach, Facts, breach};
use crate::sim::Sim;
use rust_decimal::Decimal;
use serde_json::Value;
use shared::model::{Kind, Link, Record, Status, System};
use std::str::FromStr as _;
use std::sync::atomic::Ordering;

/// Fields that Concord keeps as they are said.
const FIELDS: [&str; 12] = [
    "email",
    "name",
    "first_name",
    "city",
    "phone",
    "price",
    "plan_id",
    "status",
    "amount",
    "date",
    "due_date",
    "number",
];

/// What the app said last stands in the one record.
pub(super) fn words(shop: &Shop, facts: &Facts) -> Vec<Breach> {
    let all = shop.all();
    let wrong = all.iter().flat_map(|it| differences(facts, it));
    wrong.map(|it| breach("no lost update", it)).collect()
}

/// The same before any pull, for what the API has said to be in, or of which a webhook has told us in time.
pub(super) fn unacknowledged(shop: &Shop, sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let all = shop.all();
    let is_in = |it: &Thing| it.is_acknowledged.load(Ordering::Relaxed);
    let told = all
        .iter()
        .filter(|it| (!it.is_sent() || is_in(it)) && (!it.has_row() || was_told(sim, it)));
    let wrong = told.flat_map(|it| differences(facts, it));
    wrong.map(|it| breach("nothing acknowledged is lost", it)).collect()
}

fn was_told(sim: &Sim, thing: &Thing) -> bool {
    let changed = thing.changed_ms.load(Ordering::Relaxed);
    let history = sim.history();
    let told =
        |it: &&crate::history::Notice| it.system == "app" && it.sent_ms >= changed && it.ids.contains(&thing.key.id);
    changed > 0 && history.notices.iter().any(|it| told(&it))
}

fn differences(facts: &Facts, thing: &Thing) -> Vec<String> {
    let form = thing.now();
    if form.is_empty() {
        return Vec::new();
    }
    let Some(record) = facts.records.get(&thing.key) else {
        return vec![format!("the app said {}, and there is no such record", thing.key)];
    };
    let said = FIELDS.iter().filter_map(|name| Some((name, form.get(*name)?)));
    said.filter_map(|(name, said)| {
        let stands = stands(record, name);
        (!same(said, &stands)).then(|| format!("{}: {name} is {stands}, and the app said {said} last", thing.key))
    })
    .collect()
}

fn stands(record: &Record, name: &str) -> Value {
    let key = record.keys.get(name).map(|it| Value::from(it.as_str()));
    let field = record.fields.get(name).map(|it| it.to_json());
    field.or(key).unwrap_or_default()
}

fn same(said: &Value, stands: &Value) -> bool {
    let number =
        |it: &Value| Decimal::from_str(it.as_str().map_or_else(|| it.to_string(), str::to_owned).as_str()).ok();
    said == stands || number(said).zip(number(stands)).is_some_and(|(a, b)| a == b)
}

/// Whether what the app did, or a rule of the business, accounts for a link that is not synced.
pub(super) fn accounts_for(shop: &Shop, facts: &Facts, link: &Link) -> bool {
    let Some(thing) = shop.get(&link.record) else {
        return false;
    };
    if link.system == System::APP_STATUS {
        // What came by the API only has no row to be shown in.
        return link.status == Status::Skipped && !thing.has_row();
    }
    if link.system != System::ZOHO_BILLING {
        return false;
    }
    let status = thing.text("status");
    match (link.record.kind.as_str(), link.status) {
        ("service", Status::Skipped) => status != "active",
        // Zoho takes no subscription back that has ended, and a second one is a person's to make.
        ("service", Status::Held) => status == "active" && why(link).contains("can't be reactivated"),
        ("invoice", Status::Skipped) => thing.text("type") == "recurring",
        // More was paid of it than it is said to come to now.
        ("invoice", Status::Failed) => thing.was_amended() && why(link).contains("More was paid"),
        ("payment", Status::Skipped) => !["completed", "refunded"].contains(&status.as_str()),
        ("payment", Status::Held) => {
            status == "refunded" || changed_since(facts, link) || is_unclear(shop, &thing, link)
        }
        _ => false,
    }
}

fn why(link: &Link) -> &str {
    link.last_error.as_ref().map_or("", |it| it.why.as_str())
}

/// Whether a payment differs from what was recorded of it: that is a person's.
fn changed_since(facts: &Facts, link: &Link) -> bool {
    let mut objects = facts.objects["zoho_billing"].iter();
    let is_its = |it: &(&String, &Value)| it.0.starts_with("payment/") && it.1["identity"] == link.record.id.as_str();
    let object = objects.find(is_its).map(|it| it.1);
    let Some((object, record)) = object.zip(facts.records.get(&link.record)) else {
        return false;
    };
    ["amount", "date"]
        .iter()
        .any(|it| !same(&object[*it], &stands(record, it)))
}

/// Whether a payment is of a recurring invoice that Zoho does not have, or has several of: recorded as credit, and held.
fn is_unclear(shop: &Shop, thing: &Thing, link: &Link) -> bool {
    let invoice = money::invoice_of(shop, thing);
    invoice.is_some_and(|it| it.text("type") == "recurring") && link.remote_id.is_some()
}

/// What a rule keeps out is not there; a service that was cancelled does not run on.
pub(super) fn left_out(shop: &Shop, facts: &Facts) -> Vec<Breach> {
    let skipped = facts.written_links().filter(|it| it.status == Status::Skipped);
    let mut found = Vec::new();
    for link in skipped.filter(|it| it.system == System::ZOHO_BILLING && shop.get(&it.record).is_some()) {
        let own = format!("{}/", link.record.kind);
        let objects = facts.objects["zoho_billing"].iter().filter(|it| it.0.starts_with(&own));
        let id = link.record.id.as_str();
        let runs = |it: &Value| link.record.kind != Kind::SERVICE || it["status"] == "live";
        let mut there = objects.filter(|it| it.1["identity"] == id && runs(it.1));
        if let Some((object, _)) = there.next() {
            let told = format!("{} is left out ({}), and {object} is there", link.record, why(link));
            found.push(breach("the last accepted version is everywhere", told));
        }
    }
    found
}
