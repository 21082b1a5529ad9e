//! What the app says of its customers, services, invoices and payments: a row of its tables, or a body of the API.

mod gateway;

pub use gateway::{Word, take_word};

use crate::app::App;
use crate::billing::{day, lines, words};
use crate::model::{Arrival, Class, Kind, Patch, Patches, Record, RecordKey, System, Value};
use crate::store::keys;
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
        "customer" => customer(&mut fields),
        "invoice" => invoice(&mut fields, &mut keys, &own),
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

/// Accepts what the app says, and what follows from it: the product of a type of invoice, the day of a payment that came
/// without one.
///
/// # Errors
/// As [`accept`].
pub async fn take_in(app: &App, mut arrival: Arrival, class: Class) -> Result<Accepted> {
    match arrival.kind.as_str() {
        "invoice" => publish_product(app, &arrival, class).await?,
        "payment" => default_day(app, &mut arrival).await?,
        _ => {}
    }
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

/// A payment that came without its day was made today; what is known of it already stays.
async fn default_day(app: &App, payment: &mut Arrival) -> Result<()> {
    let says = |it: &Patch| matches!(it, Patch::Set(_));
    let Some(id) = payment
        .new_id
        .clone()
        .filter(|_| !payment.fields.get("date").is_some_and(says))
    else {
        return Ok(());
    };
    let key = RecordKey::new(Kind::PAYMENT, id);
    let known = app.store.get::<Record>(&keys::record(&key)).await?;
    if known.is_some_and(|it| it.body.fields.contains_key("date")) {
        payment.fields.remove("date");
        return Ok(());
    }
    let today = day::day_of(app.clock.now(), app.config.billing.offset);
    let today = Patch::Set(Value::Text(today.to_string()));
    payment.fields.insert("date".to_owned(), today);
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

/// The name under which a customer is shown: as stated, else the company's, else the person's.
fn customer(fields: &mut Patches) {
    if said(fields, "name").is_some() {
        return;
    }
    let person = [said(fields, "first_name"), said(fields, "last_name")];
    let person = person.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let company = said(fields, "company_name");
    let name = company
        .or(Some(person).filter(|it| !it.is_empty()))
        .or(said(fields, "email"));
    if let Some(name) = name {
        set(fields, "name", &name);
    }
}

fn invoice(fields: &mut Patches, keys: &mut Vec<(String, String)>, own: &str) {
    if let Some(kind) = said(fields, "type").map(|it| words::invoice_type(&it)) {
        set(fields, "type", &kind);
        if let Some((product, _)) = words::product_of(&kind) {
            keys.retain(|it| it.0 != PRODUCT_KEY);
            keys.push((PRODUCT_KEY.to_owned(), product));
        }
        let summary = summary(fields, &kind).filter(|_| said(fields, "lines").is_none());
        if let Some(line) = summary {
            set(fields, "lines", &lines::write(&[line]));
        }
    }
    if said(fields, "number").is_none() && fields.contains_key("type") {
        set(fields, "number", own);
    }
}

/// One line for an invoice that came without any.
fn summary(fields: &Patches, kind: &str) -> Option<lines::Line> {
    let Some(Value::Decimal(price)) = fields.get("amount").and_then(Patch::value) else {
        return None;
    };
    Some(lines::Line {
        name: words::product_of(kind)?.1.to_owned(),
        description: said(fields, "description").unwrap_or_default(),
        price,
        quantity: 1,
    })
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
