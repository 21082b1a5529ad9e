//! `POST /coql`: queries over leads (docs/vendors.md §1.6). It reads what is there now: no lag, unlike search.

mod cursor;
mod lex;
mod parse;

use std::cmp::Ordering;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::condition::{Scalar, scalar};
use super::error::{Failure, body};
use super::fields::Field;
use super::lead::Lead;
use super::list::show;
use super::settings::Settings;
use super::turn::Turn;
use crate::answer;
use parse::{Query, parse};

/// Carries the query of the body out.
pub(crate) fn coql(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let query = read(turn.settings, turn.body)?;
    let mut rows = matching(turn, &query);
    rows.sort_by(|a, b| by_order(turn.settings, &query.order, a, b));
    let more = rows.len() > query.offset.saturating_add(query.limit);
    let fields: Vec<&Field> = query.fields.iter().collect();
    let page = rows.into_iter().skip(query.offset).take(query.limit);
    let data: Vec<Value> = page.map(|lead| show(turn.settings, lead, &fields)).collect();
    if data.is_empty() {
        return Ok(answer::bare(204));
    }
    let info = json!({ "count": data.len(), "more_records": more });
    Ok(body(200, &json!({ "data": data, "info": info })))
}

fn read(settings: &Settings, given: &Value) -> Result<Query, Failure> {
    let unknown = |key: &&String| !["select_query", "include_meta"].contains(&key.as_str());
    if let Some(key) = given.as_object().and_then(|o| o.keys().find(unknown)) {
        return Err(Failure::new(
            "INVALID_DATA",
            json!({ "api_name": key, "json_path": format!("$.{key}") }),
        ));
    }
    let details = json!({ "api_name": "select_query", "json_path": "$.select_query" });
    let text = given
        .get("select_query")
        .ok_or_else(|| Failure::new("MANDATORY_NOT_FOUND", details))?;
    let text = text
        .as_str()
        .ok_or_else(|| Failure::typed("select_query", "$.select_query", "text"))?;
    parse(settings, text)
}

/// The limit that a query asks for: its price depends on it.
pub(crate) fn limit(settings: &Settings, given: &Value) -> usize {
    read(settings, given).map_or(0, |query| query.limit)
}

fn matching<'t>(turn: &'t Turn<'_>, query: &Query) -> Vec<&'t Lead> {
    // Converted leads show only to a query that asks about them.
    let converted = query.condition.mentions("Converted__s");
    let wanted = |lead: &&Lead| (converted || !lead.converted) && query.condition.matches(turn.settings, lead);
    let leads = &turn.state.leads;
    match query.condition.candidates(leads).filter(|_| !converted) {
        Some(ids) => ids.iter().filter_map(|id| leads.get(*id)).filter(wanted).collect(),
        None => leads.all().filter(wanted).collect(),
    }
}

fn by_order(settings: &Settings, order: &[(Field, bool)], a: &Lead, b: &Lead) -> Ordering {
    let compare = |(field, descending): &(Field, bool)| {
        let order = scalar(settings, field, a).cmp(&scalar(settings, field, b) as &Option<Scalar>);
        if *descending { order.reverse() } else { order }
    };
    order
        .iter()
        .map(compare)
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.id.cmp(&b.id))
}
