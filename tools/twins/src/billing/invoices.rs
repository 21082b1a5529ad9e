//! Invoices: drafts, opened, paid, void; Zoho's own of subscriptions (docs/vendors.md §2.4).

use bytes::Bytes;
use http::Response;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::error::Failure;
use super::kinds::Kind;
use super::payments;
use super::show;
use super::state::Row;
use super::turn::{Turn, said};
use super::value::{amount, date, rounded, text};
use crate::number;

const KIND: Kind = Kind::Invoice;

/// Adds an invoice with these checked fields: a draft, unless it is to be sent.
pub(crate) fn add(turn: &mut Turn<'_>, mut fields: Map<String, Value>) -> Result<Row, Failure> {
    let params = turn.params(&["send", "ignore_auto_number_generation"])?;
    let sent = params.word("send", &["false", "true"])? == "true";
    let own_number = params.word("ignore_auto_number_generation", &["false", "true"])? == "true";
    let given = text(&fields, "invoice_number");
    // "This mandates the invoice number": without it Zoho draws one.
    if own_number == given.is_empty() {
        return Err(Failure::invalid(
            "invoice_number goes with ignore_auto_number_generation, and only with it",
        ));
    }
    if own_number {
        is_free(turn, given)?;
    } else {
        fields.insert("invoice_number".to_owned(), json!(next_number(turn)));
    }
    lines_are_sound(turn, &fields)?;
    turn.need(Kind::Customer, text(&fields, "customer_id"))?;
    let date = fields.get("date").cloned().unwrap_or_default();
    fields.entry("due_date").or_insert(date);
    fields.insert("status".to_owned(), json!(if sent { "sent" } else { "draft" }));
    fields.insert("is_emailed".to_owned(), json!(sent));
    Ok(keep(turn, fields))
}

/// Zoho's own invoice of a subscription's term; it is open at once.
pub(crate) fn make_own(turn: &mut Turn<'_>, subscription: &Row, lines: Vec<Map<String, Value>>, starts: Date) -> Row {
    let fields = json!({
        "invoice_number": next_number(turn),
        "customer_id": subscription.text("customer_id"),
        "_subscription_id": subscription.id(),
        "date": starts.to_string(),
        "due_date": starts.to_string(),
        "invoice_items": lines,
        "status": "sent",
        "is_emailed": false,
    });
    keep(turn, fields.as_object().cloned().unwrap_or_default())
}

fn keep(turn: &mut Turn<'_>, fields: Map<String, Value>) -> Row {
    let row = turn.make(fields);
    let row = turn.keep(KIND, row);
    let object = show::whole(turn, KIND, &row);
    turn.happened("invoice_created", KIND, &object);
    row
}

/// Replaces fields of an invoice; what was paid of it stays paid.
pub(crate) fn edit(turn: &mut Turn<'_>, mut row: Row, fields: Map<String, Value>) -> Result<Row, Failure> {
    turn.params(&["ignore_auto_number_generation"])?;
    if row.text("status") == "void" {
        return Err(Failure::invalid("The invoice is void."));
    }
    let number = text(&fields, "invoice_number");
    if !number.is_empty() && number != row.text("invoice_number") {
        is_free(turn, number)?;
    }
    lines_are_sound(turn, &fields)?;
    row.fields.extend(fields);
    if total(turn, &row) < payments::paid(turn, &row) {
        return Err(Failure::invalid("More was paid of the invoice."));
    }
    Ok(turn.keep(KIND, row))
}

fn is_free(turn: &Turn<'_>, number: &str) -> Result<(), Failure> {
    match turn.state.all(KIND).any(|row| row.text("invoice_number") == number) {
        true => Err(Failure::invalid("The invoice number is already in use.")),
        false => Ok(()),
    }
}

fn next_number(turn: &Turn<'_>) -> String {
    let mut numbers = (1..).map(|n| format!("INV-{n:06}"));
    numbers.find(|number| is_free(turn, number).is_ok()).unwrap_or_default()
}

