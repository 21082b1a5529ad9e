//! What the business's rules say of a record before anything is asked of Zoho Billing. Pure.

use super::lines;
use super::words::{COMPLETED, RECURRING, REFUNDED, product_of};
use crate::model::{Link, Outcome, Record, Status, Value};
use rust_decimal::Decimal;

/// What a rule says: left out, held, or refused; `None`: it goes.
#[must_use]
pub fn rule(record: &Record, link: &Link) -> Option<Outcome> {
    match record.key.kind.as_str() {
        "customer" => needs(record, &["email", "name"], &[]),
        "product" => unpublished(record, link).or_else(|| needs(record, &["name"], &[])),
        "plan" => unpublished(record, link).or_else(|| needs(record, &["name", "price"], &["product_id"])),
        "service" => service(record, link),
        "invoice" => invoice(record),
        "payment" => payment(record, link),
        _ => None,
    }
}

/// Whether the system may have what the link does not know of: then it is looked up before a rule keeps it out.
fn may_be_there(link: &Link) -> bool {
    link.remote_id.is_some()
        || link.intent.is_some()
        || link.status == Status::Syncing
        || !link.receipt.unsure.is_empty()
}

fn unpublished(record: &Record, link: &Link) -> Option<Outcome> {
    let is = record.fields.get("published") == Some(&Value::Boolean(false)) && !may_be_there(link);
    is.then(|| skipped("not published"))
}

fn service(record: &Record, link: &Link) -> Option<Outcome> {
    if text(record, "status") != Some("active") && !may_be_there(link) {
        return Some(skipped("not active, and never was in Zoho Billing"));
    }
    needs(record, &[], &["customer_id", "plan_id"])
}

fn invoice(record: &Record) -> Option<Outcome> {
    let kind = text(record, "type").unwrap_or_default();
    if kind == RECURRING {
        return Some(skipped("recurring: Zoho Billing makes it of the subscription"));
    }
    if product_of(kind).is_none() {
        return Some(failed(&format!(
            "type: {kind:?} is none of installation, pro_rata, equipment, adjustment, recurring"
        )));
    }
    needs(record, &["number", "date", "lines"], &["customer_id"]).or_else(|| sums_differ(record))
}

/// An invoice must come to what its lines come to: otherwise somebody would pay another sum than the app shows.
fn sums_differ(record: &Record) -> Option<Outcome> {
    let lines = lines::parse(text(record, "lines")?).ok()?;
    let (sum, stated) = (lines::sum(&lines), money(record, "amount")?);
    let shown = sum.map_or_else(|| "more than can be counted".to_owned(), |it| it.to_string());
    (sum != Some(stated)).then(|| failed(&format!("amount: is {stated}, and the lines come to {shown}")))
}

fn payment(record: &Record, link: &Link) -> Option<Outcome> {
    let amount = money(record, "amount");
    let status = text(record, "status").unwrap_or_default();
    if status == REFUNDED || amount.is_some_and(|it| it.is_sign_negative()) {
        return Some(held(
            "refunded or reversed: what becomes of it in Zoho Billing is for a person",
        ));
    }
    // What is looked at once more though it is there differs from what was recorded.
    if link.remote_id.is_some() {
        return Some(held("changed in the app after it was recorded in Zoho Billing"));
    }
    if status != COMPLETED && !may_be_there(link) {
        return Some(skipped("not completed"));
    }
    if amount.is_some_and(|it| it.is_zero()) {
        return Some(skipped("nothing was paid"));
    }
    needs(record, &["amount", "date"], &["customer_id"])
}

fn needs(record: &Record, fields: &[&str], keys: &[&str]) -> Option<Outcome> {
    let lacks = |it: &&&str| record.fields.get(**it).is_none_or(Value::is_empty);
    let missing = fields.iter().find(lacks);
    let missing = missing.or_else(|| keys.iter().find(|it| !record.keys.contains_key(**it)));
    missing.map(|it| failed(&format!("{it}: is missing")))
}

fn text<'a>(record: &'a Record, field: &str) -> Option<&'a str> {
    record.fields.get(field).and_then(Value::as_text)
}

fn money(record: &Record, field: &str) -> Option<Decimal> {
    match record.fields.get(field) {
        Some(Value::Decimal(it)) => Some(*it),
        _ => None,
    }
}

fn skipped(rule: &str) -> Outcome {
    Outcome::Skipped { rule: rule.to_owned() }
}

fn held(why: &str) -> Outcome {
    Outcome::Held { why: why.to_owned() }
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed { why: why.to_owned() }
}

#[cfg(test)]
mod tests;
