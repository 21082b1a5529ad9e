use super::*;
use std::path::PathBuf;

fn properties() -> Value {
    json!({
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" }
        ],
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
            { "AttributeName": "due_pk", "AttributeType": "S" },
            { "AttributeName": "due_sk", "AttributeType": "S" }
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due",
            "KeySchema": [
                { "AttributeName": "due_pk", "KeyType": "HASH" },
                { "AttributeName": "due_sk", "KeyType": "RANGE" }
            ],
            "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"] }
        }],
        "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true }
    })
}

fn table() -> Dynamo {
    let dynamo = Dynamo::memory().unwrap();
    dynamo.create_table("concord", &properties()).unwrap();
    dynamo
}

fn call(dynamo: &Dynamo, operation: &str, request: &Value) -> (u16, Value) {
    let (status, body) = dynamo.answer(&format!("{TARGET}{operation}"), request.to_string().as_bytes());
    (status, serde_json::from_slice(&body).unwrap())
}

fn item(pk: &str, version: u32) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "record" }, "version": { "N": version.to_string() } })
}

fn put(pk: &str) -> Value {
    json!({ "TableName": "concord", "Item": item(pk, 1) })
}

fn get(pk: &str) -> Value {
    json!({ "TableName": "concord", "Key": { "pk": { "S": pk }, "sk": { "S": "record" } }, "ConsistentRead": true })
}

