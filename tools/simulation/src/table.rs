//! The table as it was and is: every item's history, for reads that are stale, indexes that lag, and for the checker.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An item's partition and sort key.
pub type ItemKey = (String, String);

/// One change of an item, in the order in which DynamoDB applied them.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, in milliseconds of the Unix epoch.
    pub at_ms: i64,
    /// The item.
    pub key: ItemKey,
    /// The invocation that wrote it; none for people.
    pub by: Option<u64>,
    /// What it holds since, in DynamoDB's own JSON; none: removed.
    pub item: Option<Arc<Value>>,
}

/// All items, now and before.
#[derive(Debug, Default)]
pub struct Table {
    /// Every change.
    pub changes: Vec<Change>,
    /// Where each item's changes stand in `changes`.
    places: BTreeMap<ItemKey, Vec<usize>>,
}

impl Table {
    /// Takes down a change.
    pub fn note(&mut self, change: Change) {
        self.places
            .entry(change.key.clone())
            .or_default()
            .push(self.changes.len());
        self.changes.push(change);
    }

    /// What stands now, by key.
    pub fn now(&self) -> impl Iterator<Item = (&ItemKey, &Arc<Value>)> {
        self.places
            .iter()
            .filter_map(|(key, places)| Some((key, self.item(*places.last()?)?)))
    }

    /// What an item holds now.
    #[must_use]
    pub fn get(&self, key: &ItemKey) -> Option<&Arc<Value>> {
        self.item(*self.places.get(key)?.last()?)
    }

    /// All that an item ever held, oldest first.
    pub fn history(&self, key: &ItemKey) -> impl Iterator<Item = &Change> {
        self.places
            .get(key)
            .into_iter()
            .flatten()
            .map(|place| &self.changes[*place])
    }

    /// What a reader sees who is so far behind.
    #[must_use]
    pub fn as_of(&self, key: &ItemKey, at_ms: i64) -> Option<Arc<Value>> {
        let seen = self.history(key).take_while(|it| it.at_ms <= at_ms).last();
        seen.and_then(|it| it.item.clone())
    }

    /// Items that were changed after this.
    pub fn changed_since(&self, at_ms: i64) -> impl Iterator<Item = &ItemKey> {
        self.changes
            .iter()
            .rev()
            .take_while(move |it| it.at_ms > at_ms)
            .map(|it| &it.key)
    }

    fn item(&self, place: usize) -> Option<&Arc<Value>> {
        self.changes[place].item.as_ref()
    }
}

/// The key of an item or of a `Key`, in DynamoDB's own JSON.
#[must_use]
pub fn key_of(item: &Value) -> Option<ItemKey> {
    Some((
        item["pk"]["S"].as_str()?.to_owned(),
        item["sk"]["S"].as_str()?.to_owned(),
    ))
}

/// The items that a successful request has written: what they hold since, or nothing if it removed them. What an
/// `UpdateItem` made of its item is not in the request: it is read by `read`.
pub fn written(
    operation: &str,
    request: &Value,
    read: impl Fn(&Value) -> Option<Value>,
) -> Vec<(ItemKey, Option<Value>)> {
    let one = |operation: &str, request: &Value| match operation {
        "PutItem" | "Put" => Some((key_of(&request["Item"])?, Some(request["Item"].clone()))),
        "DeleteItem" | "Delete" => Some((key_of(&request["Key"])?, None)),
        "UpdateItem" | "Update" => Some((key_of(&request["Key"])?, read(&request["Key"]))),
        _ => None,
    };
    match request["TransactItems"].as_array() {
        Some(items) => {
            let parts = items.iter().filter_map(Value::as_object).flatten();
            parts
                .filter_map(|(operation, request)| one(operation, request))
                .collect()
        }
        None => one(operation, request).into_iter().collect(),
    }
}

/// DynamoDB's JSON as plain JSON; numbers stay exact.
#[must_use]
pub fn plain(value: &Value) -> Value {
    let Some((kind, held)) = value.as_object().and_then(|it| it.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "M" => Value::Object(fields(held)),
        "L" => held.as_array().into_iter().flatten().map(plain).collect(),
        "N" => held
            .as_str()
            .and_then(|it| serde_json::from_str(it).ok())
            .unwrap_or_default(),
        "NULL" => Value::Null,
        _ => held.clone(),
    }
}

/// What an item holds, as plain JSON.
#[must_use]
pub fn content(item: &Value) -> Value {
    match item["body"]["S"].as_str() {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => item.get("body").map(plain).unwrap_or_default(),
    }
}

/// The attributes of an item as plain JSON.
#[must_use]
pub fn fields(item: &Value) -> Map<String, Value> {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// What an index shows of an item: its keys. None if it does not stand there.
#[must_use]
pub fn entry(index: &str, item: &Value) -> Option<Value> {
    let (pk, sk) = (format!("{index}_pk"), format!("{index}_sk"));
    let mut shown = json!({ "pk": item["pk"], "sk": item["sk"] });
    for name in [pk, sk] {
        shown[&name] = item.get(&name)?.clone();
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(value: &str) -> Value {
        json!({ "pk": { "S": "a" }, "sk": { "S": "b" }, "body": { "S": value } })
    }

    #[test]
    fn a_reader_who_is_behind_sees_what_stood_then() {
        let mut table = Table::default();
        let key = ("a".to_owned(), "b".to_owned());
        for (at_ms, value) in [(10, Some("one")), (20, Some("two")), (30, None)] {
            let item = value.map(|it| Arc::new(item(it)));
            table.note(Change {
                at_ms,
                key: key.clone(),
                by: None,
                item,
            });
        }
        let seen = |at| table.as_of(&key, at).map(|it| it["body"]["S"].clone());
        assert_eq!(
            [seen(9), seen(10), seen(25), seen(30)],
            [None, Some(json!("one")), Some(json!("two")), None]
        );
        assert_eq!(table.get(&key), None);
        assert_eq!(table.changed_since(20).count(), 1);
    }

    #[test]
    fn a_request_tells_what_it_wrote() {
        let put = json!({ "Item": item("x") });
        let both = json!({ "TransactItems": [{ "Put": put }, { "Delete": { "Key": { "pk": { "S": "c" }, "sk": { "S": "d" } } } }] });
        assert_eq!(written("PutItem", &put, |_| None).len(), 1);
        let two = written("TransactWriteItems", &both, |_| None);
        assert_eq!(two[1], (("c".to_owned(), "d".to_owned()), None));
        assert!(written("GetItem", &json!({ "Key": {} }), |_| None).is_empty());
    }

    #[test]
    fn plain_json_keeps_numbers_exact() {
        let held = json!({ "M": { "n": { "N": "12345678901234567890.12" }, "l": { "L": [{ "BOOL": true }, { "NULL": true }] } } });
        assert_eq!(
            plain(&held).to_string(),
            r#"{"l":[true,null],"n":12345678901234567890.12}"#
        );
    }
}
