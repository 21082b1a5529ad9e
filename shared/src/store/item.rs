//! An item in DynamoDB's own form: its key, its `rev`, where it stands in the indexes, and its body as JSON text.

use super::{Key, Places, RawItem};
use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An item as it was read: its content and the name of the write that made it.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// What it holds.
    pub body: T,
    /// The write that made it; the next write must name it.
    pub rev: String,
}

/// An item's content and `rev`, from DynamoDB's own form.
///
/// # Errors
/// When the content is not of the wanted form.
pub fn decode<T: DeserializeOwned>(key: &Key, mut raw: RawItem) -> Result<Item<T>> {
    let rev = match raw.remove("rev") {
        Some(AttributeValue::S(rev)) => rev,
        _ => String::new(),
    };
    let body = raw.remove("body").unwrap_or(AttributeValue::M(raw));
    let body = read_body(body).with_context(|| format!("understand {key}"))?;
    Ok(Item { body, rev })
}

pub(super) fn encode<T: Serialize>(key: &Key, body: &T, rev: &str, places: &Places) -> Result<RawItem> {
    let mut item = key.attributes();
    let mut text = |name: &str, value: &str| item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
    text("rev", rev);
    if let Some(due) = &places.due {
        text("due_pk", &due.pk());
        text("due_sk", &due.sk(key));
    }
    if let Some((day, time)) = &places.activity {
        text("activity_pk", day);
        text("activity_sk", time);
    }
    if let Some(ttl) = places.ttl {
        item.insert("ttl".into(), AttributeValue::N(ttl.to_string()));
    }
    let body = write_body(body).with_context(|| format!("write down {key}"))?;
    item.insert("body".into(), body);
    Ok(item)
}

/// Longer bodies are maps: quotes within text within text double, and an item may hold 400 kB.
const LONGEST_TEXT: usize = 64 * 1024;

/// JSON text: a map of DynamoDB's costs several times as much to write, to send and to read (decision 0021).
fn write_body<T: Serialize>(body: &T) -> Result<AttributeValue> {
    let text = serde_json::to_string(body)?;
    if text.len() <= LONGEST_TEXT {
        return Ok(AttributeValue::S(text));
    }
    Ok(serde_dynamo::to_attribute_value(body)?)
}

pub(super) fn read_body<T: DeserializeOwned>(body: AttributeValue) -> Result<T> {
    match &body {
        AttributeValue::S(text) => Ok(serde_json::from_str(text)?),
        _ => Ok(serde_dynamo::from_attribute_value(body)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_body_is_read_as_it_was_written() {
        let long = "\"".repeat(LONGEST_TEXT);
        for (body, is_text) in [
            (
                json!({ "a": "Xagħra \"x\"", "n": 12, "none": null, "l": [true, 0.5] }),
                true,
            ),
            (json!({ "a": long }), false),
        ] {
            let written = write_body(&body).unwrap();
            assert_eq!(written.is_s(), is_text);
            assert_eq!(read_body::<Value>(written).unwrap(), body);
        }
    }

    #[test]
    fn a_short_body_that_is_a_map_is_read_too() {
        let body = json!({ "a": "x", "n": 12 });
        let map = serde_dynamo::to_attribute_value(&body).unwrap();
        assert_eq!(read_body::<Value>(map).unwrap(), body);
    }

    #[test]
    fn a_body_that_can_not_be_read_says_of_which_item() {
        let key = super::super::keys::budget(&crate::model::System::ZOHO_CRM);
        let raw = RawItem::from([("body".to_owned(), AttributeValue::S("{".to_owned()))]);
        let why = format!("{:#}", decode::<Value>(&key, raw).unwrap_err());
        assert!(why.contains(&key.to_string()), "{why}");
    }
}
