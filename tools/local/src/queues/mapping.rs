//! The event source mapping: how Lambda hands a batch to a function and what it makes of the answer.
//!
//! From "Using Lambda with Amazon SQS" and "Handling errors for an SQS event source" (partial batch responses).

use super::message::{Attribute, Received, md5_of_attributes, md5_of_body};
use crate::arn;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The event that a function gets for `messages` of the queue `queue_arn`.
#[must_use]
pub fn sqs_event(queue_arn: &str, messages: &[Received]) -> Value {
    let records: Vec<Value> = messages.iter().map(|message| record(queue_arn, message)).collect();
    json!({ "Records": records })
}

fn record(queue_arn: &str, message: &Received) -> Value {
    let mut record = json!({
        "messageId": message.id,
        "receiptHandle": message.handle,
        "body": message.body,
        "attributes": system_attributes(message),
        "messageAttributes": message_attributes(message),
        "md5OfBody": md5_of_body(&message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": arn::REGION,
    });
    if let Some(md5) = md5_of_attributes(&message.attributes) {
        record["md5OfMessageAttributes"] = json!(md5);
    }
    record
}

/// What SQS itself knows about a message; all values are strings.
#[must_use]
pub fn system_attributes(message: &Received) -> Map<String, Value> {
    let mut attributes = Map::new();
    let mut set = |name: &str, value: String| attributes.insert(name.to_owned(), Value::String(value));
    set("ApproximateReceiveCount", message.receive_count.to_string());
    set("SentTimestamp", message.sent_ms.to_string());
    set("SenderId", format!("AIDALOCAL{}", arn::ACCOUNT));
    set(
        "ApproximateFirstReceiveTimestamp",
        message.first_received_ms.to_string(),
    );
    if let Some(queue) = &message.dead_from {
        set("DeadLetterQueueSourceArn", queue.clone());
    }
    attributes
}

fn message_attributes(message: &Received) -> Map<String, Value> {
    let value = |attribute: &Attribute| {
        let mut value = json!({
            "dataType": attribute.data_type,
            "stringListValues": [],
            "binaryListValues": [],
        });
        if let Some(text) = &attribute.string_value {
            value["stringValue"] = json!(text);
        }
        if let Some(binary) = &attribute.binary_value {
            value["binaryValue"] = json!(binary);
        }
        value
    };
    let attributes = message.attributes.iter();
    attributes
        .map(|(name, attribute)| (name.clone(), value(attribute)))
        .collect()
}

/// The ids of `messages` that stay in the queue after the function's answer; the others are deleted.
///
/// `answer` is none where the function failed or timed out. With `ReportBatchItemFailures` an answer that can't be
/// read, or that names an unknown, empty or null id, sends the whole batch back; without it any answer is success.
#[must_use]
pub fn failed(report_failures: bool, answer: Option<&Value>, messages: &[Received]) -> BTreeSet<String> {
    let all = || messages.iter().map(|message| message.id.clone()).collect();
    match answer {
        None => all(),
        Some(_) if !report_failures => BTreeSet::new(),
        Some(answer) => reported(answer, messages).unwrap_or_else(all),
    }
}

fn reported(answer: &Value, messages: &[Received]) -> Option<BTreeSet<String>> {
    let failures = match answer {
        Value::Null => return Some(BTreeSet::new()),
        Value::Object(fields) => fields.get("batchItemFailures").unwrap_or(&Value::Null),
        _ => return None,
    };
    let list = match failures {
        Value::Null => return Some(BTreeSet::new()),
        Value::Array(list) => list,
        _ => return None,
    };
    list.iter().map(|item| known(item, messages)).collect()
}

fn known(item: &Value, messages: &[Received]) -> Option<String> {
    let id = item.get("itemIdentifier")?.as_str()?;
    messages.iter().any(|message| message.id == id).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::delivery::Delivery;
    use crate::queues::message::Outgoing;
    use crate::queues::{Queues, Settings};

    fn batch() -> Vec<Received> {
        let queues = Queues::new("http://localhost", Delivery::in_order());
        queues.create("jobs", Settings::default());
        let mut first = Outgoing::new("a");
        let text = Attribute {
            data_type: "String".into(),
            string_value: Some("c-1".into()),
            binary_value: None,
        };
        first.attributes.insert("correlation".into(), text);
        queues.send("jobs", first, 1_000).unwrap();
        queues.send("jobs", Outgoing::new("b"), 1_001).unwrap();
        queues.receive("jobs", 10, 2_000).unwrap()
    }

    #[test]
    fn the_event_reads_as_lambdas_own_type() {
        let event = sqs_event(&arn::queue("jobs"), &batch());
        let read: aws_lambda_events::event::sqs::SqsEvent = serde_json::from_value(event.clone()).unwrap();
        let record = &read.records[0];
        assert_eq!(record.body.as_deref(), Some("a"));
        assert_eq!(record.md5_of_body.as_deref(), Some("0cc175b9c0f1b6a831c399e269772661"));
        assert_eq!(record.attributes["ApproximateReceiveCount"], "1");
        assert_eq!(record.attributes["SentTimestamp"], "1000");
        assert_eq!(record.attributes["ApproximateFirstReceiveTimestamp"], "2000");
        assert_eq!(
            record.event_source_arn.as_deref(),
            Some("arn:aws:sqs:us-east-1:000000000000:jobs")
        );
        assert_eq!(
            record.message_attributes["correlation"].string_value.as_deref(),
            Some("c-1")
        );
        assert_eq!(event["Records"][0]["eventSource"], "aws:sqs");
    }

    #[test]
    fn the_answer_decides_what_comes_back() {
        let messages = batch();
        let (first, both) = (&messages[0].id, messages.len());
        let cases = [
            (json!(null), 0),
            (json!({}), 0),
            (json!({ "batchItemFailures": null }), 0),
            (json!({ "batchItemFailures": [] }), 0),
            (json!({ "batchItemFailures": [{ "itemIdentifier": first }] }), 1),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "unknown" }] }), both),
            (json!({ "batchItemFailures": [{ "itemIdentifier": null }] }), both),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }), both),
            (json!({ "batchItemFailures": [{ "id": first }] }), both),
            (json!({ "batchItemFailures": "none" }), both),
            (json!("done"), both),
        ];
        for (answer, expected) in cases {
            assert_eq!(failed(true, Some(&answer), &messages).len(), expected, "{answer}");
        }
        assert_eq!(failed(true, None, &messages).len(), both);
        assert_eq!(failed(false, Some(&json!("anything")), &messages).len(), 0);
    }
}
