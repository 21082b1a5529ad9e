//! A strict validator of the part of JSON Schema that `docs/openapi.yaml` uses.

use super::OpenApi;
use serde_json::{Map, Value};

/// Keywords that hold nothing.
const NOTES: [&str; 5] = ["default", "description", "example", "examples", "title"];

/// What of a value is not as a schema says.
pub(super) fn wrong(of: &OpenApi, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let Some(schema) = schema.as_object() else {
        return vec![format!("{place}: its schema is no object")];
    };
    let keywords = schema.iter().filter(|it| !NOTES.contains(&it.0.as_str()));
    keywords
        .flat_map(|(name, says)| {
            keyword(
                &Check {
                    of,
                    schema,
                    value,
                    place,
                },
                name,
                says,
            )
        })
        .collect()
}

struct Check<'a> {
    of: &'a OpenApi,
    schema: &'a Map<String, Value>,
    value: &'a Value,
    place: &'a str,
}

fn keyword(check: &Check<'_>, name: &str, says: &Value) -> Vec<String> {
    let (of, value, place) = (check.of, check.value, check.place);
    let length = |it: &Value| it.as_str().map(|it| it.chars().count());
    let number = says
        .as_u64()
        .and_then(|it| usize::try_from(it).ok())
        .unwrap_or_default();
    let fine = match name {
        "$ref" => {
            let named = Value::Object(Map::from_iter([("$ref".to_owned(), says.clone())]));
            return match of.resolve(&named) {
                Some(schema) => wrong(of, schema, value, place),
                None => vec![format!("{place}: {says} leads nowhere")],
            };
        }
        "type" => is_of_type(says, value),
        "const" => says == value,
        "enum" => says.as_array().is_some_and(|it| it.contains(value)),
        "format" => value.as_str().is_none_or(|it| is_formatted(says, it)),
        "minLength" => length(value).is_none_or(|it| it >= number),
        "maxLength" => length(value).is_none_or(|it| it <= number),
        "minItems" => value.as_array().is_none_or(|it| it.len() >= number),
        "maxItems" => value.as_array().is_none_or(|it| it.len() <= number),
        "oneOf" => return one_of(check, says),
        "required" => return required(says, value, place),
        "properties" => return properties(check, says),
        "additionalProperties" => return additional(check, says),
        "items" => {
            let items = value.as_array().into_iter().flatten().enumerate();
            return items
                .flat_map(|(at, it)| wrong(of, says, it, &format!("{place}[{at}]")))
                .collect();
        }
        _ => return vec![format!("{place}: the keyword {name} is not understood")],
    };
    match fine {
        true => Vec::new(),
        false => vec![format!("{place}: {value} is against {name} {says}")],
    }
}

fn is_of_type(says: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    says.as_array().map_or_else(|| is(says), |names| names.iter().any(is))
}

/// An unknown format holds nothing of ours.
fn is_formatted(format: &Value, text: &str) -> bool {
    match format.as_str().unwrap_or_default() {
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "uuid" => {
            let parts: Vec<usize> = text.split('-').map(str::len).collect();
            parts == [8, 4, 4, 4, 12] && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
        }
        "uri" => text.contains("://"),
        _ => false,
    }
}

fn one_of(check: &Check<'_>, says: &Value) -> Vec<String> {
    let branches = says.as_array().into_iter().flatten();
    let tried: Vec<Vec<String>> = branches
        .map(|it| wrong(check.of, it, check.value, check.place))
        .collect();
    match tried.iter().filter(|it| it.is_empty()).count() {
        1 => Vec::new(),
        0 => tried.concat(),
        many => vec![format!("{}: fits {many} of oneOf", check.place)],
    }
}

fn required(says: &Value, value: &Value, place: &str) -> Vec<String> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let names = says.as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = names.filter(|it| !object.contains_key(*it));
    missing.map(|it| format!("{place}.{it}: is missing")).collect()
}

fn properties(check: &Check<'_>, says: &Value) -> Vec<String> {
    let known = says.as_object().into_iter().flatten();
    let there = known.filter_map(|(name, schema)| Some((name, schema, check.value.get(name)?)));
    there
        .flat_map(|(name, schema, value)| wrong(check.of, schema, value, &format!("{}.{name}", check.place)))
        .collect()
}

fn additional(check: &Check<'_>, says: &Value) -> Vec<String> {
    let stated = check.schema.get("properties").and_then(Value::as_object);
    let is_stated = |name: &str| stated.is_some_and(|it| it.contains_key(name));
    let others = check
        .value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|it| !is_stated(it.0));
    others
        .flat_map(|(name, value)| match says {
            Value::Bool(true) => Vec::new(),
            Value::Bool(false) => vec![format!("{}.{name}: is not in the document", check.place)],
            schema => wrong(check.of, schema, value, &format!("{}.{name}", check.place)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_keyword_finds_what_is_against_it() {
        let of = OpenApi::parse("components: { schemas: { A: { type: string } } }").unwrap();
        let closed = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": false});
        for (schema, value, part) in [
            (json!({"type": "string"}), json!(1), "against type"),
            (json!({"type": ["integer", "null"]}), json!(1.5), "against type"),
            (json!({"enum": ["a", "b"]}), json!("c"), "against enum"),
            (json!({"const": "a"}), json!("c"), "against const"),
            (json!({"format": "date-time"}), json!("2026-11-21"), "against format"),
            (json!({"format": "colour"}), json!("red"), "against format"),
            (json!({"minLength": 1}), json!(""), "against minLength"),
            (json!({"maxLength": 1}), json!("ab"), "against maxLength"),
            (json!({"minItems": 1}), json!([]), "against minItems"),
            (json!({"items": {"type": "string"}}), json!(["a", 1]), "x[1]: 1"),
            (closed.clone(), json!({}), "x.a: is missing"),
            (closed.clone(), json!({"a": "1"}), "x.a: \"1\""),
            (closed, json!({"a": 1, "b": 2}), "x.b: is not in"),
            (
                json!({"additionalProperties": {"type": "string"}}),
                json!({"a": 1}),
                "x.a: 1",
            ),
            (json!({"$ref": "#/components/schemas/A"}), json!(1), "against type"),
            (json!({"$ref": "#/components/schemas/B"}), json!(1), "leads nowhere"),
            (
                json!({"oneOf": [{"type": "string"}, {"type": "null"}]}),
                json!(1),
                "against type",
            ),
            (
                json!({"oneOf": [{"type": "string"}, {"minLength": 1}]}),
                json!("a"),
                "fits 2",
            ),
            (json!({"pattern": "a"}), json!("b"), "not understood"),
        ] {
            let found = wrong(&of, &schema, &value, "x");
            assert!(found.iter().any(|it| it.contains(part)), "{schema} {value}: {found:?}");
        }
    }

    #[test]
    fn what_fits_is_fine() {
        let of = OpenApi::parse("components: { schemas: { A: { type: [string, 'null'] } } }").unwrap();
        let schema = json!({"description": "x", "type": "object", "required": ["a"], "properties": {
            "a": {"$ref": "#/components/schemas/A"}, "b": {"type": "array", "items": {"type": "number"}},
            "c": {"oneOf": [{"type": "string", "minLength": 1}, {"type": "number"}]}}});
        for value in [json!({"a": null}), json!({"a": "x", "b": [1, 2.5], "c": 3, "d": true})] {
            assert_eq!(wrong(&of, &schema, &value, "x"), Vec::<String>::new());
        }
    }
}
