//! SQS's AWS JSON 1.0 protocol over the model: enough for the SDK, the AWS CLI and Concord's own tools.
//!
//! It never waits: `WaitTimeSeconds` is taken as zero.

use super::mapping::system_attributes;
use super::message::{LIMIT, Outgoing, Received, md5_of_attributes, md5_of_body};
use super::{QueueError, Queues};
use crate::arn;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The prefix of `X-Amz-Target` for this service.
pub const TARGET: &str = "AmazonSQS.";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    queue_name: String,
    queue_name_prefix: Option<String>,
    #[serde(default)]
    entries: Vec<Value>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    receipt_handle: String,
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(default)]
    id: String,
    #[serde(default)]
    message_body: String,
    delay_seconds: Option<u64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, super::message::Attribute>,
}

/// An error by its name in the service's model, and its text.
struct Refusal(&'static str, String);

type Answer = Result<Value, Refusal>;

impl Queues {
    /// Answers one request: the whole `X-Amz-Target` and the JSON body; gives the HTTP status and the JSON body.
    #[must_use]
    pub fn answer(&self, target: &str, body: &[u8], now_ms: i64) -> (u16, Vec<u8>) {
        let operation = target.strip_prefix(TARGET).unwrap_or(target);
        let answer = read(body).and_then(|value| self.dispatch(operation, &value, now_ms));
        match answer {
            Ok(value) => (200, value.to_string().into_bytes()),
            Err(Refusal(name, text)) => {
                let body = json!({ "__type": format!("com.amazonaws.sqs#{name}"), "message": text });
                (400, body.to_string().into_bytes())
            }
        }
    }

    fn dispatch(&self, operation: &str, body: &Value, now_ms: i64) -> Answer {
        let request: Request = typed(body)?;
        let queue = arn::name(&request.queue_url);
        match operation {
            "SendMessage" => self.send_one(queue, typed(body)?, now_ms),
            "SendMessageBatch" => self.send_entries(queue, &request.entries, now_ms),
            "ReceiveMessage" => self.receive_some(queue, &request, now_ms),
            "DeleteMessage" => Ok(self.delete(queue, &request.receipt_handle).map(|()| json!({}))?),
            "ChangeMessageVisibility" => self.change(queue, &request, now_ms),
            "GetQueueAttributes" => self.describe(queue, &request.attribute_names, now_ms),
            "GetQueueUrl" => self.find(&request.queue_name),
            "ListQueues" => Ok(self.list(request.queue_name_prefix.as_deref().unwrap_or_default())),
            _ => Err(Refusal(
                "UnsupportedOperation",
                format!("{operation} is not modelled here."),
            )),
        }
    }

    fn send_one(&self, queue: &str, entry: Entry, now_ms: i64) -> Answer {
        let message = entry.outgoing();
        let digests = digests(&message);
        let id = self.send(queue, message, now_ms)?;
        Ok(merged(digests, json!({ "MessageId": id })))
    }

    fn send_entries(&self, queue: &str, entries: &[Value], now_ms: i64) -> Answer {
        let entries = entries.iter().map(typed).collect::<Result<Vec<Entry>, _>>()?;
        check_batch(&entries)?;
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
        let messages: Vec<Outgoing> = entries.into_iter().map(Entry::outgoing).collect();
        let digests: Vec<Value> = messages.iter().map(digests).collect();
        let results = self.send_batch(queue, messages, now_ms)?;
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for ((id, digests), result) in ids.into_iter().zip(digests).zip(results) {
            match result {
                Ok(message) => successful.push(merged(digests, json!({ "Id": id, "MessageId": message }))),
                Err(error) => failed.push(failure(&id, error)),
            }
        }
        Ok(json!({ "Successful": successful, "Failed": failed }))
    }

    fn receive_some(&self, queue: &str, request: &Request, now_ms: i64) -> Answer {
        let max = request.max_number_of_messages.unwrap_or(1);
        if !(1..=10).contains(&max) {
            let text =
                format!("Value {max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10.");
            return Err(Refusal("InvalidParameterValue", text));
        }
        let visibility = request.visibility_timeout.map(Duration::from_secs);
        let received = self.receive_for(queue, max, visibility, now_ms)?;
        Ok(json!({ "Messages": received.iter().map(shown).collect::<Vec<_>>() }))
    }

    fn change(&self, queue: &str, request: &Request, now_ms: i64) -> Answer {
        let visibility = Duration::from_secs(request.visibility_timeout.unwrap_or(0));
        self.change_visibility(queue, &request.receipt_handle, visibility, now_ms)?;
        Ok(json!({}))
    }

    fn describe(&self, queue: &str, wanted: &[String], now_ms: i64) -> Answer {
        let counts = self.attributes(queue, now_ms)?;
        let settings = self.settings(queue)?;
        let mut all = BTreeMap::from([
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
            ("VisibilityTimeout", settings.visibility.as_secs().to_string()),
            ("DelaySeconds", settings.delay.as_secs().to_string()),
            ("MessageRetentionPeriod", settings.retention.as_secs().to_string()),
            ("QueueArn", arn::queue(queue)),
        ]);
        if let Some(rule) = settings.redrive {
            let rule =
                json!({ "deadLetterTargetArn": arn::queue(&rule.dead_letter), "maxReceiveCount": rule.max_receive });
            all.insert("RedrivePolicy", rule.to_string());
        }
        all.retain(|name, _| wanted.iter().any(|asked| asked == name || asked == "All"));
        Ok(json!({ "Attributes": all }))
    }

    fn find(&self, name: &str) -> Answer {
        self.settings(name)?;
        Ok(json!({ "QueueUrl": self.url(name) }))
    }

    fn list(&self, prefix: &str) -> Value {
        let names = self.names().into_iter().filter(|name| name.starts_with(prefix));
        let urls: Vec<String> = names.map(|name| self.url(&name)).collect();
        json!({ "QueueUrls": urls })
    }
}

impl Entry {
    fn outgoing(self) -> Outgoing {
        Outgoing {
            body: self.message_body,
            delay: self.delay_seconds.map(Duration::from_secs),
            attributes: self.message_attributes,
        }
    }
}

/// The rules of the batch as a whole, in the order of the `SendMessageBatch` reference.
fn check_batch(entries: &[Entry]) -> Result<(), Refusal> {
    let distinct: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let size: usize = entries.iter().map(|entry| entry.message_body.len()).sum();
    let refuse = |name, text: &str| Err(Refusal(name, text.to_owned()));
    if entries.is_empty() {
        return refuse(
            "EmptyBatchRequest",
            "There should be at least one SendMessageBatchRequestEntry in the request.",
        );
    }
    if entries.len() > 10 {
        return refuse(
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10.",
        );
    }
    if !entries.iter().all(|entry| is_batch_id(&entry.id)) {
        let text = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
        return refuse("InvalidBatchEntryId", text);
    }
    if distinct.len() < entries.len() {
        return refuse("BatchEntryIdsNotDistinct", "Id is repeated.");
    }
    if size > LIMIT {
        return refuse(
            "BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes.",
        );
    }
    Ok(())
}

fn is_batch_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !id.is_empty() && id.len() <= 80 && id.chars().all(allowed)
}

