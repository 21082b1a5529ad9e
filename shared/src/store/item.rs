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
    let AttributeValue::S(text) = &body else {
        return Ok(serde_dynamo::from_attribute_value(body)?);
    };
    match serde_json::from_str(text) {
        Ok(read) => Ok(read),
        // Before decision 0021 a body that is one text stood there without quotes.
        Err(error) => serde_dynamo::from_attribute_value(body).map_err(|_| error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Link, Outcome, RecordKey, System};
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

    /// As it stood before, and stands now.
    fn kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(body: &T) {
        let before = serde_dynamo::to_attribute_value(body).unwrap();
        for form in [before, write_body(body).unwrap()] {
            assert_eq!(read_body::<T>(form.clone()).unwrap(), *body, "{form:?}");
        }
    }

    #[test]
    fn what_was_written_before_it_was_text_is_read_too() {
        let at: jiff::Timestamp = "2026-11-21T10:00:00.25Z".parse().unwrap();
        kept(&json!({ "a": "x", "n": 12 }));
        kept(&at);
        for text in ["0b9f", "123", "true", "null", "\"", "{\"a\":1}", ""] {
            kept(&text.to_owned());
        }
        let key = RecordKey::new(Kind::PAYMENT, "pay_1");
        let mut link = Link::new(key.clone(), System::ZOHO_BILLING);
        link.due_at = Some(at);
        let amount: rust_decimal::Decimal = "1499.900001".parse().unwrap();
        link.receipt
            .sent
            .insert("amount".into(), crate::model::Value::Decimal(amount));
        link.receipt
            .sent
            .insert("n".into(), crate::model::Value::Integer(i64::MAX));
        link.receipt.sent.insert("none".into(), crate::model::Value::Empty);
        kept(&link);
        kept(&key);
        kept(&vec![Outcome::Retry { at, why: "429".into() }, Outcome::Synced]);
    }

    #[test]
    fn a_body_that_can_not_be_read_says_of_which_item() {
        let key = super::super::keys::budget(&System::ZOHO_CRM);
        let raw = RawItem::from([("body".to_owned(), AttributeValue::S("{".to_owned()))]);
        let why = format!("{:#}", decode::<Link>(&key, raw).unwrap_err());
        assert!(why.contains(&key.to_string()), "{why}");
    }
}
