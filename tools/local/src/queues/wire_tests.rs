use super::*;
use crate::queues::Settings;
use crate::queues::delivery::Delivery;

fn queues() -> Queues {
    let queues = Queues::new("http://127.0.0.1:4566", Delivery::in_order());
    queues.create("jobs", Settings::default());
    queues
}

fn call(queues: &Queues, operation: &str, mut body: Value) -> (u16, Value) {
    if body.get("QueueUrl").is_none() {
        body["QueueUrl"] = json!("http://127.0.0.1:4566/000000000000/jobs");
    }
    let (status, answer) = queues.answer(&format!("{TARGET}{operation}"), body.to_string().as_bytes(), 1_000);
    (status, serde_json::from_slice(&answer).unwrap())
}

fn entry(id: &str, body: &str) -> Value {
    json!({ "Id": id, "MessageBody": body })
}

#[test]
fn a_message_goes_in_and_out_and_away() {
    let queues = queues();
    let (status, sent) = call(
        &queues,
        "SendMessage",
        json!({ "MessageBody": "This is a test message" }),
    );
    assert_eq!(
        (status, &sent["MD5OfMessageBody"]),
        (200, &json!("fafb00f5732ab283681e124bf8747ed1"))
    );
    let (_, got) = call(&queues, "ReceiveMessage", json!({ "MaxNumberOfMessages": 10 }));
    let message = &got["Messages"][0];
    assert_eq!(
        (&message["MessageId"], &message["MD5OfBody"]),
        (&sent["MessageId"], &sent["MD5OfMessageBody"])
    );
    let (_, shown) = call(
        &queues,
        "GetQueueAttributes",
        json!({ "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"] }),
    );
    assert_eq!(
        shown["Attributes"],
        json!({ "ApproximateNumberOfMessagesNotVisible": "1" })
    );
    let handle = json!({ "ReceiptHandle": message["ReceiptHandle"] });
    assert_eq!(call(&queues, "DeleteMessage", handle), (200, json!({})));
    assert_eq!(queues.depth("jobs", 1_000), 0);
}

#[test]
fn queues_are_found_by_name() {
    let queues = queues();
    let url = "http://127.0.0.1:4566/000000000000/jobs";
    assert_eq!(
        call(&queues, "GetQueueUrl", json!({ "QueueName": "jobs" })).1["QueueUrl"],
        url
    );
    assert_eq!(call(&queues, "ListQueues", json!({})).1["QueueUrls"], json!([url]));
    let (status, body) = call(&queues, "GetQueueUrl", json!({ "QueueName": "none" }));
    assert_eq!(
        (status, &body["__type"]),
        (400, &json!("com.amazonaws.sqs#QueueDoesNotExist"))
    );
    let code = query_error(body.to_string().as_bytes());
    assert_eq!(code.as_deref(), Some("AWS.SimpleQueueService.NonExistentQueue;Sender"));
}

#[test]
fn each_entry_of_a_batch_has_its_own_result() {
    let queues = queues();
    let entries = json!({ "Entries": [entry("a", "fine"), entry("b", "\u{1}")] });
    let (status, body) = call(&queues, "SendMessageBatch", entries);
    assert_eq!(
        (status, &body["Successful"][0]["Id"], &body["Failed"][0]["Id"]),
        (200, &json!("a"), &json!("b"))
    );
}

#[test]
fn a_batch_keeps_its_rules() {
    let queues = queues();
    let eleven: Vec<Value> = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    let half = "x".repeat(LIMIT / 2 + 1);
    let cases = [
        (json!([]), "EmptyBatchRequest"),
        (json!(eleven), "TooManyEntriesInBatchRequest"),
        (json!([entry("a#1", "x")]), "InvalidBatchEntryId"),
        (json!([entry("a", "x"), entry("a", "y")]), "BatchEntryIdsNotDistinct"),
        (json!([entry("a", &half), entry("b", &half)]), "BatchRequestTooLong"),
    ];
    for (entries, name) in cases {
        let (status, body) = call(&queues, "SendMessageBatch", json!({ "Entries": entries }));
        assert_eq!(
            (status, body["__type"].as_str().unwrap()),
            (400, format!("com.amazonaws.sqs#{name}").as_str())
        );
    }
    assert_eq!(queues.depth("jobs", 1_000), 0);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let queues = queues();
    assert_eq!(queues.answer("AmazonSQS.SendMessage", b"{", 0).0, 400);
    assert_eq!(
        call(&queues, "ReceiveMessage", json!({ "MaxNumberOfMessages": 11 })).0,
        400
    );
    assert_eq!(
        call(
            &queues,
            "SendMessage",
            json!({ "MessageBody": "x", "DelaySeconds": 901 })
        )
        .0,
        400
    );
    assert_eq!(call(&queues, "PurgeQueue", json!({})).0, 400);
}
