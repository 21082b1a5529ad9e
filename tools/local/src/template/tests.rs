use super::*;
use crate::dynamo::Dynamo;
use crate::schedule::Schedule;
use std::time::Duration;

const FIXTURE: &str = include_str!("fixture.yaml");

fn options(parameters: &[(&str, &str)]) -> Options {
    let parameters = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Options {
        queue_base: "http://127.0.0.1:4566".into(),
        parameters: parameters.collect(),
    }
}

fn template() -> Template {
    Template::parse(FIXTURE, &options(&[])).unwrap()
}

#[test]
fn functions_have_their_names_limits_and_routes() {
    let functions = template().functions;
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["api_leads", "sync_lead"]);
    let (api, sync) = (&functions[0], &functions[1]);
    assert_eq!((api.timeout, api.memory), (Duration::from_secs(10), 128));
    assert_eq!((sync.timeout, sync.memory), (Duration::from_secs(30), 256));
    let routes: Vec<(&str, &str)> = api
        .routes
        .iter()
        .map(|route| (route.method.as_str(), route.path.as_str()))
        .collect();
    assert_eq!(routes, [("GET", "/leads/{id}"), ("POST", "/leads")]);
}

#[test]
fn variables_are_merged_and_resolved() {
    let template = template();
    let environment: Vec<(&str, &str)> = template.functions[0]
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = [
        (
            "ARN",
            "LeadQueue/arn:aws:dynamodb:us-east-1:000000000000:table/concord-concord/${Kept}",
        ),
        ("LIMIT", "5"),
        ("LIST", "a,eu,3"),
        ("QUEUE", "http://127.0.0.1:4566/000000000000/LeadQueue"),
        ("SECRET", "{{resolve:secretsmanager:zoho}}"),
        ("TABLE", "concord-concord"),
        ("ZOHO_REGION", "eu"),
    ];
    assert_eq!(environment, expected);
}

#[test]
fn queues_and_their_consumers_are_joined() {
    let template = template();
    let lead = template
        .queues
        .iter()
        .find(|queue| queue.logical_id == "LeadQueue")
        .unwrap();
    let settings = lead.settings(&template.queues);
    assert_eq!(settings.visibility, Duration::from_secs(180));
    let redrive = settings.redrive.unwrap();
    assert_eq!((redrive.dead_letter.as_str(), redrive.max_receive), ("dead", 5));
    let event = QueueEvent {
        queue: "LeadQueue".into(),
        batch_size: 50,
        window: Duration::from_secs(1),
        maximum_concurrency: Some(2),
        report_batch_item_failures: true,
    };
    let by_itself = QueueEvent {
        queue: "Dead".into(),
        batch_size: 10,
        window: Duration::ZERO,
        maximum_concurrency: None,
        report_batch_item_failures: false,
    };
    assert_eq!(template.functions[1].queues, [event, by_itself]);
}

#[test]
fn schedules_target_queues_and_can_be_evaluated() {
    let schedule = &template().schedules[0];
    assert_eq!((schedule.queue.as_str(), schedule.enabled), ("LeadQueue", true));
    assert_eq!(schedule.input.as_deref(), Some(r#"{"job":"portal_pull"}"#));
    assert!(Schedule::parse(&schedule.expression, &schedule.timezone).is_ok());
}

#[test]
fn the_table_can_be_made_as_it_stands() {
    let table = template().table.unwrap();
    assert_eq!(
        (table.name.as_str(), table.properties.get("GlobalSecondaryIndexes")),
        ("concord-concord", None)
    );
    Dynamo::memory()
        .unwrap()
        .create_table(&table.name, &table.properties)
        .unwrap();
}

#[test]
fn parameters_switch_resources_on_and_off() {
    let both = Template::parse(FIXTURE, &options(&[("Rentals", "on")])).unwrap();
    assert_eq!(both.functions.len(), 3);
    assert_eq!(both.functions[0].environment["LEVEL"], "debug");
    let neither = Template::parse(FIXTURE, &options(&[("Leads", "off")])).unwrap();
    let names: Vec<&str> = neither
        .functions
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    assert_eq!(names, ["sync_lead"]);
    assert_eq!(neither.functions[0].queues.len(), 1, "the mapping went with its flow");
}

/// A change to the fixture, and a part of the error that it leads to.
const BROKEN: [(&str, &str, &str); 16] = [
    (
        "CodeUri: target/lambda/api_leads",
        "CodeUri: !Ref Required",
        "ApiLeads: Required is no resource",
    ),
    (
        "QUEUE: !Ref LeadQueue",
        "QUEUE: !Ref Nothing",
        "ApiLeads (variable QUEUE): Nothing is no resource",
    ),
    (
        "QUEUE: !Ref LeadQueue",
        "QUEUE: !GetAtt LeadQueue.Colour",
        "Colour of LeadQueue",
    ),
    (
        "QUEUE: !Ref LeadQueue",
        "QUEUE: !Cidr [a, 1]",
        "ApiLeads (variable QUEUE): Fn::Cidr",
    ),
    ("QUEUE: !Ref LeadQueue", "QUEUE: [a]", "is no text"),
    (
        "Type: HttpApi, Properties: { Path: /leads,",
        "Type: Api, Properties: { Path: /leads,",
        "ApiLeads (event Post): the type Api",
    ),
    (
        "BatchSize: 50",
        "BatchSize: many",
        "SyncLead (event Work): BatchSize: \"many\"",
    ),
    (
        ", maxReceiveCount: 5",
        "",
        "LeadQueue: RedrivePolicy has no maxReceiveCount",
    ),
    (
        "Target: { Arn: !GetAtt LeadQueue.Arn",
        "Target: { Arn: !GetAtt ApiLeads.Arn",
        "Daily: arn:aws:lambda",
    ),
    (
        "Target: { Arn: !GetAtt LeadQueue.Arn",
        "Target: { Arn: !GetAtt RentalQueue.Arn",
        "Daily: RentalQueue is no queue",
    ),
    (
        "FunctionName: !Ref SyncLead",
        "FunctionName: !Ref SyncOwner",
        "DeadMapping: \"SyncOwner\" is no function",
    ),
    (
        "EventSourceArn: !GetAtt Dead.Arn",
        "BatchSize: 1",
        "DeadMapping: EventSourceArn is missing",
    ),
    (
        "Condition: Any",
        "Condition: Some",
        "ApiLeads: there is no condition Some",
    ),
    (
        "!Equals [!Ref Leads, \"on\"]",
        "!Contains [a]",
        "condition {\"Fn::Contains\"",
    ),
    (
        "Role: { Type: AWS::IAM::Role",
        "Role: { Type: AWS::DynamoDB::Table",
        "a second table",
    ),
    ("Resources:", "Resources: [", "template: "),
];

#[test]
fn what_is_not_understood_names_its_resource() {
    for (from, to, part) in BROKEN {
        assert!(FIXTURE.contains(from), "{from}");
        let text = FIXTURE.replacen(from, to, 1);
        let error = Template::parse(&text, &options(&[])).unwrap_err().to_string();
        assert!(error.contains(part), "{to}: {error}");
    }
    let unknown = Template::parse(FIXTURE, &options(&[("Nothing", "x")])).unwrap_err();
    assert_eq!(unknown.to_string(), "Parameters: there is no parameter Nothing");
}
