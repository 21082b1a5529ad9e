//! YAML with CloudFormation's short tags, as JSON with the long forms: `!Ref X` becomes `{"Ref": "X"}`.

use super::{Result, TemplateError, fail};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// Reads a template's text.
pub(super) fn read(text: &str) -> Result<Value> {
    let document: Yaml = serde_yaml_ng::from_str(text).map_err(|error| TemplateError {
        place: "template".into(),
        problem: error.to_string(),
    })?;
    json(document)
}

fn json(value: Yaml) -> Result<Value> {
    Ok(match value {
        Yaml::Tagged(tagged) => long(&tagged.tag.to_string(), json(tagged.value)?),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(json).collect::<Result<_>>()?),
        Yaml::Mapping(entries) => {
            let pair = |(key, value)| Ok((name(key)?, json(value)?));
            Value::Object(entries.into_iter().map(pair).collect::<Result<Map<_, _>>>()?)
        }
        plain => serde_json::to_value(plain).or_else(|error| fail("template", error.to_string()))?,
    })
}

/// A key: YAML also allows numbers there (`200:` in responses).
fn name(key: Yaml) -> Result<String> {
    match json(key)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => fail("template", format!("{other} can't be a key")),
    }
}

fn long(tag: &str, value: Value) -> Value {
    match (tag.trim_start_matches('!'), value) {
        (name @ ("Ref" | "Condition"), value) => json!({ name: value }),
        // The short form of GetAtt is one text, its long form a list.
        ("GetAtt", Value::String(text)) => match text.split_once('.') {
            Some((resource, attribute)) => json!({ "Fn::GetAtt": [resource, attribute] }),
            None => json!({ "Fn::GetAtt": text }),
        },
        (name, value) => json!({ format!("Fn::{name}"): value }),
    }
}