fn lines_are_sound(turn: &Turn<'_>, fields: &Map<String, Value>) -> Result<(), Failure> {
    let lines = fields.get("invoice_items").and_then(Value::as_array);
    for line in lines.into_iter().flatten().filter_map(Value::as_object) {
        turn.need(Kind::Product, text(line, "product_id"))?;
    }
    Ok(())
}

/// `POST /invoices/{id}/converttoopen`.
pub(crate) fn open(turn: &mut Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let mut row = turn.find(KIND, id)?;
    if row.text("status") != "draft" {
        return Err(Failure::invalid("The invoice is no draft."));
    }
    row.set("status", "sent");
    turn.keep(KIND, row);
    Ok(said("Status of the invoice has been changed to open."))
}

/// `POST /invoices/{id}/void`: its payments become the customer's credit.
pub(crate) fn void(turn: &mut Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let mut row = turn.find(KIND, id)?;
    row.set("status", "void");
    turn.keep(KIND, row);
    payments::release(turn, id);
    Ok(said("Invoice status has been changed to Void."))
}

/// The status as it is shown: a sent one is paid, partly paid or overdue as its balance and the day tell.
pub(crate) fn status<'a>(turn: &Turn<'_>, row: &'a Row) -> &'a str {
    match row.text("status") {
        "sent" if balance(turn, row).is_zero() => "paid",
        "sent" if !payments::paid(turn, row).is_zero() => "partially_paid",
        "sent" if date(&row.fields, "due_date").is_some_and(|due| due < turn.today()) => "overdue",
        status => status,
    }
}

/// What is still to be paid.
pub(crate) fn balance(turn: &Turn<'_>, row: &Row) -> Decimal {
    total(turn, row) - payments::paid(turn, row)
}

fn total(turn: &Turn<'_>, row: &Row) -> Decimal {
    let lines = row.fields.get("invoice_items").and_then(Value::as_array);
    let lines = lines.into_iter().flatten().filter_map(Value::as_object);
    lines.map(|line| line_total(turn, line)).sum()
}

fn line_total(turn: &Turn<'_>, line: &Map<String, Value>) -> Decimal {
    rounded(turn.settings, amount(line, "price") * amount(line, "quantity"))
}

/// What is shown beside the kept fields, where an invoice is read: its number is `number` and its day `invoice_date`.
pub(crate) fn show(turn: &Turn<'_>, row: &Row, shown: &mut Map<String, Value>) {
    for (written, read) in [("invoice_number", "number"), ("date", "invoice_date")] {
        let value = shown.remove(written).unwrap_or_default();
        shown.insert(read.to_owned(), value);
    }
    if let Some(lines) = shown.get_mut("invoice_items").and_then(Value::as_array_mut) {
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            let total = number::to_json(line_total(turn, line));
            line.insert("item_total".to_owned(), total);
        }
    }
    let customer = turn.state.find(Kind::Customer, row.text("customer_id"));
    let of = |name: &str| customer.map(|it| it.text(name).to_owned()).unwrap_or_default();
    let more = json!({
        "status": status(turn, row),
        "customer_name": of("display_name"),
        "email": of("email"),
        "total": number::to_json(total(turn, row)),
        "payment_made": number::to_json(payments::paid(turn, row)),
        "balance": number::to_json(balance(turn, row)),
        "currency_code": turn.settings.currency_code,
        "currency_symbol": turn.settings.currency_symbol,
        "payments": payments::of_invoice(turn, &row.id()),
    });
    show::extend(shown, more);
}

/// The same where one was written: `invoice_number`, `date` and `last_modified_time`, and no list of payments.
pub(crate) fn written(turn: &Turn<'_>, row: &Row) -> Value {
    let mut shown = show::whole(turn, KIND, row);
    if let Some(fields) = shown.as_object_mut() {
        let names = [
            ("number", "invoice_number"),
            ("invoice_date", "date"),
            ("updated_time", "last_modified_time"),
        ];
        for (read, written) in names {
            let value = fields.remove(read).unwrap_or_default();
            fields.insert(written.to_owned(), value);
        }
        fields.remove("payments");
    }
    shown
}
