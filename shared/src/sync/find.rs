//! What a person means by an id: a record under any of its ids, or an arrival that is held at the door.

use crate::app::App;
use crate::model::{Kind, Record, RecordKey, System};
use crate::store::{Item, keys};
use crate::sync::accept::{HeldArrival, held_key};
use crate::sync::fields::KindSpec;
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// What is known under an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub record: Option<RecordKey>,
    /// The source of an arrival that is held under this row id, and the row id.
    pub arrival: Option<(String, String)>,
}

/// The key under which a record is known by its id in a system.
#[must_use]
pub fn id_key(system: &str) -> String {
    match system {
        "zoho_crm" => "zoho_lead_id".to_owned(),
        "portal" => "portal_lead_id".to_owned(),
        other => format!("{other}_id"),
    }
}

/// Finds what `text` names: a record's own id, its id in a system, a held row's id, or `SOURCE/ROW`.
///
/// # Errors
/// When nothing is known under it, or records of several kinds are, or the table does not answer.
pub async fn find(app: &App, text: &str) -> Result<Found> {
    let text = text.trim();
    let (mut records, mut held) = (BTreeSet::new(), None);
    for spec in &app.kinds {
        records.extend(record(app, spec, text).await?);
        if held.is_none() {
            held = arrival(app, spec, text).await?;
        }
    }
    if records.len() > 1 {
        let names: Vec<String> = records.iter().map(ToString::to_string).collect();
        bail!("{text}: several records have this id; say which: {}", names.join(", "));
    }
    if records.is_empty() && held.is_none() {
        bail!("{text}: no record and nothing held is known under this id");
    }
    Ok(Found {
        record: records.pop_first(),
        arrival: held,
    })
}

/// The record that `text` names.
///
/// # Errors
/// When there is none, or the table does not answer.
pub async fn find_record(app: &App, text: &str) -> Result<RecordKey> {
    match find(app, text).await?.record {
        Some(record) => Ok(record),
        None => bail!("{text}: is held and no record yet; see concord resolve"),
    }
}

async fn record(app: &App, spec: &KindSpec, text: &str) -> Result<Option<RecordKey>> {
    let own = RecordKey::parse(text).unwrap_or_else(|| RecordKey::new(spec.kind.clone(), text.to_lowercase()));
    let stored: Option<Item<Record>> = app.store.get(&keys::record(&own)).await?;
    if stored.is_some() {
        return Ok(Some(own));
    }
    for route in &spec.routes {
        for id in [text.to_owned(), text.to_lowercase()] {
            let owner = alias_owner(app, &spec.kind, route.system.as_str(), &id).await?;
            if let Some(owner) = owner {
                return Ok(Some(RecordKey::new(spec.kind.clone(), owner)));
            }
        }
    }
    Ok(None)
}

/// The record to which a system's id belongs.
///
/// # Errors
/// When the table does not answer.
pub async fn alias_owner(app: &App, kind: &Kind, system: &str, id: &str) -> Result<Option<String>> {
    let alias = keys::alias(kind, &id_key(system), id);
    Ok(app.store.get::<String>(&alias).await?.map(|it| it.body))
}

async fn arrival(app: &App, spec: &KindSpec, text: &str) -> Result<Option<(String, String)>> {
    let (wanted, row) = match text.split_once('/') {
        Some((source, row)) => (Some(source), row),
        None => (None, text),
    };
    // What a gateway tells of a payment may be held, too, and no kind has a route to one.
    let gateways = System::GATEWAYS;
    let gateways = gateways.iter().filter(|_| spec.kind == Kind::PAYMENT);
    let routes = spec.routes.iter().filter(|it| it.source).map(|it| &it.system);
    for source in routes
        .chain(gateways)
        .map(System::as_str)
        .filter(|it| wanted.is_none_or(|wanted| wanted == *it))
    {
        for row in [row.to_owned(), row.to_lowercase()] {
            let held: Option<Item<HeldArrival>> = app.store.get(&held_key(source, &row)).await?;
            if held.is_some_and(|it| it.body.arrival.is_some()) {
                return Ok(Some((source.to_owned(), row)));
            }
        }
    }
    Ok(None)
}
