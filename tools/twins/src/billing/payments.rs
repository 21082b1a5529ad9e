//! Payments, what they pay of invoices, and the customers' transactions (docs/vendors.md §2.4).

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::error::Failure;
use super::kinds::Kind;
use super::settings::TransactionIds;
use super::state::Row;
use super::turn::Turn;
use super::value::{amount, text};
use super::{invoices, lists, show};
use crate::number;

const KIND: Kind = Kind::Payment;
/// What the number of a transaction of its own is away from its payment's.
const OWN: u64 = 50_000_000;

/// Adds a payment with these checked fields.
pub(crate) fn add(turn: &mut Turn<'_>, mut fields: Map<String, Value>) -> Result<Row, Failure> {
    let today = turn.today().to_string();
    fields.entry("date").or_insert_with(|| json!(today));
    fields.entry("invoices").or_insert_with(|| json!([]));
    let row = turn.make(fields);
    is_sound(turn, &row)?;
    let row = turn.keep(KIND, row);
    let object = show::whole(turn, KIND, &row);
    turn.happened("payment_thankyou", KIND, &object);
    Ok(row)
}

/// Replaces fields of a payment, what it pays among them.
pub(crate) fn edit(turn: &mut Turn<'_>, mut row: Row, fields: Map<String, Value>) -> Result<Row, Failure> {
    row.fields.extend(fields);
    is_sound(turn, &row)?;
    Ok(turn.keep(KIND, row))
}

/// No more is applied than was paid, and to each open invoice of the customer at most its balance.
fn is_sound(turn: &Turn<'_>, row: &Row) -> Result<(), Failure> {
    turn.need(Kind::Customer, row.text("customer_id"))?;
    if amount(&row.fields, "amount").is_zero() || unused(row).is_sign_negative() {
        return Err(Failure::invalid("Invalid value passed for amount"));
    }
    let mut seen = BTreeSet::new();
    for (id, applied) in applications(row) {
        let invoice = turn.need(Kind::Invoice, &id)?;
        if invoice.text("customer_id") != row.text("customer_id") {
            return Err(Failure::invalid("The invoice is another customer's."));
        }
        if invoice.text("status") != "sent" {
            return Err(Failure::invalid("The invoice is not open."));
        }
        let before = turn.state.find(KIND, &row.id());
        let own = before.map(|it| applied_to(it, &id)).unwrap_or_default();
        if applied > invoices::balance(turn, &invoice) + own || applied.is_zero() || !seen.insert(id) {
            return Err(Failure::invalid(
                "The amount applied is more than the balance of the invoice.",
            ));
        }
    }
    Ok(())
}

/// What a payment pays: ids of invoices with amounts.
fn applications(row: &Row) -> Vec<(String, Decimal)> {
    let all = row.fields.get("invoices").and_then(Value::as_array);
    let all = all.into_iter().flatten().filter_map(Value::as_object);
    all.map(|it| (text(it, "invoice_id").to_owned(), amount(it, "amount_applied")))
        .collect()
}

fn applied_to(row: &Row, invoice: &str) -> Decimal {
    let all = applications(row).into_iter().filter(|(id, _)| id == invoice);
    all.map(|(_, amount)| amount).sum()
}

/// What of a payment is the customer's credit.
pub(crate) fn unused(row: &Row) -> Decimal {
    let applied: Decimal = applications(row).into_iter().map(|(_, amount)| amount).sum();
    amount(&row.fields, "amount") - applied
}

/// What was paid of an invoice.
pub(crate) fn paid(turn: &Turn<'_>, invoice: &Row) -> Decimal {
    let id = invoice.id();
    turn.state.all(KIND).map(|payment| applied_to(payment, &id)).sum()
}

/// Lets go of an invoice that was voided.
pub(crate) fn release(turn: &mut Turn<'_>, invoice: &str) {
    let paying: Vec<Row> = turn
        .state
        .all(KIND)
        .filter(|it| !applied_to(it, invoice).is_zero())
        .cloned()
        .collect();
    for mut row in paying {
        if let Some(all) = row.fields.get_mut("invoices").and_then(Value::as_array_mut) {
            all.retain(|it| it["invoice_id"] != invoice);
        }
        turn.keep(KIND, row);
    }
}

