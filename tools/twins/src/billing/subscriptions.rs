//! Subscriptions: made, changed, cancelled, taken back (docs/vendors.md §2.4). What time does to them is in `terms`.

use bytes::Bytes;
use http::Response;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::error::Failure;
use super::kinds::Kind;
use super::state::Row;
use super::turn::{Turn, shown};
use super::value::{amount, date, text};
use super::{show, terms};
use crate::number;

const KIND: Kind = Kind::Subscription;

/// Adds a subscription with these checked fields.
pub(crate) fn add(turn: &mut Turn<'_>, mut fields: Map<String, Value>) -> Result<Row, Failure> {
    turn.need(Kind::Customer, text(&fields, "customer_id"))?;
    if fields.get("auto_collect") != Some(&Value::Bool(false)) {
        return Err(Failure::not_played("charging a card (auto_collect)"));
    }
    let starts_at = date(&fields, "starts_at").unwrap_or_else(|| turn.today());
    let chosen = fields.remove("plan").unwrap_or_default();
    fields.extend(chosen_plan(turn, &chosen)?);
    fields.remove("starts_at");
    fields.insert("created_at".to_owned(), json!(turn.today().to_string()));
    fields.insert("status".to_owned(), json!("future"));
    fields.insert("next_billing_at".to_owned(), json!(starts_at.to_string()));
    let row = turn.make(fields);
    let row = turn.keep(KIND, row);
    let event = show::whole(turn, KIND, &row);
    turn.happened("subscription_created", KIND, &event);
    terms::pass_one(turn, &row.id());
    turn.find(KIND, &row.id())
}

/// Changes plan and price of one that has not ended, now or with the next term.
pub(crate) fn edit(turn: &mut Turn<'_>, mut row: Row, mut fields: Map<String, Value>) -> Result<Row, Failure> {
    if row.text("status") == "cancelled" {
        return Err(Failure::invalid("The subscription is cancelled."));
    }
    let later = fields.remove("end_of_term") == Some(Value::Bool(true));
    if let Some(chosen) = fields.remove("plan") {
        let chosen = chosen_plan(turn, &chosen)?;
        match later {
            true => row.set("_next", Value::Object(chosen)),
            false => row.fields.extend(chosen),
        }
    }
    row.set("end_of_term", later);
    row.fields.extend(fields);
    Ok(turn.keep(KIND, row))
}

/// The plan as a subscription keeps it: its own price where none is given.
fn chosen_plan(turn: &Turn<'_>, chosen: &Value) -> Result<Map<String, Value>, Failure> {
    let empty = Map::new();
    let chosen = chosen.as_object().unwrap_or(&empty);
    let code = text(chosen, "plan_code");
    let plan = turn.need(Kind::Plan, code)?;
    if plan.text("status") != "active" {
        return Err(Failure::invalid("The plan is not active."));
    }
    let price = chosen.get("price").or_else(|| plan.fields.get("recurring_price"));
    let kept = json!({
        "_plan": code,
        "_price": price,
        "_quantity": chosen.get("quantity").cloned().unwrap_or_else(|| json!(1)),
        "interval": plan.fields.get("interval"),
        "interval_unit": plan.text("interval_unit"),
    });
    Ok(kept.as_object().cloned().unwrap_or_default())
}

/// What one term costs.
pub(crate) fn price(row: &Row) -> Decimal {
    amount(&row.fields, "_price") * amount(&row.fields, "_quantity")
}

/// `POST /subscriptions/{id}/cancel?cancel_at_end=`.
pub(crate) fn cancel(turn: &mut Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["cancel_at_end"])?;
    let at_end = params.word("cancel_at_end", &["false", "true"])? == "true";
    let mut row = turn.find(KIND, id)?;
    let (status, event, message) = match (row.text("status"), at_end) {
        ("live", true) => (
            "non_renewing",
            "subscription_cancellation_scheduled",
            "Your subscription will be canceled at the end of this term",
        ),
        ("live" | "future" | "non_renewing", false) | ("future", true) => (
            "cancelled",
            "subscription_cancelled",
            "The subscription has been canceled.",
        ),
        (status, _) => return Err(Failure::invalid(&format!("The subscription is {status}."))),
    };
    row.set("status", status);
    Ok(done(turn, row, event, message))
}

/// `POST /subscriptions/{id}/reactivate`, only while it is `non_renewing`.
pub(crate) fn reactivate(turn: &mut Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let mut row = turn.find(KIND, id)?;
    if row.text("status") != "non_renewing" {
        return Err(Failure::invalid("Only a non-renewing subscription can be reactivated."));
    }
    row.set("status", "live");
    let message = "Subscription has been reactivated successfully.";
    Ok(done(turn, row, "subscription_reactivated", message))
}

fn done(turn: &mut Turn<'_>, row: Row, event: &str, message: &str) -> Response<Bytes> {
    let row = turn.keep(KIND, row);
    let object = show::whole(turn, KIND, &row);
    turn.happened(event, KIND, &object);
    shown(200, message, KIND, object)
}

/// What is shown beside the kept fields.
pub(crate) fn show(turn: &Turn<'_>, row: &Row, shown: &mut Map<String, Value>) {
    let plan = turn.state.find(Kind::Plan, row.text("_plan"));
    let product_id = plan.map(|it| it.text("product_id")).unwrap_or_default();
    let product = turn.state.find(Kind::Product, product_id);
    let customer = turn.state.find(Kind::Customer, row.text("customer_id"));
    let of = |row: Option<&Row>, name: &str| row.map(|it| it.text(name).to_owned()).unwrap_or_default();
    let (plan_name, product_name) = (of(plan, "name"), of(product, "name"));
    let total = number::to_json(price(row));
    let more = json!({
        "name": format!("{product_name}-{plan_name}"),
        "plan_name": plan_name,
        "product_id": product_id,
        "product_name": product_name,
        "amount": total,
        "customer_name": of(customer, "display_name"),
        "email": of(customer, "email"),
        "currency_code": turn.settings.currency_code,
        "currency_symbol": turn.settings.currency_symbol,
        "plan": {
            "plan_code": row.text("_plan"),
            "name": plan_name,
            "price": row.fields.get("_price"),
            "quantity": row.fields.get("_quantity"),
            "total": total,
        },
        "customer": {
            "customer_id": row.text("customer_id"),
            "display_name": of(customer, "display_name"),
            "email": of(customer, "email"),
        },
    });
    show::extend(shown, more);
}