fn read(body: &[u8]) -> Answer {
    serde_json::from_slice(body).map_err(|error| Refusal("SerializationException", error.to_string()))
}

fn typed<T: serde::de::DeserializeOwned>(body: &Value) -> Result<T, Refusal> {
    T::deserialize(body).map_err(|error| Refusal("InvalidParameterValue", error.to_string()))
}

fn digests(message: &Outgoing) -> Value {
    let mut digests = json!({ "MD5OfMessageBody": md5_of_body(&message.body) });
    if let Some(md5) = md5_of_attributes(&message.attributes) {
        digests["MD5OfMessageAttributes"] = json!(md5);
    }
    digests
}

fn shown(message: &Received) -> Value {
    let attributes: Map<String, Value> = system_attributes(message);
    let mut shown = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.handle,
        "MD5OfBody": md5_of_body(&message.body),
        "Body": message.body,
        "Attributes": attributes,
    });
    if let Some(md5) = md5_of_attributes(&message.attributes) {
        shown["MD5OfMessageAttributes"] = json!(md5);
        shown["MessageAttributes"] = json!(message.attributes);
    }
    shown
}

fn failure(id: &str, error: QueueError) -> Value {
    let Refusal(name, text) = error.into();
    json!({ "Id": id, "SenderFault": true, "Code": name, "Message": text })
}

fn merged(mut into: Value, from: Value) -> Value {
    if let (Value::Object(into), Value::Object(from)) = (&mut into, from) {
        into.extend(from);
    }
    into
}

impl From<QueueError> for Refusal {
    fn from(error: QueueError) -> Self {
        let name = match error {
            QueueError::NoSuchQueue => "QueueDoesNotExist",
            QueueError::InvalidHandle => "ReceiptHandleIsInvalid",
            QueueError::NotInFlight => "MessageNotInflight",
            QueueError::InvalidMessage(_) => "InvalidParameterValue",
        };
        Self(name, error.to_string())
    }
}

/// The error's name in the older query protocol, which SQS still sends in `x-amzn-query-error` and SDKs go by.
#[must_use]
pub fn query_error(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let name = body.get("__type")?.as_str()?.rsplit('#').next()?;
    let code = match name {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "EmptyBatchRequest"
        | "TooManyEntriesInBatchRequest"
        | "InvalidBatchEntryId"
        | "BatchEntryIdsNotDistinct"
        | "BatchRequestTooLong"
        | "MessageNotInflight"
        | "UnsupportedOperation" => {
            format!("AWS.SimpleQueueService.{name}")
        }
        other => other.to_owned(),
    };
    Some(format!("{code};Sender"))
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
