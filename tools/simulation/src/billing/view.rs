//! Zoho Billing's objects as the checker compares them: flat, under Concord's names, without what payments and time
//! change of them. Written apart from the engine's own view, so that a mistake there is seen here.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::billing::{lines, words};
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

/// What a row of the app's shows of itself in Zoho Billing.
pub(super) fn status(row: &Value) -> Value {
    // Postgres writes an instant in its own way.
    let synced = row["zoho_synced_at"]
        .as_str()
        .and_then(|it| it.parse::<Timestamp>().ok());
    json!({
        "zoho_id": row["zoho_id"], "zoho_status": row["zoho_status"], "zoho_error": row["zoho_error"],
        "zoho_synced_at": synced.map(|it| it.to_string()),
    })
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
            "lines": lines_of(row), "customer_id": customer_of(twin, row), "product_id": product_of(twin, row),
            IDENTITY: row["number"],
        }),
        Kind::Payment => json!({
            "amount": row["amount"], "date": row["date"], "method": row["payment_mode"], "status": "completed",
            "customer_id": customer_of(twin, row), IDENTITY: row["reference_number"],
        }),
    };
    Some(fields)
}

/// Whether an invoice is one of the app's: Zoho numbers those that it makes itself.
pub(super) fn is_ours(invoice: &Value) -> bool {
    !text(&invoice["number"]).starts_with("INV-")
}

/// Our id of the customer that an object is for.
fn customer_of(twin: &ZohoBilling, row: &Value) -> Value {
    let customer = twin.row(Kind::Customer, text(&row["customer_id"]));
    customer.as_ref().and_then(own_id).unwrap_or_default()
}

/// Our id of the product that all lines of an invoice carry; null where they carry several.
fn product_of(twin: &ZohoBilling, row: &Value) -> Value {
    let lines = row["invoice_items"].as_array().map_or(&[][..], Vec::as_slice);
    let product = &lines.first().map_or(&Value::Null, |it| &it["product_id"]);
    let name = twin.row(Kind::Product, text(product)).map(|it| it["name"].clone());
    let is_it = |kind: &&str| words::product_of(kind).is_some_and(|it| Some(Value::from(it.1)) == name);
    let kind = ["adjustment", "equipment", "installation", "pro_rata"]
        .into_iter()
        .find(|it| is_it(it));
    let own = kind.and_then(words::product_of).map(|it| it.0);
    let is_one = lines.iter().all(|it| it["product_id"] == **product);
    own.filter(|_| is_one).map_or(Value::Null, Value::from)
}

/// Our id of a customer, which stands in its custom field.
fn own_id(row: &Value) -> Option<Value> {
    let fields = row["custom_fields"].as_array()?;
    let own = fields.iter().find(|it| it["label"] == "App Customer ID")?;
    Some(own["value"].clone())
}

fn customer(row: &Value) -> Value {
    let own = own_id(row);
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
