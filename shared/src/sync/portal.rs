//! Leads as the portal says them: a row of its table, or a body of the leads' API.

use crate::app::App;
use crate::lead::{contact, name};
use crate::model::{Arrival, Kind, Patch, System, Value};
use crate::sync::fields::read_row;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// Reads a row of the portal's `leads` table. Columns that we don't know are not ours.
///
/// # Errors
/// Names the column that can't be read.
pub fn row_arrival(app: &App, row: &Map<String, Json>, confirmed: bool) -> Result<Arrival, String> {
    let text = |column: &str| {
        row.get(column)
            .and_then(Json::as_str)
            .map(str::trim)
            .filter(|it| !it.is_empty())
    };
    let id = text("id").ok_or("id: is missing")?.to_lowercase();
    let time = |column: &str| text(column).map(|it| instant(column, it)).transpose();
    let mut arrival = arrival(app, row, id)?;
    arrival.modified = time("updated_at")?;
    arrival.made = time("created_at")?;
    arrival.confirmed = confirmed;
    Ok(arrival)
}

/// Reads a body or row whose id is known.
///
/// # Errors
/// Names the field that can't be read.
pub fn arrival(app: &App, row: &Map<String, Json>, id: String) -> Result<Arrival, String> {
    let spec = app.kind(&Kind::LEAD).map_err(|it| it.to_string())?;
    let mut fields = read_row(spec, &System::PORTAL, row)?;
    let full = ["name", "full_name"]
        .iter()
        .find_map(|it| row.get(*it))
        .and_then(Json::as_str)
        .map(name::split);
    if let Some(full) = full {
        // First and last name, where the row has them too, stand.
        for (field, part) in [("first_name", full.first), ("last_name", full.last)] {
            let patch = Patch::from(part.map_or(Value::Empty, |it| Value::text(&it)));
            if fields.get(field).is_none_or(|it| *it == Patch::Clear) {
                fields.insert(field.to_owned(), patch);
            }
        }
    }
    if let Some(Patch::Set(Value::Text(phone))) = fields.get("phone") {
        let shown = contact::phone(phone).unwrap_or_else(|| phone.clone());
        fields.insert("phone".into(), Patch::Set(Value::Text(shown)));
    }
    let mut keys = vec![("portal_lead_id".to_owned(), id.clone())];
    if let Some(Patch::Set(Value::Text(raw))) = fields.get("email") {
        keys.extend(contact::email(raw).map(|it| ("email".to_owned(), it)));
    }
    Ok(Arrival {
        source: System::PORTAL,
        kind: Kind::LEAD,
        source_id: Some(id),
        keys,
        fields,
        modified: None,
        made: None,
        asked: None,
        confirmed: true,
        new_id: None,
    })
}

/// Reads an instant as databases and people write it (`2026-01-02T03:04:05.123+00:00`, with a space for the `T`).
///
/// # Errors
/// Names the field.
pub fn instant(field: &str, text: &str) -> Result<Timestamp, String> {
    text.replacen(' ', "T", 1)
        .parse()
        .map_err(|_| format!("{field}: is not an instant with its offset"))
}
