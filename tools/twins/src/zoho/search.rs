//! Search and count: over an index that lags behind (docs/vendors.md §1.6).

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::condition::{Condition, Operator, literal};
use super::error::{Failure, body};
use super::fields::{Field, Kind};
use super::lead::Lead;
use super::list::{fields, show};
use super::settings::Settings;
use super::turn::Turn;
use crate::answer;
use crate::params::Params;

const CRITERIA: usize = 15;
/// Rows that one search can reach.
const ROWS: usize = 2_000;
const PARAMS: [&str; 12] = [
    "criteria",
    "email",
    "phone",
    "word",
    "fields",
    "page",
    "per_page",
    "converted",
    "approved",
    "approval_state",
    "sort_by",
    "sort_order",
];

/// `GET /Leads/search`.
pub(crate) fn search(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&PARAMS)?;
    let (page, per_page) = (params.number("page", 1, ROWS)?, params.number("per_page", 200, 200)?);
    if page * per_page > ROWS {
        return Err(Failure::new(
            "LIMIT_REACHED",
            json!({ "param_name": "page", "limit": ROWS }),
        ));
    }
    let wanted = match params.get("fields") {
        Some(names) => fields(turn.settings, names)?,
        None => turn.settings.fields.iter().collect(),
    };
    let mut rows = matching(turn, &params)?;
    if params.word("sort_order", &["desc", "asc"])? == "desc" {
        rows.reverse();
    }
    let more = rows.len() > page * per_page;
    let shown = rows.into_iter().skip((page - 1) * per_page).take(per_page);
    let data: Vec<Value> = shown.map(|lead| show(turn.settings, lead, &wanted)).collect();
    if data.is_empty() {
        return Ok(answer::bare(204));
    }
    let info = json!({ "page": page, "per_page": per_page, "count": data.len(), "more_records": more });
    Ok(body(200, &json!({ "data": data, "info": info })))
}

/// `GET /Leads/actions/count`; without a condition all leads.
pub(crate) fn count(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["criteria", "email", "phone", "word"])?;
    let any = ["criteria", "email", "phone", "word"]
        .iter()
        .any(|name| params.get(name).is_some());
    let count = if any {
        matching(turn, &params)?.len()
    } else {
        turn.state.leads.all().filter(|lead| !lead.converted).count()
    };
    Ok(body(200, &json!({ "count": count })))
}

/// The leads that match and that the index has seen, by id.
fn matching<'t>(turn: &'t Turn<'_>, params: &Params) -> Result<Vec<&'t Lead>, Failure> {
    let condition = condition(turn.settings, params)?;
    let lag = i64::try_from(turn.settings.search_lag.as_secs()).unwrap_or(i64::MAX);
    let seen = turn.now.as_second().saturating_sub(lag);
    let converted = params.get("converted").unwrap_or("false");
    let wanted = |lead: &&Lead| {
        let kind = converted == "both" || lead.converted == (converted == "true");
        kind && lead.created <= seen && condition.matches(turn.settings, lead)
    };
    let leads = &turn.state.leads;
    Ok(match condition.candidates(leads).filter(|_| converted == "false") {
        Some(ids) => ids.iter().filter_map(|id| leads.get(*id)).filter(wanted).collect(),
        None => leads.all().filter(wanted).collect(),
    })
}

fn condition(settings: &Settings, params: &Params) -> Result<Condition, Failure> {
    if let Some(text) = params.get("criteria") {
        let (condition, rest) = group(settings, text.trim())?;
        if !rest.is_empty() {
            return Err(malformed());
        }
        if condition.criteria() > CRITERIA {
            return Err(Failure::new("CRITERIA_LIMIT_EXCEEDED", json!({ "limit": CRITERIA })));
        }
        return Ok(condition);
    }
    let over = |wanted: fn(&Field) -> bool, operator, text: &str| {
        let fields = settings.fields.iter().filter(|f| wanted(f) && !f.read_only);
        let test = |field: &Field| Condition::Test {
            field: field.clone(),
            operator,
            values: literal(field, text).into_iter().collect(),
        };
        Condition::Any(fields.map(test).collect())
    };
    if let Some(email) = params.get("email") {
        return Ok(over(|f| f.kind == Kind::Email, Operator::Equal, email));
    }
    if let Some(phone) = params.get("phone") {
        return Ok(over(|f| f.kind == Kind::Phone, Operator::Equal, phone));
    }
    let word = params
        .get("word")
        .ok_or_else(|| Failure::param("EXPECTED_PARAM_MISSING", "criteria"))?;
    if word.chars().count() < 2 {
        return Err(Failure::param("INVALID_DATA", "word"));
    }
    Ok(over(|f| f.kind.is_text(), Operator::Like, &format!("%{word}%")))
}

