//! Objects as they are shown: whole, and as rows of lists, which show less (docs/vendors.md §2.4).

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::kinds::Kind;
use super::state::Row;
use super::turn::Turn;
use super::{invoices, payments, subscriptions};
use crate::number;

/// The object itself.
pub(crate) fn whole(turn: &Turn<'_>, kind: Kind, row: &Row) -> Value {
    let mut shown = common(turn, kind, row);
    match kind {
        Kind::Customer => customer(turn, row, &mut shown),
        Kind::Product | Kind::Plan => {}
        Kind::Subscription => subscriptions::show(turn, row, &mut shown),
        Kind::Invoice => invoices::show(turn, row, &mut shown),
        Kind::Payment => payments::show(turn, row, &mut shown),
    }
    Value::Object(shown)
}

/// Its row in a list: without custom fields, addresses, lines and what else is nested.
pub(crate) fn row(turn: &Turn<'_>, kind: Kind, row: &Row) -> Value {
    let mut shown = whole(turn, kind, row);
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|_, value| !value.is_array() && !value.is_object());
        if kind == Kind::Customer {
            // A row of customers does not say whether it is active, nor what ties it to the CRM.
            for name in [
                "status",
                "notes",
                "is_linked_with_zohocrm",
                "zcrm_account_id",
                "zcrm_contact_id",
            ] {
                fields.remove(name);
            }
        }
    }
    shown
}

/// The status that filters go by.
pub(crate) fn status(turn: &Turn<'_>, kind: Kind, row: &Row) -> String {
    match kind {
        Kind::Invoice => invoices::status(turn, row).to_owned(),
        _ => row.text("status").to_owned(),
    }
}

fn common(turn: &Turn<'_>, kind: Kind, row: &Row) -> Map<String, Value> {
    let mut shown = row.fields.clone();
    // What is kept for the twin's own use.
    shown.retain(|name, _| !name.starts_with('_'));
    if kind != Kind::Plan {
        shown.insert(kind.names().id.to_owned(), json!(row.id()));
    }
    shown.insert("created_time".to_owned(), json!(turn.stamp(row.created)));
    shown.insert("updated_time".to_owned(), json!(turn.stamp(row.modified)));
    shown
}

fn customer(turn: &Turn<'_>, row: &Row, shown: &mut Map<String, Value>) {
    let id = row.id();
    let is_own = |it: &&Row| it.text("customer_id") == id;
    let open = turn.state.all(Kind::Invoice).filter(is_own);
    let open = open.filter(|it| !matches!(it.text("status"), "draft" | "void"));
    let outstanding: Decimal = open.map(|it| invoices::balance(turn, it)).sum();
    let paid = turn.state.all(Kind::Payment).filter(is_own);
    let credits: Decimal = paid.map(payments::unused).sum();
    let linked = !row.text("zcrm_account_id").is_empty();
    let more = json!({
        "price_precision": turn.settings.price_precision,
        "outstanding": number::to_json(outstanding),
        "unused_credits": number::to_json(credits),
        "is_linked_with_zohocrm": linked,
        "source": "api",
    });
    extend(shown, more);
    let usual = json!(turn.settings.currency_code);
    shown.entry("currency_code").or_insert(usual);
    shown.entry("custom_fields").or_insert_with(|| json!([]));
}

/// Adds fields to what is shown.
pub(crate) fn extend(shown: &mut Map<String, Value>, more: Value) {
    if let Value::Object(more) = more {
        shown.extend(more);
    }
}