/// The payments of an invoice, as it shows them.
pub(crate) fn of_invoice(turn: &Turn<'_>, invoice: &str) -> Vec<Value> {
    let paying = turn.state.all(KIND).filter(|it| !applied_to(it, invoice).is_zero());
    let show = |it: &Row| {
        json!({
            "payment_id": it.id(),
            "payment_mode": it.text("payment_mode"),
            "invoice_payment_id": (it.number + 2 * OWN).to_string(),
            "amount": number::to_json(applied_to(it, invoice)),
            "amount_refunded": 0,
            "date": it.text("date"),
            "reference_number": it.text("reference_number"),
            "description": it.text("description"),
        })
    };
    paying.map(show).collect()
}

/// What is shown beside the kept fields. A payment shows no times.
pub(crate) fn show(turn: &Turn<'_>, row: &Row, shown: &mut Map<String, Value>) {
    let customer = turn.state.find(Kind::Customer, row.text("customer_id"));
    let of = |name: &str| customer.map(|it| it.text(name).to_owned()).unwrap_or_default();
    shown.remove("created_time");
    shown.remove("updated_time");
    let invoice = |(id, applied): (String, Decimal)| {
        let found = turn.state.find(Kind::Invoice, &id);
        let number = found.map(|it| it.text("invoice_number").to_owned());
        let balance = found.map(|it| number::to_json(invoices::balance(turn, it)));
        json!({
            "invoice_id": id,
            "invoice_number": number,
            "amount_applied": number::to_json(applied),
            "balance_amount": balance,
        })
    };
    let more = json!({
        "status": "success",
        "amount_refunded": 0,
        "customer_name": of("display_name"),
        "email": of("email"),
        "currency_code": turn.settings.currency_code,
        "currency_symbol": turn.settings.currency_symbol,
        "invoices": applications(row).into_iter().map(invoice).collect::<Vec<_>>(),
    });
    show::extend(shown, more);
}

/// `GET /transactions`: a customer's invoices and payments; amounts are texts here.
pub(crate) fn transactions(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["customer_id", "filter_by", "page", "per_page"])?;
    let filters = [
        "TransactionType.All",
        "TransactionType.INVOICE",
        "TransactionType.PAYMENT",
        "TransactionType.CREDIT",
        "TransactionType.REFUND",
    ];
    let filter = params.word("filter_by", &filters)?;
    let customer = params.get("customer_id");
    let is_own = |row: &&Row| customer.is_none_or(|id| row.text("customer_id") == id);
    let mut rows = Vec::new();
    if filter.ends_with("All") || filter.ends_with("INVOICE") {
        let all = turn.state.all(Kind::Invoice).rev().filter(is_own);
        rows.extend(all.map(|row| of_an_invoice(turn, row)));
    }
    if filter.ends_with("All") || filter.ends_with("PAYMENT") {
        let all = turn.state.all(KIND).rev().filter(is_own);
        rows.extend(all.map(|row| of_a_payment(turn, row)));
    }
    lists::page(&params, "transactions", rows.into_iter())
}

fn of_an_invoice(turn: &Turn<'_>, row: &Row) -> Value {
    let shown = show::whole(turn, Kind::Invoice, row);
    json!({
        "transaction_id": row.id(),
        "reference_id": row.text("invoice_number"),
        "date": row.text("date"),
        "type": "invoice",
        "status": shown["status"],
        "amount": shown["total"].to_string(),
    })
}

fn of_a_payment(turn: &Turn<'_>, row: &Row) -> Value {
    let (id, reference) = match turn.settings.transaction_ids {
        TransactionIds::Payment => (row.id(), row.text("reference_number").to_owned()),
        TransactionIds::Own => ((row.number + OWN).to_string(), row.id()),
    };
    json!({
        "transaction_id": id,
        "reference_id": reference,
        "date": row.text("date"),
        "type": "payment",
        "status": "success",
        "amount": format!("{:.2}", amount(&row.fields, "amount")),
    })
}
