//! CloudFormation's functions, conditions and pseudo parameters, resolved against local names.

use super::{Options, Result, fail};
use crate::arn;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What `AWS::NoValue` stands for: the property is not there.
const NO_VALUE: &str = "AWS::NoValue";

/// What names in a template stand for.
pub(super) struct Scope {
    parameters: BTreeMap<String, Value>,
    conditions: Value,
    resources: Value,
    queue_base: String,
}

impl Scope {
    pub(super) fn new(document: &Value, options: &Options) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        for (name, declared) in document["Parameters"].as_object().into_iter().flatten() {
            let given = options.parameters.get(name).map(|value| Value::String(value.clone()));
            if let Some(value) = given.or_else(|| declared.get("Default").cloned()) {
                parameters.insert(name.clone(), value);
            }
        }
        if let Some(unknown) = options
            .parameters
            .keys()
            .find(|name| document["Parameters"].get(name).is_none())
        {
            return fail("Parameters", format!("there is no parameter {unknown}"));
        }
        Ok(Self {
            parameters,
            conditions: document["Conditions"].clone(),
            resources: document["Resources"].clone(),
            queue_base: options.queue_base.clone(),
        })
    }

    /// The resources whose condition holds.
    pub(super) fn deployed(&self) -> Result<Vec<(String, Value)>> {
        let mut deployed = Vec::new();
        for (id, resource) in self.resources.as_object().into_iter().flatten() {
            let holds = match resource.get("Condition").and_then(Value::as_str) {
                Some(name) => self.condition(id, name)?,
                None => true,
            };
            if holds {
                deployed.push((id.clone(), resource.clone()));
            }
        }
        Ok(deployed)
    }

    /// A value with everything in it resolved; `place` names it in errors. None where it comes to no value.
    pub(super) fn value(&self, place: &str, value: &Value) -> Result<Option<Value>> {
        Ok(match value {
            Value::Object(fields) => match call(fields) {
                Some((function, argument)) => return self.call(place, function, argument),
                None => Some(self.object(place, fields)?),
            },
            Value::Array(items) => Some(Value::Array(self.list(place, items)?)),
            Value::Null => None,
            plain => Some(plain.clone()),
        })
    }

    /// A value as text, as CloudFormation writes numbers and booleans.
    pub(super) fn text(&self, place: &str, value: &Value) -> Result<Option<String>> {
        match self.value(place, value)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(plain @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(plain.to_string())),
            Some(other) => fail(place, format!("{other} is no text")),
        }
    }

    fn object(&self, place: &str, fields: &Map<String, Value>) -> Result<Value> {
        let mut resolved = Map::new();
        for (name, value) in fields {
            if let Some(value) = self.value(place, value)? {
                resolved.insert(name.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    fn list(&self, place: &str, items: &[Value]) -> Result<Vec<Value>> {
        let resolved = items.iter().map(|item| self.value(place, item));
        Ok(resolved.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn call(&self, place: &str, function: &str, argument: &Value) -> Result<Option<Value>> {
        match (function, argument) {
            ("Ref", Value::String(name)) if name == NO_VALUE => Ok(None),
            ("Ref", Value::String(name)) => self.reference(place, name).map(Some),
            ("Fn::GetAtt", Value::Array(parts)) => match &parts[..] {
                [Value::String(id), Value::String(name)] => self.attribute(place, id, name).map(Some),
                _ => fail(place, format!("GetAtt {argument} is not understood")),
            },
            ("Fn::Sub", template) => self.substitute(place, template).map(Some),
            ("Fn::Join", Value::Array(parts)) => self.join(place, parts).map(Some),
            ("Fn::If", Value::Array(parts)) => match &parts[..] {
                [Value::String(name), yes, no] => {
                    self.value(place, if self.condition(place, name)? { yes } else { no })
                }
                _ => fail(place, format!("If {argument} is not understood")),
            },
            _ => fail(place, format!("{function} {argument} is not understood")),
        }
    }

    fn reference(&self, place: &str, name: &str) -> Result<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        let text = match name {
            "AWS::Region" => arn::REGION.to_owned(),
            "AWS::AccountId" => arn::ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::StackName" => "concord".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => match self.kind(name) {
                Some("AWS::SQS::Queue") => arn::queue_url(&self.queue_base, &self.name(name)?),
                Some(_) => self.name(name)?,
                None => return fail(place, format!("{name} is no resource, and no parameter with a value")),
            },
        };
        Ok(Value::String(text))
    }

    fn attribute(&self, place: &str, id: &str, attribute: &str) -> Result<Value> {
        let name = self.name(id)?;
        let text = match (self.kind(id), attribute) {
            (None, _) => return fail(place, format!("{id} is no resource of this template")),
            (Some("AWS::SQS::Queue"), "Arn") => arn::queue(&name),
            (Some("AWS::SQS::Queue"), "QueueName") | (Some("AWS::SecretsManager::Secret"), "Id") => name,
            (Some("AWS::SQS::Queue"), "QueueUrl") => arn::queue_url(&self.queue_base, &name),
            (Some("AWS::DynamoDB::Table"), "Arn") => arn::table(&name),
            (Some("AWS::Serverless::Function"), "Arn") => arn::function(&name),
            (Some(_), "Arn") => format!("arn:aws:local:{}:{}:{name}", arn::REGION, arn::ACCOUNT),
            (Some(kind), _) => return fail(place, format!("{attribute} of {id} ({kind}) is not understood")),
        };
        Ok(Value::String(text))
    }

    /// A resource's own name: its name property, else its logical id.
    pub(super) fn name(&self, id: &str) -> Result<String> {
        let properties = &self.resources[id]["Properties"];
        for property in ["QueueName", "TableName", "FunctionName"] {
            if let Some(value) = properties.get(property) {
                return Ok(self.text(id, value)?.unwrap_or_else(|| id.to_owned()));
            }
        }
        Ok(id.to_owned())
    }

    /// The logical id of the queue that an ARN or a URL names.
    pub(super) fn queue_id(&self, place: &str, reference: &str) -> Result<String> {
        for (id, resource) in self.resources.as_object().into_iter().flatten() {
            if resource["Type"] == "AWS::SQS::Queue" && self.name(id)? == arn::name(reference) {
                return Ok(id.clone());
            }
        }
        fail(place, format!("{reference} is no queue of this template"))
    }

    fn kind(&self, id: &str) -> Option<&str> {
        self.resources.get(id)?.get("Type")?.as_str()
    }

    fn join(&self, place: &str, parts: &[Value]) -> Result<Value> {
        let [Value::String(between), items] = parts else {
            return fail(place, "Join takes a text and a list");
        };
        let Some(Value::Array(items)) = self.value(place, items)? else {
            return fail(place, "Join takes a text and a list");
        };
        let texts: Vec<String> = items.iter().map(plain).collect();
        Ok(Value::String(texts.join(between)))
    }

    fn substitute(&self, place: &str, template: &Value) -> Result<Value> {
        let (text, own) = match template {
            Value::String(text) => (text, None),
            Value::Array(parts) => match &parts[..] {
                [Value::String(text), Value::Object(own)] => (text, Some(own)),
                _ => return fail(place, "Sub takes a text, or a text and its variables"),
            },
            _ => return fail(place, "Sub takes a text, or a text and its variables"),
        };
        let mut pieces = text.split("${");
        let mut result = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let Some((name, rest)) = piece.split_once('}') else {
                return fail(place, format!("Sub {text:?} has an open brace"));
            };
            result.push_str(&self.variable(place, name, own)?);
            result.push_str(rest);
        }
        Ok(Value::String(result))
    }

    fn variable(&self, place: &str, name: &str, own: Option<&Map<String, Value>>) -> Result<String> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return Ok(self.text(place, value)?.unwrap_or_default());
        }
        let value = match name.split_once('.') {
            Some((id, attribute)) => self.attribute(place, id, attribute)?,
            None => self.reference(place, name)?,
        };
        Ok(plain(&value))
    }

    fn condition(&self, place: &str, name: &str) -> Result<bool> {
        match self.conditions.get(name) {
            Some(condition) => self.test(place, condition),
            None => fail(place, format!("there is no condition {name}")),
        }
    }

    fn test(&self, place: &str, condition: &Value) -> Result<bool> {
        let not_understood = || fail(place, format!("condition {condition} is not understood"));
        let Some((function, argument)) = condition.as_object().and_then(call) else {
            return not_understood();
        };
        match (function, argument) {
            ("Condition", Value::String(name)) => self.condition(place, name),
            ("Fn::Equals", Value::Array(pair)) if pair.len() == 2 => {
                Ok(self.text(place, &pair[0])? == self.text(place, &pair[1])?)
            }
            ("Fn::Not", Value::Array(one)) if one.len() == 1 => Ok(!self.test(place, &one[0])?),
            ("Fn::And", Value::Array(all)) => Ok(self.tests(place, all)?.into_iter().all(|holds| holds)),
            ("Fn::Or", Value::Array(any)) => Ok(self.tests(place, any)?.into_iter().any(|holds| holds)),
            _ => not_understood(),
        }
    }

    fn tests(&self, place: &str, conditions: &[Value]) -> Result<Vec<bool>> {
        conditions.iter().map(|condition| self.test(place, condition)).collect()
    }
}

/// The function that an object is a call of, if it is one.
fn call(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = fields.iter();
    let (name, argument) = entries.next().filter(|_| fields.len() == 1)?;
    // `Condition` is a call only inside conditions; in a policy it is a property with an object.
    let is_call = name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string());
    is_call.then_some((name.as_str(), argument))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
