//! Bodies, checked against the fields of their kind; amounts are kept as rounded decimals.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};

use super::error::Failure;
use super::kinds::{Field, Need, Shape};
use super::settings::Settings;
use crate::number;

/// What a body is for: what must and may stand in it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Create,
    Update,
    /// A person edits what she likes.
    Edit,
}

impl Write {
    fn need(self, field: &Field) -> Need {
        match self {
            Write::Create => field.on_create,
            Write::Update => field.on_update,
            Write::Edit => Need::May,
        }
    }
}

/// The fields of a body, each of its shape; one that is not known or not allowed is an error.
pub(crate) fn checked(
    settings: &Settings,
    fields: &[Field],
    write: Write,
    body: &Value,
) -> Result<Map<String, Value>, Failure> {
    let given = body
        .as_object()
        .ok_or_else(|| Failure::invalid("the body is no JSON object"))?;
    let missing = fields
        .iter()
        .find(|field| write.need(field) == Need::Must && is_empty(given.get(field.name)));
    if let Some(field) = missing {
        return Err(Failure::invalid(&format!("{} is missing", field.name)));
    }
    let mut kept = Map::new();
    for (name, value) in given {
        let field = fields.iter().find(|field| field.name == name);
        let field = field.filter(|field| write.need(field) != Need::Never);
        let field = field.ok_or_else(|| Failure::invalid(&format!("{name} is not taken here")))?;
        kept.insert(name.clone(), one(settings, field, write, value)?);
    }
    Ok(kept)
}

fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
}

fn one(settings: &Settings, field: &Field, write: Write, value: &Value) -> Result<Value, Failure> {
    let wrong = || Failure::invalid(&format!("Invalid value passed for {}", field.name));
    if value.is_null() {
        return Ok(Value::Null);
    }
    match (field.shape, value) {
        (Shape::Text, Value::String(text)) => Ok(Value::from(text.trim())),
        (Shape::Id, Value::String(id)) if is_id(id) => Ok(value.clone()),
        (Shape::Integer, Value::Number(number)) if number.as_i64().is_some() => Ok(value.clone()),
        (Shape::Boolean, Value::Bool(_)) => Ok(value.clone()),
        (Shape::Money, Value::Number(_)) => {
            let amount = number::of(value).filter(|amount| !amount.is_sign_negative());
            Ok(number::to_json(rounded(settings, amount.ok_or_else(wrong)?)))
        }
        (Shape::Date, Value::String(date)) if date.parse::<Date>().is_ok() && date.len() == 10 => Ok(value.clone()),
        (Shape::Word(words), Value::String(word)) if words.contains(&word.as_str()) => Ok(value.clone()),
        (Shape::CustomFields, Value::Array(fields)) => custom_fields(settings, fields).ok_or_else(wrong),
        (Shape::Object(fields), Value::Object(_)) => checked(settings, fields, inner(write), value).map(Value::Object),
        (Shape::List(fields, least), Value::Array(items)) if items.len() >= least => {
            let items = items.iter().map(|item| checked(settings, fields, Write::Create, item));
            let items: Result<Vec<_>, _> = items.map(|item| item.map(Value::Object)).collect();
            Ok(Value::Array(items?))
        }
        _ => Err(wrong()),
    }
}

/// Inside an object the same is demanded whoever sends it.
fn inner(write: Write) -> Write {
    if write == Write::Edit {
        Write::Edit
    } else {
        Write::Create
    }
}

pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Labels that the organisation does not have are refused; so are entries with more than label and value.
fn custom_fields(settings: &Settings, fields: &[Value]) -> Option<Value> {
    let all = fields.iter().map(|field| {
        let field = field.as_object().filter(|field| field.len() == 2)?;
        let label = field.get("label")?.as_str()?;
        let place = settings.customer_fields.iter().position(|known| known == label)?;
        let value = field.get("value")?.as_str()?;
        Some(serde_json::json!({ "index": place + 1, "label": label, "value": value, "data_type": "text" }))
    });
    all.collect::<Option<Vec<Value>>>().map(Value::Array)
}

/// An amount with the places of the organisation's currency.
pub(crate) fn rounded(settings: &Settings, amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(settings.price_precision, RoundingStrategy::MidpointAwayFromZero)
}

/// The amount under a name; nothing is zero.
pub(crate) fn amount(fields: &Map<String, Value>, name: &str) -> Decimal {
    fields.get(name).and_then(number::of).unwrap_or_default()
}

/// The text under a name; nothing is empty.
pub(crate) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The date under a name.
pub(crate) fn date(fields: &Map<String, Value>, name: &str) -> Option<Date> {
    text(fields, name).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::kinds::Kind;
    use super::*;
    use serde_json::json;

    fn check(kind: Kind, write: Write, body: &Value) -> Result<Map<String, Value>, String> {
        checked(&Settings::default(), kind.fields(), write, body).map_err(|failure| failure.message().to_owned())
    }

    #[test]
    fn what_is_not_documented_or_not_of_its_shape_is_refused() {
        let customer = |more: Value| {
            let mut body = json!({"display_name": "A", "email": "a@b.c"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            check(Kind::Customer, Write::Create, &body)
        };
        assert!(customer(json!({})).is_ok());
        assert!(customer(json!({"billing_address": {"city": "Paarl"}})).is_ok());
        for wrong in [
            json!({"nickname": "A"}),
            json!({"phone": 5}),
            json!({"billing_address": {"town": "Paarl"}}),
            json!({"custom_fields": [{"label": "Other", "value": "1"}]}),
            json!({"custom_fields": [{"label": "App Customer ID", "value": 1}]}),
        ] {
            assert!(customer(wrong.clone()).is_err(), "{wrong}");
        }
        let missing = check(
            Kind::Customer,
            Write::Create,
            &json!({"display_name": "A", "email": " "}),
        );
        assert_eq!(missing, Err("email is missing".to_owned()));
        let missing = check(Kind::Customer, Write::Update, &json!({"display_name": "A"}));
        assert_eq!(missing, Err("email is missing".to_owned()));
        assert!(check(Kind::Customer, Write::Edit, &json!({"phone": "1"})).is_ok());
    }

    #[test]
    fn amounts_are_numbers_and_rounded() {
        let payment = |amount: &str| {
            let body = format!(r#"{{"customer_id":"1","payment_mode":"cash","amount":{amount}}}"#);
            let body = serde_json::from_str(&body).unwrap();
            check(Kind::Payment, Write::Create, &body).map(|kept| kept["amount"].to_string())
        };
        assert_eq!(payment("599.005").as_deref(), Ok("599.01"));
        assert_eq!(payment("599.10").as_deref(), Ok("599.1"));
        assert!(payment("\"599.10\"").is_err() && payment("-1").is_err());
    }

    #[test]
    fn dates_have_ten_characters() {
        let invoice = |date: &str| {
            let items = json!([{"product_id": "1", "quantity": 1}]);
            check(
                Kind::Invoice,
                Write::Create,
                &json!({"customer_id": "1", "date": date, "invoice_items": items}),
            )
        };
        assert!(invoice("2026-11-21").is_ok());
        for wrong in ["21/11/2026", "2026-11-21T00:00:00", "2026-02-30", ""] {
            assert!(invoice(wrong).is_err(), "{wrong}");
        }
    }
}
