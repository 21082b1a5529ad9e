//! What the app says of its customers, services, invoices and payments: a row of its tables, or a body of the API.

mod derived;
mod gateway;

pub use gateway::{Word, take_word};
pub(crate) use gateway::{differs, is_other_money};

use crate::app::App;
use crate::billing::{day, words};
use crate::model::{Arrival, Class, Kind, Patch, Patches, System, Value};
use crate::sync::accept::{Accepted, accept};
use crate::sync::fields::{APP_ID, KindSpec, Origin, PRODUCT_KEY, Shape, read_row};
use crate::sync::portal::instant;
use anyhow::Result;
use jiff::tz::Offset;
use serde_json::{Map, Value as Json};

/// The kinds, in the order in which they depend on each other.
pub const KINDS: [Kind; 6] = [
    Kind::CUSTOMER,
    Kind::PRODUCT,
    Kind::PLAN,
    Kind::SERVICE,
    Kind::INVOICE,
    Kind::PAYMENT,
];

/// Longest id, in bytes.
const LONGEST_ID: usize = 200;

/// An id as it is stored: text or a number, trimmed.
///
/// # Errors
/// Says what is wrong.
pub fn id(value: &Json) -> Result<String, String> {
    let text = match value {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return Err("is neither text nor a number".to_owned()),
    };
    let is_fine = (1..=LONGEST_ID).contains(&text.len()) && !text.contains('#') && !text.chars().any(char::is_control);
    is_fine
        .then_some(text)
        .ok_or_else(|| format!("has 1 to {LONGEST_ID} characters, and no #"))
}

/// Reads a row of one of the app's tables. Columns that we don't know are not ours.
///
/// # Errors
/// Names the column that can't be read.
pub fn row_arrival(app: &App, kind: &Kind, row: &Map<String, Json>, confirmed: bool) -> Result<Arrival, String> {
    let own = row.get("id").ok_or("id: is missing")?;
    let own = id(own).map_err(|why| format!("id: {why}"))?;
    let time = |column: &str| {
        let text = row.get(column).and_then(Json::as_str);
        text.map(|it| instant(column, it)).transpose()
    };
    let mut arrival = arrival(app, kind, row, own)?;
    (arrival.modified, arrival.made) = (time("updated_at")?, time("created_at")?);
    arrival.confirmed = confirmed;
    let day = ["paid_at", "created_at"].iter().find_map(|it| time(it).ok().flatten());
    if let Some(at) = day.filter(|_| *kind == Kind::PAYMENT || *kind == Kind::INVOICE) {
        let day = Value::Text(day::day_of(at, app.config.billing.offset).to_string());
        let date = arrival.fields.entry("date".to_owned()).or_insert(Patch::Clear);
        if *date == Patch::Clear {
            *date = Patch::Set(day);
        }
    }
    Ok(arrival)
}

/// Reads a body or row whose id is known.
///
/// # Errors
/// Names the field that can't be read.
pub fn arrival(app: &App, kind: &Kind, row: &Map<String, Json>, own: String) -> Result<Arrival, String> {
    let spec = app.kind(kind).map_err(|it| it.to_string())?;
    let row = with_days(spec, row, app.config.billing.offset);
    let mut fields = read_row(spec, &System::APP, &row)?;
    let mut keys = keys_of(spec, &row, &own)?;
    match kind.as_str() {
        "invoice" => invoice(&mut fields, &mut keys),
        "payment" => payment(&mut fields),
        _ => {}
    }
    upper(&mut fields, "currency");
    Ok(Arrival {
        source: System::APP,
        kind: kind.clone(),
        source_id: Some(own.clone()),
        keys,
        fields,
        modified: None,
        made: None,
        asked: None,
        confirmed: true,
        new_id: Some(own),
    })
}

/// Accepts what the app says, and what follows from it: the product of a type of invoice, what the app left unsaid.
///
/// # Errors
/// As [`accept`].
pub async fn take_in(app: &App, mut arrival: Arrival, class: Class) -> Result<Accepted> {
    if arrival.kind == Kind::INVOICE {
        publish_product(app, &arrival, class).await?;
    }
    derived::derive(app, &mut arrival).await?;
    let accepted = accept(app, &arrival, class).await?;
    if let Accepted::Changed { key, .. } = &accepted
        && arrival.kind == Kind::PAYMENT
    {
        gateway::take_held(app, &key.id).await?;
    }
    Ok(accepted)
}

