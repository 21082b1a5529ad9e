//! Reading a body: the first mistake, with its field. Callers use Concord's names, whatever the app's columns are called.

use crate::api::fields::{Wrong, is_text, time, wrong};
use crate::app::App;
use crate::billing::words;
use crate::lead::contact;
use crate::model::{Arrival, Kind, Patch, System, Value};
use crate::sync::billing::{arrival, id as id_of};
use crate::sync::fields::{FieldSpec, KindSpec, Origin, Shape};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

/// Parts of a body that are no field of the record.
const ALSO: [&str; 2] = ["id", "updated_at"];
/// What each kind can't go without.
const NEEDED: [(&str, &[&str]); 6] = [
    ("customer", &["email"]),
    ("product", &["name"]),
    ("plan", &["product_id", "name", "price"]),
    ("service", &["customer_id", "plan_id"]),
    ("invoice", &["customer_id", "type"]),
    ("payment", &["customer_id", "amount"]),
];

/// Reads a record. Without an id of the app's, Concord makes one.
pub(super) fn record(app: &App, kind: &Kind, fields: &Map<String, Json>, new_id: &str) -> Result<Arrival, Wrong> {
    let spec = app.kind(kind).map_err(|it| wrong("kind", &it.to_string()))?;
    for (name, value) in fields {
        known(spec, name, value)?;
    }
    let own = match fields.get("id") {
        None | Some(Json::Null) => new_id.to_owned(),
        Some(id) => id_of(id).map_err(|it| wrong("id", &it))?,
    };
    let needed = NEEDED
        .iter()
        .find(|it| it.0 == kind.as_str())
        .map_or(&[][..], |it| it.1);
    if let Some(name) = needed.iter().find(|it| is_missing(fields, it)) {
        return Err(wrong(name, "is missing"));
    }
    let read = arrival(app, kind, &columns(app, kind, fields), own);
    let mut read = read.map_err(|detail| named(spec, &detail))?;
    read.modified = time(app, fields, "updated_at")?;
    checked(kind, &read)?;
    Ok(read)
}

fn is_missing(fields: &Map<String, Json>, name: &str) -> bool {
    match fields.get(name) {
        None | Some(Json::Null) => true,
        Some(Json::String(text)) => text.trim().is_empty(),
        _ => false,
    }
}

fn known(spec: &KindSpec, name: &str, value: &Json) -> Result<(), Wrong> {
    let shape = spec.field(name).filter(|it| is_said(it)).map(|it| it.shape);
    let Some(shape) = shape else {
        return match ALSO.contains(&name) {
            true => Ok(()),
            false => Err(wrong(name, &format!("is no field of a {}", spec.kind))),
        };
    };
    let is_key = spec.field(name).is_some_and(|it| it.origin == Origin::Key);
    let must_be = matches!(shape, Shape::Text | Shape::Email | Shape::Status | Shape::Date) && !is_key;
    is_text(name, value, must_be)
}

/// Callers don't say by what a record is known here, nor what the app has no column for.
fn is_said(field: &FieldSpec) -> bool {
    field.name != "app_id" && field.column(&System::APP).is_some()
}

/// The body under the names of the app's columns.
pub(super) fn columns(app: &App, kind: &Kind, fields: &Map<String, Json>) -> Map<String, Json> {
    let column = |name: &str| {
        let field = app.kind(kind).ok()?.field(name)?;
        field.column(&System::APP).map(str::to_owned)
    };
    let renamed = |(name, value): (&String, &Json)| (column(name).unwrap_or_else(|| name.clone()), value.clone());
    fields.iter().map(renamed).collect()
}

/// A mistake that names a column, as one that names the field.
fn named(spec: &KindSpec, detail: &str) -> Wrong {
    let (column, why) = detail.split_once(':').unwrap_or((detail, "can't be read"));
    let field = spec.fields.iter().find(|it| it.column(&System::APP) == Some(column));
    wrong(field.map_or(column, |it| it.name), why.trim())
}

fn checked(kind: &Kind, read: &Arrival) -> Result<(), Wrong> {
    let text = |name: &str| {
        let value = read.fields.get(name)?.value()?;
        value.as_text().map(str::to_owned)
    };
    if let Some(email) = text("email") {
        contact::email(&email).ok_or_else(|| wrong("email", "is not an e-mail address"))?;
    }
    if let Some(currency) = text("currency").filter(|it| it.len() != 3 || !it.bytes().all(|it| it.is_ascii_uppercase()))
    {
        return Err(wrong("currency", &format!("{currency:?} is no code such as ZAR")));
    }
    for name in ["amount", "price"] {
        match read.fields.get(name).and_then(Patch::value) {
            Some(Value::Decimal(amount)) if amount < Decimal::ZERO => return Err(wrong(name, "is below zero")),
            Some(Value::Decimal(amount)) if amount.normalize().scale() > 6 => {
                return Err(wrong(name, "has more than six places"));
            }
            _ => {}
        }
    }
    match *kind == Kind::INVOICE {
        true => invoice(read),
        false => Ok(()),
    }
}

fn invoice(read: &Arrival) -> Result<(), Wrong> {
    let kind = read.fields.get("type").and_then(Patch::value);
    let kind = kind.as_ref().and_then(Value::as_text).unwrap_or_default();
    if kind == words::RECURRING {
        return Ok(());
    }
    if words::product_of(kind).is_none() {
        let detail = "is none of installation, pro_rata, equipment, adjustment, recurring";
        return Err(wrong("type", detail));
    }
    let says = |name: &str| matches!(read.fields.get(name), Some(Patch::Set(_)));
    match says("lines") || says("amount") {
        true => Ok(()),
        false => Err(wrong("amount", "is missing: send amount, or lines")),
    }
}
