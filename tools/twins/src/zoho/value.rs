//! Values of a field: checked as Zoho checks them, then kept as Zoho keeps them.

use rust_decimal::RoundingStrategy;
use serde_json::{Map, Number, Value, json};

use super::error::Failure;
use super::fields::{Field, Kind};
use super::settings::Settings;
use crate::number;

/// Checks the fields of one record of a batch and gives them as they will be kept: trimmed, rounded.
/// `path` is the record's JSON path; `whole` asks for the required fields, too.
pub(crate) fn record(
    settings: &Settings,
    given: &Map<String, Value>,
    path: &str,
    whole: bool,
) -> Result<Map<String, Value>, Failure> {
    let (mut kept, mut errors) = (Map::new(), Vec::new());
    for (name, value) in given.iter().filter(|(name, _)| *name != "id") {
        match one(settings, name, value, path) {
            Ok(value) => drop(kept.insert(name.clone(), value)),
            Err(failure) => errors.push(failure),
        }
    }
    errors.extend(missing(settings, given, path, whole));
    match errors.len() {
        0 => Ok(kept),
        1 => Err(errors.swap_remove(0)),
        // Since v6 the errors of one record come together (docs/vendors.md §1.4).
        _ => {
            let items: Vec<Value> = errors.iter().map(Failure::item).collect();
            Err(Failure::new("MULTIPLE_OR_MULTI_ERRORS", json!({ "errors": items })))
        }
    }
}

fn missing<'a>(
    settings: &'a Settings,
    given: &'a Map<String, Value>,
    path: &'a str,
    whole: bool,
) -> impl Iterator<Item = Failure> + 'a {
    let required = settings.fields.iter().filter(move |f| f.required && whole);
    required
        .filter(|f| !given.contains_key(&f.api_name))
        .map(move |f| mandatory(f, path))
}

fn mandatory(field: &Field, path: &str) -> Failure {
    let path = format!("{path}.{}", field.api_name);
    Failure::new(
        "MANDATORY_NOT_FOUND",
        json!({ "api_name": field.api_name, "json_path": path }),
    )
}

fn one(settings: &Settings, name: &str, value: &Value, path: &str) -> Result<Value, Failure> {
    let at = format!("{path}.{name}");
    let field = settings.field(name).filter(|f| !f.read_only);
    let Some(field) = field else {
        return Err(Failure::new(
            "INVALID_DATA",
            json!({ "api_name": name, "json_path": at }),
        ));
    };
    let kept = keep(field, value).map_err(|fault| fault.failure(field, &at))?;
    if field.required && kept.is_null() {
        return Err(mandatory(field, path));
    }
    Ok(kept)
}

/// What is wrong with a value.
enum Fault {
    Type,
    Length,
    Word,
}

impl Fault {
    fn failure(self, field: &Field, path: &str) -> Failure {
        let mut failure = Failure::typed(&field.api_name, path, field.kind.data_type());
        match self {
            Fault::Type => {}
            Fault::Length => failure.details["maximum_length"] = json!(field.length),
            Fault::Word => failure.details["expected_values"] = json!(field.options),
        }
        failure
    }
}

fn keep(field: &Field, value: &Value) -> Result<Value, Fault> {
    match (field.kind, value) {
        // Zoho has no unknown boolean: clearing a checkbox unticks it.
        (Kind::Boolean, Value::Null) => Ok(Value::Bool(false)),
        (_, Value::Null) => Ok(Value::Null),
        (Kind::Boolean, Value::Bool(_)) => Ok(value.clone()),
        (Kind::Integer, Value::Number(number)) => integer(field, number),
        (Kind::Double | Kind::Currency, Value::Number(number)) => decimal(field, number),
        (Kind::OwnerLookup, Value::Object(owner)) if owner.get("id").is_some_and(Value::is_string) => Ok(value.clone()),
        (kind, Value::String(text)) if kind.is_text() => words(field, text.trim()),
        _ => Err(Fault::Type),
    }
}