/// A type of invoice has a product, made with its first invoice.
async fn publish_product(app: &App, invoice: &Arrival, class: Class) -> Result<()> {
    let kind = invoice.fields.get("type").and_then(Patch::value);
    let Some((id, name)) = kind.as_ref().and_then(Value::as_text).and_then(words::product_of) else {
        return Ok(());
    };
    let row = Map::from_iter([("name".to_owned(), Json::from(name))]);
    let product = self::arrival(app, &Kind::PRODUCT, &row, id).map_err(anyhow::Error::msg)?;
    accept(app, &product, class).await.map(|_| ())
}

/// A new payment of the API's that says nothing of how it stands has been completed. One that is known stays as it is: an
/// edit without a word about it is no word that the money came.
///
/// # Errors
/// When the table does not answer.
pub async fn default_status(app: &App, payment: &mut Arrival) -> Result<()> {
    let Some(id) = payment.new_id.clone() else {
        return Ok(());
    };
    if !payment.fields.contains_key("status") && derived::known(app, &Kind::PAYMENT, &id).await?.is_none() {
        set(&mut payment.fields, "status", words::COMPLETED);
    }
    Ok(())
}

/// Instants where days are asked for become days of the organisation's zone.
fn with_days(spec: &KindSpec, row: &Map<String, Json>, offset: Offset) -> Map<String, Json> {
    let mut row = row.clone();
    for field in spec.fields.iter().filter(|it| it.shape == Shape::Date) {
        let Some(value) = field.column(&System::APP).and_then(|it| row.get_mut(it)) else {
            continue;
        };
        if let Some(at) = value.as_str().and_then(|it| instant("", it).ok()) {
            *value = Json::String(day::day_of(at, offset).to_string());
        }
    }
    row
}

fn keys_of(spec: &KindSpec, row: &Map<String, Json>, own: &str) -> Result<Vec<(String, String)>, String> {
    let mut keys = vec![(APP_ID.to_owned(), own.to_owned())];
    for field in spec
        .fields
        .iter()
        .filter(|it| it.origin == Origin::Key && it.name != APP_ID)
    {
        let Some(column) = field.column(&System::APP) else {
            continue;
        };
        let Some(value) = row.get(column).filter(|it| !it.is_null() && **it != "") else {
            continue;
        };
        keys.push((
            field.name.to_owned(),
            id(value).map_err(|why| format!("{column}: {why}"))?,
        ));
    }
    Ok(keys)
}

fn said(fields: &Patches, name: &str) -> Option<String> {
    let value = fields.get(name)?.value()?;
    value.as_text().map(str::to_owned)
}

fn set(fields: &mut Patches, name: &str, text: &str) {
    fields.insert(name.to_owned(), Patch::from(Value::text(text)));
}

fn upper(fields: &mut Patches, name: &str) {
    if let Some(text) = said(fields, name) {
        set(fields, name, &text.to_uppercase());
    }
}

/// The type in Concord's words, and the product that follows from it.
fn invoice(fields: &mut Patches, keys: &mut Vec<(String, String)>) {
    let Some(kind) = said(fields, "type").map(|it| words::invoice_type(&it)) else {
        return;
    };
    set(fields, "type", &kind);
    if let Some((product, _)) = words::product_of(&kind) {
        keys.retain(|it| it.0 != PRODUCT_KEY);
        keys.push((PRODUCT_KEY.to_owned(), product));
    }
}

/// A payment's words in Concord's; a way of paying that has no word is told in a note.
fn payment(fields: &mut Patches) {
    if let Some(status) = said(fields, "status") {
        set(fields, "status", &words::payment_status(&status));
    }
    let Some(raw) = said(fields, "method") else { return };
    let method = words::method(&raw);
    set(fields, "method", method.unwrap_or("others"));
    if method.is_none() && said(fields, "description").is_none() {
        set(fields, "description", &format!("paid by {raw}"));
    }
}
