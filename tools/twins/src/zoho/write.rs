//! Insert, update and upsert of leads (docs/vendors.md §1.3, §1.9).

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use super::batch::{self, Batch, Done};
use super::error::Failure;
use super::lead::Lead;
use super::state::Change;
use super::turn::Turn;
use super::value;
use super::watch::{Event, Operation};

type Record = Map<String, Value>;

/// `POST /Leads`.
pub(crate) fn insert(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let batch = Batch::read(turn.settings, turn.body)?;
    Ok(batch::run(turn, &batch, 201, |turn, record, place| {
        if record.contains_key("id") {
            return Err(unknown_id(place));
        }
        let (lead, event) = add(turn, record, place)?;
        Ok(Done {
            item: success(turn, &lead, "record added"),
            event: Some(event),
        })
    }))
}

/// `PUT /Leads` and `PUT /Leads/{id}`.
pub(crate) fn update(turn: &mut Turn<'_>, id: Option<&str>) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let batch = Batch::read(turn.settings, turn.body)?;
    if id.is_some() && batch.data.len() > 1 {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "api_name": "data", "limit": 1 }),
        ));
    }
    let guard = turn.since("if-unmodified-since")?;
    Ok(batch::run(turn, &batch, 200, |turn, record, place| {
        let lead = named(turn, id, record, place)?;
        let (lead, event) = edit(turn, lead, record, place, guard)?;
        Ok(Done {
            item: success(turn, &lead, "record updated"),
            event: Some(event),
        })
    }))
}

/// `POST /Leads/upsert`. Records are handled one after the other, so that the second of two equal ones
/// finds the first.
pub(crate) fn upsert(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let batch = Batch::read(turn.settings, turn.body)?;
    let guard = turn.since("if-unmodified-since")?;
    Ok(batch::run(turn, &batch, 200, |turn, record, place| {
        let found = match record.contains_key("id") {
            true => Some((named(turn, None, record, place)?, "id")),
            false => duplicate(turn, &batch.checks, record),
        };
        let (lead, event, action, field) = match found {
            Some((lead, field)) => {
                let (lead, event) = edit(turn, lead, record, place, guard)?;
                (lead, event, "update", json!(field))
            }
            None => {
                let (lead, event) = add(turn, record, place)?;
                (lead, event, "insert", Value::Null)
            }
        };
        let message = if action == "update" {
            "record updated"
        } else {
            "record added"
        };
        let mut item = success(turn, &lead, message);
        item["action"] = json!(action);
        item["duplicate_field"] = field;
        Ok(Done {
            item,
            event: Some(event),
        })
    }))
}

/// The lead that an upsert means: the first check field that has a value and finds one decides. Of
/// several leads with that value the oldest is taken; which one Zoho takes is not documented.
fn duplicate<'c>(turn: &Turn<'_>, checks: &'c [String], record: &Record) -> Option<(Lead, &'c str)> {
    checks.iter().find_map(|field| {
        let key = record
            .get(field)
            .and_then(value::folded)
            .filter(|key| !key.is_empty())?;
        let id = turn.state.leads.find(field, &key).next()?;
        Some((turn.state.leads.get(id)?.clone(), field.as_str()))
    })
}

/// The lead whose id stands in the path or in the record.
fn named(turn: &Turn<'_>, id: Option<&str>, record: &Record, place: usize) -> Result<Lead, Failure> {
    let path = format!("$.data[{place}].id");
    let id = match (id, record.get("id")) {
        (Some(id), _) => id.to_owned(),
        (None, Some(Value::String(id))) => id.clone(),
        (None, Some(Value::Number(id))) => id.to_string(),
        (None, None) => {
            return Err(Failure::new(
                "MANDATORY_NOT_FOUND",
                json!({ "api_name": "id", "json_path": path }),
            ));
        }
        (None, Some(_)) => return Err(Failure::typed("id", &path, "bigint")),
    };
    let lead = id.parse().ok().and_then(|id| turn.state.leads.get(id));
    let lead = lead.ok_or_else(|| unknown_id(place))?;
    if lead.converted {
        return Err(Failure::new(
            "ID_ALREADY_CONVERTED",
            json!({ "id": id, "json_path": path }),
        ));
    }
    Ok(lead.clone())
}

