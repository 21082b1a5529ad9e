use super::*;
use crate::fault::Verdict;
use crate::queues::Settings;
use crate::queues::delivery::Delivery;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use std::sync::Arc;
use std::time::Duration;

const TABLE: &str = "concord";

fn local() -> LocalAws {
    let now: Now = Arc::new(|| jiff::Timestamp::from_second(1_000).unwrap());
    let dynamo = Dynamo::memory().unwrap();
    let properties = json!({
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }]
    });
    dynamo.create_table(TABLE, &properties).unwrap();
    let queues = Queues::new("http://127.0.0.1:4566", Delivery::in_order());
    queues.create("jobs", Settings::default());
    LocalAws::new(dynamo, queues, now)
}

fn dynamodb(aws: &LocalAws) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new(crate::arn::REGION))
        .credentials_provider(aws_credential_types::Credentials::new("a", "b", None, None, "test"))
        .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
        .http_client(aws.http_client());
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

fn sqs(aws: &LocalAws) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new(crate::arn::REGION))
        .credentials_provider(aws_credential_types::Credentials::new("a", "b", None, None, "test"))
        .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
        .http_client(aws.http_client());
    aws_sdk_sqs::Client::from_conf(config.build())
}

fn put(aws: &LocalAws) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder {
    let item = dynamodb(aws).put_item().table_name(TABLE);
    item.item("pk", AttributeValue::S("lead#1".into()))
        .item("total", AttributeValue::N("12345678901234567890.123456789".into()))
}

async fn stored(aws: &LocalAws) -> bool {
    let get = dynamodb(aws).get_item().table_name(TABLE);
    let got = get.key("pk", AttributeValue::S("lead#1".into())).send().await.unwrap();
    got.item.is_some()
}

#[tokio::test]
async fn the_sdk_reads_back_what_it_wrote() {
    let aws = local();
    put(&aws).send().await.unwrap();
    let scan = dynamodb(&aws).scan().table_name(TABLE).send().await.unwrap();
    let total = scan.items()[0]["total"].as_n().unwrap();
    assert_eq!(total, "12345678901234567890.123456789");
    assert_eq!(aws.faults.count("dynamodb", "PutItem"), 1);
}

#[tokio::test]
async fn a_failed_condition_is_the_sdks_own_error() {
    let aws = local();
    put(&aws).send().await.unwrap();
    let refused = put(&aws).condition_expression("attribute_not_exists(pk)").send().await;
    assert!(
        refused
            .unwrap_err()
            .into_service_error()
            .is_conditional_check_failed_exception()
    );
}

#[tokio::test]
async fn messages_travel_through_the_sdk() {
    let aws = local();
    let (client, url) = (sqs(&aws), aws.queues.url("jobs"));
    let entry = |id: &str| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(id)
            .build()
            .unwrap()
    };
    let sent = client
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("a"))
        .entries(entry("b"))
        .send()
        .await
        .unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (2, 0));
    let got = client
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10)
        .send()
        .await
        .unwrap();
    assert_eq!(got.messages().len(), 2);
    let missing = client.get_queue_url().queue_name("none").send().await.unwrap_err();
    assert!(missing.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn a_lost_answer_leaves_its_effect_and_a_refusal_leaves_none() {
    let cases = [
        (Verdict::LoseAnswer, true),
        (Verdict::Fail(Failure::NoAnswer), false),
        (Verdict::Fail(Failure::NotSent), false),
        (Verdict::Fail(Failure::Throttled), false),
        (Verdict::Fail(Failure::ServerError), false),
    ];
    for (verdict, written) in cases {
        let aws = local();
        aws.faults.set(move |_| verdict);
        assert!(put(&aws).send().await.is_err(), "{verdict:?}");
        aws.faults.clear();
        assert_eq!(stored(&aws).await, written, "{verdict:?}");
    }
}

#[tokio::test]
async fn refusals_carry_the_services_own_names() {
    let aws = local();
    aws.faults.set(|_| Verdict::Fail(Failure::Throttled));
    let dynamo = put(&aws).send().await.unwrap_err();
    assert_eq!(dynamo.code(), Some("ThrottlingException"));
    let queue = sqs(&aws)
        .send_message()
        .queue_url(aws.queues.url("jobs"))
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    assert!(queue.into_service_error().is_request_throttled());
    aws.faults.set(|_| Verdict::Fail(Failure::Conflict));
    let transact = aws
        .call("DynamoDB_20120810.TransactWriteItems", br#"{"TransactItems":[{},{}]}"#)
        .await
        .unwrap();
    let body: Value = serde_json::from_slice(&transact.body).unwrap();
    assert_eq!(body["CancellationReasons"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_crash_point_never_returns_on_either_side_of_the_effect() {
    for (verdict, written) in [(Verdict::HangBefore, false), (Verdict::HangAfter, true)] {
        let aws = local();
        aws.faults.set(move |_| verdict);
        let call = put(&aws).send();
        assert!(
            tokio::time::timeout(Duration::from_secs(3600), call).await.is_err(),
            "{verdict:?}"
        );
        aws.faults.clear();
        assert_eq!(stored(&aws).await, written, "{verdict:?}");
    }
}

#[tokio::test]
async fn both_services_answer_on_one_port() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let aws = local();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, aws));
    for (target, part) in [
        ("AmazonSQS.ListQueues", "/000000000000/jobs"),
        ("DynamoDB_20120810.ListTables", "concord"),
        ("S3.Get", "404"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: l\r\nx-amz-target: {target}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(part), "{target}: {answer}");
    }
    server.abort();
}