fn words(field: &Field, text: &str) -> Result<Value, Fault> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.chars().count() > field.length {
        return Err(Fault::Length);
    }
    match field.kind {
        Kind::Email if !is_email(text) => Err(Fault::Type),
        Kind::Picklist if !field.options.iter().any(|o| o == text) => Err(Fault::Word),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    let plain = |s: &str| !s.is_empty() && !s.contains(|c: char| c.is_whitespace() || "@,;<>()".contains(c));
    plain(name) && plain(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

fn integer(field: &Field, number: &Number) -> Result<Value, Fault> {
    let whole: i64 = number.to_string().parse().map_err(|_| Fault::Type)?;
    if whole.unsigned_abs().to_string().len() > field.length {
        return Err(Fault::Length);
    }
    Ok(Value::Number(whole.into()))
}

fn decimal(field: &Field, number: &Number) -> Result<Value, Fault> {
    let exact = number::of(&Value::Number(number.clone())).ok_or(Fault::Type)?;
    let rounded = exact.round_dp_with_strategy(field.decimal_place, RoundingStrategy::MidpointAwayFromZero);
    if rounded.trunc().abs().to_string().len() > field.length {
        return Err(Fault::Length);
    }
    Ok(number::to_json(rounded))
}

/// The form in which a text is compared and indexed: Zoho does not tell upper from lower case.
pub(crate) fn folded(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(name: &str, value: Value) -> Result<Value, Failure> {
        one(&Settings::default(), name, &value, "$.data[0]")
    }

    #[test]
    fn values_are_trimmed_and_rounded() {
        assert_eq!(kept("City", json!("  Sliema ")).unwrap(), json!("Sliema"));
        assert_eq!(kept("City", json!("  ")).unwrap(), Value::Null);
        let size = serde_json::from_str("5.125").unwrap();
        assert_eq!(kept("System_Size", size).unwrap().to_string(), "5.13");
        let whole = serde_json::from_str("12.00").unwrap();
        assert_eq!(kept("Quote_Amount", whole).unwrap().to_string(), "12");
        assert_eq!(kept("With_Battery", Value::Null).unwrap(), json!(false));
    }

    #[test]
    fn wrong_values_name_field_path_and_type() {
        for (name, value, expected) in [
            ("Email", json!("no address"), "email"),
            ("Loan_Term", json!("12"), "integer"),
            ("Quote_Amount", json!("12.5"), "currency"),
            ("With_Battery", json!("true"), "boolean"),
            ("Lead_Status", json!("Won"), "picklist"),
            ("City", json!(5), "text"),
        ] {
            let failure = kept(name, value).unwrap_err();
            assert_eq!(failure.code, "INVALID_DATA");
            assert_eq!(failure.details["expected_data_type"], expected);
            assert_eq!(failure.details["json_path"], format!("$.data[0].{name}"));
        }
        let long = kept("First_Name", json!("x".repeat(41))).unwrap_err();
        assert_eq!(long.details["maximum_length"], 40);
        assert_eq!(kept("Nonsense", json!(1)).unwrap_err().details["api_name"], "Nonsense");
        assert_eq!(kept("Created_Time", json!("x")).unwrap_err().code, "INVALID_DATA");
    }

    #[test]
    fn several_errors_of_a_record_come_together() {
        let given = json!({ "Email": "x", "Nonsense": 1 });
        let settings = Settings::default();
        let failure = record(&settings, given.as_object().unwrap(), "$.data[0]", true).unwrap_err();
        assert_eq!(failure.code, "MULTIPLE_OR_MULTI_ERRORS");
        assert_eq!(failure.details["errors"].as_array().unwrap().len(), 3);
        let none = Map::new();
        assert_eq!(
            record(&settings, &none, "$", true).unwrap_err().code,
            "MANDATORY_NOT_FOUND"
        );
        assert!(record(&settings, &none, "$", false).is_ok());
    }
}
