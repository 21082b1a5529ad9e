//! `docs/openapi.yaml`, read: its operations, and whether a body is what it says.

mod schema;

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

/// The document.
#[derive(Debug)]
pub struct OpenApi(Value);

/// One method of one path.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// In capitals.
    pub method: &'a str,
    /// As the document has it, with `{…}`.
    pub path: &'a str,
    /// All that is said of it.
    pub says: &'a Value,
}

/// The methods that a path may have; its other keys are no operations.
const METHODS: [(&str, &str); 5] = [
    ("delete", "DELETE"),
    ("get", "GET"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
];

impl OpenApi {
    /// Reads the document's text.
    ///
    /// # Errors
    /// When it is no YAML, or a key stands twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Yaml = serde_yaml_ng::from_str(text).map_err(|it| it.to_string())?;
        json(document).map(Self)
    }

    /// The whole of it.
    pub fn document(&self) -> &Value {
        &self.0
    }

    /// All operations, in the order of their paths.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        let methods = paths.flat_map(|(path, item)| METHODS.iter().filter_map(move |it| operation(path, item, it)));
        methods.collect()
    }

    /// The operation that a request of this path means; a path without `{…}` goes first.
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path = path.split('?').next().unwrap_or_default();
        let own = |it: &&Operation<'_>| it.method == method && matches(it.path, path);
        let all = self.operations();
        all.iter()
            .filter(own)
            .min_by_key(|it| it.path.matches('{').count())
            .copied()
    }

    /// What `$ref` names, such as `#/components/schemas/Lead`; what is no reference is itself.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match value.get("$ref") {
            None => Some(value),
            Some(name) => self.0.pointer(name.as_str()?.strip_prefix('#')?),
        }
    }

    /// The media type of a request's JSON body.
    pub fn request<'a>(&'a self, of: &Operation<'a>) -> Option<&'a Value> {
        of.says["requestBody"]["content"].get("application/json")
    }

    /// What of an answer is not as the document says; `kind` is its content type.
    pub fn wrong_answer(&self, of: &Operation<'_>, status: u16, kind: &str, body: &Value) -> Vec<String> {
        let named = format!("{} {} {status}", of.method, of.path);
        let stated = of.says["responses"].get(status.to_string());
        let Some(response) = stated.and_then(|it| self.resolve(it)) else {
            return vec![format!("{named}: is not in the document")];
        };
        match response["content"].get(kind).map(|it| &it["schema"]) {
            Some(schema) => self.wrong(schema, body, &named),
            None => vec![format!("{named}: {kind} is not in the document")],
        }
    }

    /// What of a value is not as a schema says, each with the place. A keyword that is not understood is wrong, too.
    pub fn wrong(&self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        schema::wrong(self, schema, value, place)
    }
}

fn operation<'a>(path: &'a str, item: &'a Value, (name, method): &'static (&str, &str)) -> Option<Operation<'a>> {
    let says = item.get(*name)?;
    Some(Operation { method, path, says })
}

/// Whether a path is one of `pattern`.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let part = |(own, it): (&&str, &&str)| own == it || (own.starts_with('{') && !it.is_empty());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(part)
}

fn json(value: Yaml) -> Result<Value, String> {
    Ok(match value {
        Yaml::Tagged(tagged) => return Err(format!("{}: no tag is understood", tagged.tag)),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(json).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let pair = |(key, value)| match json(key)? {
                Value::String(key) => Ok((key, json(value)?)),
                other => Err(format!("{other} is no key: put it in quotes")),
            };
            Value::Object(entries.into_iter().map(pair).collect::<Result<Map<_, _>, _>>()?)
        }
        plain => serde_json::to_value(plain).map_err(|it| it.to_string())?,
    })
}
