//! Zoho Billing's objects as the checker compares them: flat, under Concord's names, without what payments and time
//! change of them. Written apart from the engine's own view, so that a mistake there is seen here.

use serde_json::{Map, Value, json};
use shared::billing::lines;
use std::collections::BTreeMap;
use twins::ZohoBilling;
use twins::billing::Kind;

/// By what an object is told apart.
pub(super) const IDENTITY: &str = "identity";

/// Every object that is ours to make, by kind of record and remote id.
pub(super) fn objects(twin: &ZohoBilling) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (kind, name, id) in [
        (Kind::Customer, "customer", "customer_id"),
        (Kind::Product, "product", "product_id"),
        (Kind::Plan, "plan", "plan_code"),
        (Kind::Subscription, "service", "subscription_id"),
        (Kind::Invoice, "invoice", "invoice_id"),
        (Kind::Payment, "payment", "payment_id"),
    ] {
        for row in twin.rows(kind) {
            let Some(object) = object(twin, kind, &row) else {
                continue;
            };
            all.insert(format!("{name}/{}", text(&row[id])), object);
        }
    }
    all
}

fn object(twin: &ZohoBilling, kind: Kind, row: &Value) -> Option<Value> {
    let fields = match kind {
        Kind::Customer => customer(row),
        Kind::Product => json!({"name": row["name"], "description": row["description"], IDENTITY: row["name"]}),
        Kind::Plan => json!({
            "name": row["name"], "price": row["recurring_price"], "description": row["description"],
            IDENTITY: row["plan_code"],
        }),
        Kind::Subscription => subscription(twin, row),
        // Zoho's own of a subscription.
        Kind::Invoice if !is_ours(row) => return None,
        Kind::Invoice => json!({
            "number": row["number"], "date": row["invoice_date"], "due_date": row["due_date"],
            "lines": lines_of(row), IDENTITY: row["number"],
        }),
        Kind::Payment => json!({
            "amount": row["amount"], "date": row["date"], "method": row["payment_mode"], "status": "completed",
            IDENTITY: row["reference_number"],
        }),
    };
    Some(fields)
}

/// Whether an invoice is one of the app's: Zoho numbers those that it makes itself.
pub(super) fn is_ours(invoice: &Value) -> bool {
    !text(&invoice["number"]).starts_with("INV-")
}

fn customer(row: &Value) -> Value {
    let own = row["custom_fields"].as_array().into_iter().flatten();
    let own = own
        .filter(|it| it["label"] == "App Customer ID")
        .map(|it| it["value"].clone())
        .next();
    let mut fields = Map::new();
    let plain = [
        ("email", "email"),
        ("name", "display_name"),
        ("first_name", "first_name"),
        ("last_name", "last_name"),
        ("company_name", "company_name"),
        ("phone", "phone"),
        ("currency", "currency_code"),
    ];
    for (name, theirs) in plain {
        fields.insert(name.to_owned(), row[theirs].clone());
    }
    for name in ["street", "city", "state", "zip", "country"] {
        fields.insert(name.to_owned(), row["billing_address"][name].clone());
    }
    fields.insert("app_id".to_owned(), own.clone().unwrap_or_default());
    fields.insert(IDENTITY.to_owned(), own.unwrap_or_default());
    Value::Object(fields)
}

/// Its plan and price: those of the next term, where a change waits for it.
fn subscription(twin: &ZohoBilling, row: &Value) -> Value {
    let coming = twin.coming(text(&row["subscription_id"]));
    let (plan, price) = coming.unwrap_or_else(|| (row["plan"]["plan_code"].clone(), row["plan"]["price"].clone()));
    let runs = ["live", "future", "unpaid", "dunning"].contains(&text(&row["status"]));
    let status = if runs { "live" } else { "cancelled" };
    json!({"plan_id": plan, "price": price, "status": status, IDENTITY: row["reference_id"]})
}

fn lines_of(row: &Value) -> Value {
    lines::read(&row["invoice_items"]).map_or(Value::Null, |it| Value::from(lines::write(&it)))
}

/// A text, or nothing.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