#[test]
fn a_table_is_made_once_with_its_index_and_its_expiry() {
    let dynamo = table();
    dynamo.create_table("concord", &properties()).unwrap();
    let (status, described) = call(&dynamo, "DescribeTable", &json!({ "TableName": "concord" }));
    assert_eq!(status, 200);
    assert_eq!(described["Table"]["GlobalSecondaryIndexes"][0]["IndexName"], "due");
    let (_, ttl) = call(&dynamo, "DescribeTimeToLive", &json!({ "TableName": "concord" }));
    assert_eq!(ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED");
}

#[test]
fn what_was_put_is_got() {
    let dynamo = table();
    assert_eq!(call(&dynamo, "PutItem", &put("lead#1")).0, 200);
    let (status, got) = call(&dynamo, "GetItem", &get("lead#1"));
    assert_eq!((status, &got["Item"]), (200, &item("lead#1", 1)));
}

#[test]
fn a_failed_condition_answers_400_with_the_old_item() {
    let dynamo = table();
    call(&dynamo, "PutItem", &put("lead#1"));
    let mut again = put("lead#1");
    again["ConditionExpression"] = json!("attribute_not_exists(pk)");
    again["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    let (status, body) = call(&dynamo, "PutItem", &again);
    assert_eq!(status, 400);
    assert!(
        body["__type"]
            .as_str()
            .unwrap()
            .ends_with("#ConditionalCheckFailedException"),
        "{body}"
    );
    assert_eq!(body["Item"], item("lead#1", 1));
}

#[test]
fn a_cancelled_transaction_says_why_for_each_of_its_items() {
    let dynamo = table();
    call(&dynamo, "PutItem", &put("lead#1"));
    let mut taken = put("lead#1");
    taken["ConditionExpression"] = json!("attribute_not_exists(pk)");
    let (status, body) = call(
        &dynamo,
        "TransactWriteItems",
        &json!({ "ClientRequestToken": "t-1", "TransactItems": [{ "Put": put("lead#2") }, { "Put": taken }] }),
    );
    assert_eq!(status, 400);
    assert_eq!(body["CancellationReasons"][0]["Code"], "None");
    assert_eq!(body["CancellationReasons"][1]["Code"], "ConditionalCheckFailed");
    assert_eq!(call(&dynamo, "GetItem", &get("lead#2")).1.get("Item"), None);
}

#[test]
fn the_rest_of_the_operations_answer() {
    let dynamo = table();
    let write = json!({ "RequestItems": { "concord": [{ "PutRequest": { "Item": item("lead#1", 1) } }] } });
    let key = json!({ "pk": { "S": "lead#1" }, "sk": { "S": "record" } });
    let update = json!({ "TableName": "concord", "Key": key, "UpdateExpression": "SET due_pk = :p, due_sk = :s ADD version :one",
        "ExpressionAttributeValues": { ":p": { "S": "zoho_crm#open" }, ":s": { "S": "1" }, ":one": { "N": "1" } }, "ReturnValues": "ALL_NEW" });
    let query = json!({ "TableName": "concord", "IndexName": "due", "KeyConditionExpression": "due_pk = :p",
        "ExpressionAttributeValues": { ":p": { "S": "zoho_crm#open" } } });
    let read = json!({ "RequestItems": { "concord": { "Keys": [key] } } });
    let transact = json!({ "TransactItems": [{ "Get": { "TableName": "concord", "Key": key } }] });
    let delete = json!({ "TableName": "concord", "Key": key });
    let steps = [
        ("BatchWriteItem", write),
        ("UpdateItem", update),
        ("Query", query),
        ("Scan", json!({ "TableName": "concord" })),
        ("BatchGetItem", read),
        ("TransactGetItems", transact),
        ("DeleteItem", delete),
    ];
    let answers: Vec<Value> = steps
        .iter()
        .map(|(operation, request)| {
            let (status, answer) = call(&dynamo, operation, request);
            assert_eq!(status, 200, "{operation}: {answer}");
            answer
        })
        .collect();
    assert_eq!(answers[1]["Attributes"]["version"]["N"], "2");
    assert_eq!((&answers[2]["Count"], &answers[3]["Count"]), (&json!(1), &json!(1)));
    assert_eq!(answers[5]["Responses"][0]["Item"]["version"]["N"], "2");
}

#[test]
fn what_cannot_be_understood_is_refused_in_the_services_words() {
    let dynamo = table();
    let refused = |operation: &str, body: &[u8]| {
        let (status, body) = dynamo.answer(&format!("{TARGET}{operation}"), body);
        (status, String::from_utf8(body).unwrap())
    };
    assert!(refused("PutItem", b"{").1.contains("SerializationException"));
    assert!(
        refused("GetItem", br#"{"TableName":"nowhere","Key":{"pk":{"S":"a"}}}"#)
            .1
            .contains("ResourceNotFoundException")
    );
    assert!(
        refused("PutItem", br#"{"TableName":"concord","Item":{"pk":{"S":"a"}}}"#)
            .1
            .contains("ValidationException")
    );
    assert_eq!(refused("CreateBackup", b"{}").0, 501);
}

#[test]
fn expiry_follows_the_clock_that_was_given() {
    let seconds = Arc::new(std::sync::atomic::AtomicI64::new(1_000));
    let shown = seconds.clone();
    let dynamo = Dynamo::memory_with_clock(Arc::new(move || {
        jiff::Timestamp::from_second(shown.load(std::sync::atomic::Ordering::SeqCst)).unwrap()
    }))
    .unwrap();
    dynamo.create_table("concord", &properties()).unwrap();
    let mut request = put("lead#1");
    request["Item"]["ttl"] = json!({ "N": "2000" });
    call(&dynamo, "PutItem", &request);
    assert_eq!(dynamo.sweep_expired().unwrap(), 0);
    seconds.store(3_000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(dynamo.sweep_expired().unwrap(), 1);
}

struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

#[test]
fn a_file_holds_what_was_answered_even_if_it_is_never_closed() {
    let file = File(std::env::temp_dir().join(format!("concord-dynamo-{}.db", std::process::id())));
    let first = Dynamo::file(&file.0).unwrap();
    first.create_table("concord", &properties()).unwrap();
    call(&first, "PutItem", &put("lead#1"));
    // A process that is killed closes nothing either: what it answered is in the log beside the file.
    std::mem::forget(first);
    let second = Dynamo::file(&file.0).unwrap();
    second.create_table("concord", &properties()).unwrap();
    assert_eq!(call(&second, "GetItem", &get("lead#1")).1["Item"], item("lead#1", 1));
}