fn malformed() -> Failure {
    Failure::param("INVALID_QUERY", "criteria").saying("Invalid query formed")
}

/// A bracket: one `(Field:operator:value)`, or brackets joined by `and` or `or`.
fn group<'a>(settings: &Settings, text: &'a str) -> Result<(Condition, &'a str), Failure> {
    let inner = text.strip_prefix('(').ok_or_else(malformed)?;
    let (first, mut rest) = if inner.starts_with('(') {
        let (chain, rest) = group(settings, inner)?;
        let (chain, rest) = joined(settings, chain, rest)?;
        (chain, rest.strip_prefix(')').ok_or_else(malformed)?)
    } else {
        criterion(settings, inner)?
    };
    let chain = joined(settings, first, rest)?;
    rest = chain.1;
    Ok((chain.0, rest))
}

fn joined<'a>(settings: &Settings, first: Condition, rest: &'a str) -> Result<(Condition, &'a str), Failure> {
    for (word, all) in [("and", true), ("or", false)] {
        if let Some(after) = rest.trim_start().strip_prefix(word) {
            let (next, rest) = group(settings, after.trim_start())?;
            let parts = vec![first, next];
            return Ok((
                if all {
                    Condition::All(parts)
                } else {
                    Condition::Any(parts)
                },
                rest,
            ));
        }
    }
    Ok((first, rest))
}

fn criterion<'a>(settings: &Settings, text: &'a str) -> Result<(Condition, &'a str), Failure> {
    let (parts, rest) = split(text).ok_or_else(malformed)?;
    let (name, word) = (parts.0.as_str(), parts.1.as_str());
    let field = settings.field(name);
    let field = field
        .ok_or_else(|| Failure::new("INVALID_QUERY", json!({ "api_name": name })))?
        .clone();
    let values: Vec<&str> = match word {
        "in" | "between" => parts.2.iter().map(String::as_str).collect(),
        _ => vec![parts.2.first().map_or("", String::as_str)],
    };
    let pattern = format!("{}%", values.first().unwrap_or(&""));
    let (operator, values) = match word {
        "equals" => (Operator::Equal, values),
        "not_equal" => (Operator::NotEqual, values),
        "starts_with" => (Operator::Like, vec![pattern.as_str()]),
        "in" => (Operator::In, values),
        "between" => (Operator::Between, values),
        "greater_equal" => (Operator::GreaterEqual, values),
        "greater_than" => (Operator::Greater, values),
        "less_equal" => (Operator::LessEqual, values),
        "less_than" => (Operator::Less, values),
        _ => return Err(malformed()),
    };
    let values: Option<Vec<_>> = values.into_iter().map(|value| literal(&field, value)).collect();
    let unfit = || Failure::new("INVALID_QUERY", json!({ "api_name": name }));
    Ok((
        Condition::Test {
            field,
            operator,
            values: values.ok_or_else(unfit)?,
        },
        rest,
    ))
}

type Parts = (String, String, Vec<String>);

/// `Field:operator:value,value)`: a backslash takes `(`, `)`, `,` or `\` as it is.
fn split(text: &str) -> Option<(Parts, &str)> {
    let (name, rest) = text.split_once(':')?;
    let (word, rest) = rest.split_once(':')?;
    let (mut values, mut escaped) = (vec![String::new()], false);
    for (at, c) in rest.char_indices() {
        let last = values.last_mut()?;
        match c {
            c if escaped => {
                last.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            ',' if matches!(word, "in" | "between") => values.push(String::new()),
            ')' => return Some(((name.to_owned(), word.to_owned(), values), &rest[at + 1..])),
            c => last.push(c),
        }
    }
    None
}
