//! Reading a lead's body: the first mistake, with its field.

use crate::api::fields::{Wrong, is_text, time, wrong};
use crate::app::App;
use crate::lead::contact;
use crate::model::{Arrival, Kind, System};
use crate::planted::{Bug, planted};
use crate::sync::fields::{FieldSpec, Shape};
use crate::sync::portal::arrival;
use serde_json::{Map, Value as Json};

/// Fields of the body that are no field of a lead.
const ALSO: [&str; 5] = ["id", "name", "full_name", "created_at", "updated_at"];
/// Those of them that hold text.
const NAMES: [&str; 2] = ["name", "full_name"];
const TEXTS: [Shape; 3] = [Shape::Text, Shape::Email, Shape::Status];

/// Reads a lead. Without an id of the portal's, Concord makes one: the record's own.
pub(super) fn lead(app: &App, fields: &Map<String, Json>, new_id: &str) -> Result<Arrival, Wrong> {
    known_fields(app, fields)?;
    let id = match fields.get("id") {
        None | Some(Json::Null) => new_id.to_owned(),
        Some(id) => uuid(id).ok_or_else(|| wrong("id", "is the portal's lead id, a UUID"))?,
    };
    has_name(fields)?;
    has_contact(fields)?;
    let mut lead = arrival(app, fields, id).map_err(|it| {
        let field = it.split(':').next().unwrap_or_default().to_owned();
        Wrong {
            field,
            detail: it.clone(),
        }
    })?;
    lead.modified = time(app, fields, "updated_at")?;
    // An id that was made up is no row's, and never older or newer than one.
    let now = || (lead.source_id.as_deref() != Some(new_id)).then(|| app.clock.now());
    lead.made = time(app, fields, "created_at")?.or_else(now);
    lead.new_id = Some(new_id.to_owned());
    if planted(Bug::TwoDoors) {
        lead.keys.clear();
    }
    Ok(lead)
}

fn known_fields(app: &App, fields: &Map<String, Json>) -> Result<(), Wrong> {
    let spec = app.kind(&Kind::LEAD).map_err(|it| wrong("kind", &it.to_string()))?;
    for (name, value) in fields {
        let of_portal = |it: &&FieldSpec| it.column(&System::PORTAL).is_some();
        let shape = spec.field(name).filter(of_portal).map(|it| it.shape);
        if shape.is_none() && !ALSO.contains(&name.as_str()) {
            return Err(wrong(name, "is no field of a lead"));
        }
        let must_be = NAMES.contains(&name.as_str()) || shape.is_some_and(|it| TEXTS.contains(&it));
        is_text(name, value, must_be)?;
    }
    Ok(())
}

fn text<'a>(fields: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    fields
        .get(name)
        .and_then(Json::as_str)
        .map(str::trim)
        .filter(|it| !it.is_empty())
}

fn has_name(fields: &Map<String, Json>) -> Result<(), Wrong> {
    let named = ["name", "full_name", "last_name"]
        .iter()
        .any(|it| text(fields, it).is_some());
    if named {
        Ok(())
    } else {
        Err(wrong("name", "is missing: send name, or last_name (Zoho requires one)"))
    }
}

fn has_contact(fields: &Map<String, Json>) -> Result<(), Wrong> {
    if let Some(raw) = text(fields, "email") {
        contact::email(raw).ok_or_else(|| wrong("email", "is not an e-mail address"))?;
    }
    if let Some(raw) = text(fields, "phone") {
        contact::phone(raw).ok_or_else(|| wrong("phone", "has no digit"))?;
    }
    let reachable = text(fields, "email").is_some() || text(fields, "phone").is_some();
    if reachable {
        Ok(())
    } else {
        Err(wrong("email", "is missing: send email or phone"))
    }
}

fn uuid(id: &Json) -> Option<String> {
    let parsed = uuid::Uuid::parse_str(id.as_str()?.trim()).ok()?;
    Some(parsed.to_string())
}
