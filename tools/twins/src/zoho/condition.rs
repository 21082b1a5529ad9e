//! Conditions on leads, the same for COQL's `where` and for search criteria.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::Value;

use super::fields::{Field, Kind};
use super::lead::Lead;
use super::leads::Leads;
use super::settings::Settings;
use crate::pattern::like;
use crate::times;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    In,
    NotIn,
    Like,
    NotLike,
    Between,
    Null,
    NotNull,
}

/// A value as it is compared. Texts are lower case: Zoho does not tell the cases apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scalar {
    Bool(bool),
    Number(Decimal),
    Time(i64),
    Text(String),
}

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test {
        field: Field,
        operator: Operator,
        values: Vec<Scalar>,
    },
}

impl Condition {
    pub(crate) fn matches(&self, settings: &Settings, lead: &Lead) -> bool {
        match self {
            Condition::All(parts) => parts.iter().all(|part| part.matches(settings, lead)),
            Condition::Any(parts) => parts.iter().any(|part| part.matches(settings, lead)),
            Condition::Test {
                field,
                operator,
                values,
            } => test(*operator, scalar(settings, field, lead).as_ref(), values),
        }
    }

    /// How many single criteria it has.
    pub(crate) fn criteria(&self) -> usize {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().map(Condition::criteria).sum(),
            Condition::Test { .. } => 1,
        }
    }

    pub(crate) fn mentions(&self, name: &str) -> bool {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| part.mentions(name)),
            Condition::Test { field, .. } => field.api_name == name,
        }
    }

    /// The only leads that can match, where the indexes tell; `None`: all must be looked at.
    pub(crate) fn candidates(&self, leads: &Leads) -> Option<BTreeSet<u64>> {
        match self {
            Condition::All(parts) => parts.iter().find_map(|part| part.candidates(leads)),
            Condition::Any(parts) => {
                let sets: Option<Vec<_>> = parts.iter().map(|part| part.candidates(leads)).collect();
                Some(sets?.into_iter().flatten().collect())
            }
            Condition::Test {
                field,
                operator: Operator::Equal | Operator::In,
                values,
            } => found(leads, &field.api_name, values),
            Condition::Test { .. } => None,
        }
    }
}

fn found(leads: &Leads, field: &str, values: &[Scalar]) -> Option<BTreeSet<u64>> {
    if field == "id" {
        let id = |value: &Scalar| {
            if let Scalar::Number(id) = value {
                u64::try_from(*id).ok()
            } else {
                None
            }
        };
        return Some(values.iter().filter_map(id).collect());
    }
    // Converted leads are in no index, so a condition on them must look at all.
    if !leads.indexes(field) || field == "Converted__s" {
        return None;
    }
    let key = |value: &Scalar| {
        if let Scalar::Text(text) = value {
            Some(text.clone())
        } else {
            None
        }
    };
    let keys: Option<Vec<String>> = values.iter().map(key).collect();
    Some(keys?.iter().flat_map(|key| leads.find(field, key)).collect())
}

/// A null answers no comparison, neither `=` nor `!=` (docs/vendors.md §1.6).
fn test(operator: Operator, value: Option<&Scalar>, values: &[Scalar]) -> bool {
    let (Some(value), first) = (value, values.first()) else {
        return operator == Operator::Null;
    };
    let order = first.map(|first| value.cmp(first));
    match operator {
        Operator::Null => false,
        Operator::NotNull => true,
        Operator::Equal | Operator::In => values.contains(value),
        Operator::NotEqual | Operator::NotIn => !values.contains(value),
        Operator::Greater => order.is_some_and(|o| o.is_gt()),
        Operator::GreaterEqual => order.is_some_and(|o| o.is_ge()),
        Operator::Less => order.is_some_and(|o| o.is_lt()),
        Operator::LessEqual => order.is_some_and(|o| o.is_le()),
        Operator::Between => values.len() == 2 && *value >= values[0] && *value <= values[1],
        Operator::Like => values.iter().any(|pattern| resembles(value, pattern)),
        Operator::NotLike => !values.iter().any(|pattern| resembles(value, pattern)),
    }
}

fn resembles(value: &Scalar, pattern: &Scalar) -> bool {
    match (value, pattern) {
        (Scalar::Text(text), Scalar::Text(pattern)) => like(pattern, text, false),
        _ => false,
    }
}

/// A lead's value as it is compared.
pub(crate) fn scalar(settings: &Settings, field: &Field, lead: &Lead) -> Option<Scalar> {
    match field.api_name.as_str() {
        "id" => Some(Scalar::Number(lead.id.into())),
        "Created_Time" => Some(Scalar::Time(lead.created)),
        "Modified_Time" => Some(Scalar::Time(lead.modified)),
        _ => match lead.show(settings, field) {
            Value::Object(user) => user.get("id").and_then(Value::as_str).and_then(|id| literal(field, id)),
            Value::String(text) => literal(field, &text),
            Value::Number(number) => literal(field, &number.to_string()),
            Value::Bool(flag) => Some(Scalar::Bool(flag)),
            Value::Null | Value::Array(_) => None,
        },
    }
}

/// Reads a text as a value of the field; `None` when it can't be one.
pub(crate) fn literal(field: &Field, text: &str) -> Option<Scalar> {
    match field.kind {
        Kind::Boolean => text.to_lowercase().parse().ok().map(Scalar::Bool),
        Kind::Integer | Kind::Double | Kind::Currency | Kind::BigInt => text.parse().ok().map(Scalar::Number),
        Kind::DateTime => times::parse(text).map(|at| Scalar::Time(times::seconds(at))),
        _ => Some(Scalar::Text(text.trim().to_lowercase())),
    }
}