fn unknown_id(place: usize) -> Failure {
    let path = format!("$.data[{place}].id");
    Failure::new("INVALID_DATA", json!({ "api_name": "id", "json_path": path }))
        .saying("the id given seems to be invalid")
}

/// Makes a lead.
pub(crate) fn add(turn: &mut Turn<'_>, record: &Record, place: usize) -> Result<(Lead, Event), Failure> {
    let path = format!("$.data[{place}]");
    let mut values = value::record(turn.settings, record, &path, true)?;
    values.retain(|_, value| !value.is_null());
    check_unique(turn, None, &values, &path)?;
    let now = turn.now.as_second();
    let lead = Lead {
        id: turn.state.leads.next_id(),
        created: now,
        modified: now,
        by_person: turn.person,
        made_by_person: turn.person,
        converted: false,
        values,
    };
    turn.state.change(Change::Lead(lead.clone()));
    let event = Event {
        operation: Operation::Insert,
        id: lead.id,
        affected: Record::new(),
    };
    Ok((lead, event))
}

/// Changes a lead. Its Modified_Time moves even where no value does.
pub(crate) fn edit(
    turn: &mut Turn<'_>,
    mut lead: Lead,
    record: &Record,
    place: usize,
    guard: Option<i64>,
) -> Result<(Lead, Event), Failure> {
    if guard.is_some_and(|guard| lead.modified > guard) {
        return Err(Failure::new("ALREADY_MODIFIED", lead.receipt(turn.settings)));
    }
    let path = format!("$.data[{place}]");
    let values = value::record(turn.settings, record, &path, false)?;
    check_unique(turn, Some(lead.id), &values, &path)?;
    let mut affected = Record::new();
    for (name, value) in values {
        let old = lead.values.get(&name).unwrap_or(&Value::Null);
        if *old != value {
            affected.insert(name.clone(), value.clone());
        }
        match value {
            Value::Null => drop(lead.values.remove(&name)),
            value => drop(lead.values.insert(name, value)),
        }
    }
    lead.modified = turn.now.as_second();
    lead.by_person = turn.person;
    turn.state.change(Change::Lead(lead.clone()));
    let event = Event {
        operation: Operation::Update,
        id: lead.id,
        affected,
    };
    Ok((lead, event))
}

/// No two leads may have the same value in a unique field.
fn check_unique(turn: &Turn<'_>, own: Option<u64>, values: &Record, path: &str) -> Result<(), Failure> {
    for field in turn.settings.fields.iter().filter(|f| f.unique) {
        let Some(key) = values.get(&field.api_name).and_then(value::folded) else {
            continue;
        };
        let other = turn.state.leads.find(&field.api_name, &key).find(|id| Some(*id) != own);
        if let Some(lead) = other.and_then(|id| turn.state.leads.get(id)) {
            let path = format!("{path}.{}", field.api_name);
            return Err(taken(turn, lead, &field.api_name, &path));
        }
    }
    Ok(())
}

/// The existing lead's id stands in two places, as vendors' versions differ (docs/vendors.md §1.4).
fn taken(turn: &Turn<'_>, lead: &Lead, field: &str, path: &str) -> Failure {
    let id = lead.id.to_string();
    let details = json!({
        "api_name": field,
        "json_path": path,
        "id": id,
        "duplicate_record": {
            "id": id,
            "Owner": lead.owner(turn.settings),
            "module": { "api_name": "Leads", "id": "5725767000000002175" },
        },
    });
    Failure::new("DUPLICATE_DATA", details)
}

fn success(turn: &Turn<'_>, lead: &Lead, message: &str) -> Value {
    json!({
        "code": "SUCCESS",
        "status": "success",
        "message": message,
        "details": lead.receipt(turn.settings),
    })
}
