//! What time does to subscriptions: they begin, are renewed with an invoice, and end (docs/vendors.md §2.4).

use jiff::Span;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::kinds::Kind;
use super::state::Row;
use super::turn::Turn;
use super::value::{date, text};
use super::{invoices, show, subscriptions};
use crate::number;

const KIND: Kind = Kind::Subscription;

/// Brings all subscriptions to today.
pub(crate) fn pass(turn: &mut Turn<'_>) {
    let today = turn.today();
    let is_due = |row: &&Row| date(&row.fields, "next_billing_at").is_some_and(|due| due <= today);
    let runs = |row: &&Row| row.text("status") != "cancelled";
    let due: Vec<String> = turn.state.all(KIND).filter(runs).filter(is_due).map(Row::id).collect();
    for id in due {
        pass_one(turn, &id);
    }
}

/// Brings one subscription to today, term by term.
pub(crate) fn pass_one(turn: &mut Turn<'_>, id: &str) {
    let today = turn.today();
    while let Some(row) = turn.state.find(KIND, id).cloned() {
        let due = date(&row.fields, "next_billing_at").filter(|due| *due <= today);
        match (due, row.text("status")) {
            (None, _) | (_, "cancelled") => return,
            (Some(_), "non_renewing") => end(turn, row),
            (Some(due), _) => renew(turn, row, due),
        }
    }
}

fn end(turn: &mut Turn<'_>, mut row: Row) {
    row.set("status", "cancelled");
    let row = turn.keep(KIND, row);
    let object = show::whole(turn, KIND, &row);
    turn.happened("subscription_cancelled", KIND, &object);
}

/// Begins the term of this day. A term that was over before the subscription was made is not billed.
fn renew(turn: &mut Turn<'_>, mut row: Row, starts: Date) {
    let is_first = row.text("status") == "future";
    if let Some(Value::Object(chosen)) = row.fields.remove("_next") {
        row.fields.extend(chosen);
        row.set("end_of_term", false);
    }
    let ends = starts.saturating_add(term(&row));
    row.set("status", "live");
    if is_first {
        row.set("activated_at", starts.to_string());
    }
    row.set("current_term_starts_at", starts.to_string());
    row.set("current_term_ends_at", ends.to_string());
    row.set("next_billing_at", ends.to_string());
    if date(&row.fields, "created_at").is_none_or(|made| ends > made) {
        let invoice = invoices::make_own(turn, &row, lines(turn, &row), starts);
        row.set("child_invoice_id", invoice.id());
        row.set("last_billing_at", starts.to_string());
    }
    let row = turn.keep(KIND, row);
    let object = show::whole(turn, KIND, &row);
    let event = if is_first {
        "subscription_activation"
    } else {
        "subscription_renewed"
    };
    turn.happened(event, KIND, &object);
}

fn term(row: &Row) -> Span {
    let count = row.fields.get("interval").and_then(Value::as_i64).unwrap_or(1).max(1);
    match text(&row.fields, "interval_unit") {
        "years" => Span::new().years(count),
        _ => Span::new().months(count),
    }
}

fn lines(turn: &Turn<'_>, row: &Row) -> Vec<Map<String, Value>> {
    let plan = turn.state.find(Kind::Plan, row.text("_plan"));
    let of = |name: &str| plan.map(|it| it.text(name).to_owned()).unwrap_or_default();
    let line = json!({
        "product_id": of("product_id"),
        "code": row.text("_plan"),
        "name": of("name"),
        "price": number::to_json(subscriptions::price(row)),
        "quantity": 1,
    });
    line.as_object().cloned().into_iter().collect()
}
