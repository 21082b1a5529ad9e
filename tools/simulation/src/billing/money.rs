//! Money, tied out to the cent: what was paid is recorded once, with its amount, and goes to its invoice.

use super::shop::{Shop, Thing};
use super::view;
use crate::check::{Breach, Facts, breach};
use crate::sim::Sim;
use rust_decimal::Decimal;
use serde_json::Value;
use shared::model::{Kind, RecordKey, Status, System};
use std::str::FromStr as _;
use std::sync::Arc;

const RULE: &str = "money ties out";

/// What breaks it.
pub(super) fn tied_out(shop: &Shop, sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let billing = &sim.world.systems.billing;
    let payments = billing.rows(twins::billing::Kind::Payment);
    let invoices = billing.rows(twins::billing::Kind::Invoice);
    let mut found: Vec<String> = payments.iter().filter_map(sums_up).collect();
    found.extend(invoices.iter().filter_map(|it| overpaid(it, &payments)));
    for thing in shop.of(&Kind::INVOICE) {
        found.extend(total_is_right(facts, &thing, &invoices));
    }
    for thing in shop.of(&Kind::PAYMENT) {
        found.extend(recorded_once(shop, facts, &thing, &payments, &invoices));
    }
    found.into_iter().map(|it| breach(RULE, it)).collect()
}

/// The invoice that a payment is said to pay.
pub(super) fn invoice_of(shop: &Shop, payment: &Thing) -> Option<Arc<Thing>> {
    let id = payment.text("invoice_id");
    shop.get(&RecordKey::new(Kind::INVOICE, id))
}

fn amount(value: &Value) -> Decimal {
    let digits = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Decimal::from_str(&digits).unwrap_or_default()
}

/// What a payment pays of an invoice.
fn applied_to(payment: &Value, invoice: &str) -> Decimal {
    let all = payment["invoices"].as_array().into_iter().flatten();
    all.filter(|it| it["invoice_id"] == invoice)
        .map(|it| amount(&it["amount_applied"]))
        .sum()
}

fn applied(payment: &Value) -> Decimal {
    let all = payment["invoices"].as_array().into_iter().flatten();
    all.map(|it| amount(&it["amount_applied"])).sum()
}

/// What was applied is not more than what was paid; the rest is credit.
fn sums_up(payment: &Value) -> Option<String> {
    let (paid, applied) = (amount(&payment["amount"]), applied(payment));
    (applied > paid).then(|| format!("payment {} of {paid} pays {applied}", payment["payment_id"]))
}

fn overpaid(invoice: &Value, payments: &[Value]) -> Option<String> {
    let (id, total) = (view::text(&invoice["invoice_id"]), amount(&invoice["total"]));
    let paid: Decimal = payments.iter().map(|it| applied_to(it, id)).sum();
    (paid > total).then(|| format!("{paid} was paid of invoice {id}, which comes to {total}"))
}

/// An invoice that is there comes to what the app says.
fn total_is_right(facts: &Facts, thing: &Thing, invoices: &[Value]) -> Option<String> {
    let link = facts.link(&thing.key, &System::ZOHO_BILLING)?;
    let id = link.remote_id.as_ref().filter(|_| link.status == Status::Synced)?;
    let there = invoices.iter().find(|it| it["invoice_id"] == id.as_str())?;
    let (said, total) = (amount(thing.now().get("amount")?), amount(&there["total"]));
    (said != total).then(|| format!("{} is {said} in the app and {total} in Zoho Billing", thing.key))
}

fn recorded_once(shop: &Shop, facts: &Facts, thing: &Thing, payments: &[Value], invoices: &[Value]) -> Vec<String> {
    let ours: Vec<&Value> = payments
        .iter()
        .filter(|it| it["reference_number"] == thing.key.id.as_str())
        .collect();
    let link = facts.link(&thing.key, &System::ZOHO_BILLING);
    let is_said_to_be = link.is_some_and(|it| it.status == Status::Synced);
    let [payment] = ours.as_slice() else {
        let wrong = ours.len() > 1 || is_said_to_be;
        return wrong
            .then(|| format!("{} is recorded {} times", thing.key, ours.len()))
            .into_iter()
            .collect();
    };
    if !is_said_to_be {
        // Whether it may wait for a person is another rule's.
        return Vec::new();
    }
    let (said, stands) = (
        amount(thing.now().get("amount").unwrap_or(&Value::Null)),
        amount(&payment["amount"]),
    );
    let mut found = Vec::new();
    if said != stands {
        found.push(format!(
            "{} is {said} in the app and {stands} in Zoho Billing",
            thing.key
        ));
    }
    found.extend(goes_to_its_invoice(shop, facts, thing, payment, invoices));
    found
}

/// A payment is applied to its invoice, up to what is still to be paid of it; to no other.
fn goes_to_its_invoice(
    shop: &Shop,
    facts: &Facts,
    thing: &Thing,
    payment: &Value,
    invoices: &[Value],
) -> Option<String> {
    let (paid, used) = (amount(&payment["amount"]), applied(payment));
    let Some(invoice) = invoice_of(shop, thing) else {
        return (!used.is_zero()).then(|| format!("{} pays no invoice of the app, and {used} of one there", thing.key));
    };
    if invoice.text("type") == "recurring" {
        let own = payment["invoices"].as_array()?.iter().all(|it| {
            let there = invoices.iter().find(|other| other["invoice_id"] == it["invoice_id"]);
            there.is_some_and(|it| !view::is_ours(it))
        });
        return (!own).then(|| format!("{} pays an invoice that is not Zoho's own", thing.key));
    }
    let link = facts.link(&invoice.key, &System::ZOHO_BILLING)?;
    let id = link.remote_id.as_deref()?;
    let there = invoices.iter().find(|it| it["invoice_id"] == id)?;
    let of_it = applied_to(payment, id);
    if of_it != used {
        return Some(format!(
            "{} pays {used}, and only {of_it} of it {}",
            thing.key, invoice.key
        ));
    }
    // An invoice that came to more later leaves the credit with the customer.
    let is_left = of_it < paid && !amount(&there["balance"]).is_zero() && !invoice.was_amended();
    is_left.then(|| {
        format!(
            "{} is {paid}, pays {of_it} of {}, and {} of that is not paid",
            thing.key, invoice.key, there["balance"]
        )
    })
}
