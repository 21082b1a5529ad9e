//! Logs, permissions, routes and the table.

use crate::tree;
use local::template::Function;
use serde_json::{Map, Value};

fn problems(text: &str) -> Vec<String> {
    let resources = tree::resources(text);
    let functions = tree::template(text).functions;
    let of_functions = functions.iter().flat_map(|function| {
        let wrong = [
            logs(function, &resources),
            permissions(function, &resources),
            triggers(function),
        ];
        let id = function.logical_id.clone();
        wrong.concat().into_iter().map(move |problem| format!("{id} {problem}"))
    });
    of_functions
        .chain(table(&resources["Table"]))
        .chain(api(&resources["Api"]))
        .collect()
}

fn logs(function: &Function, resources: &Map<String, Value>) -> Vec<String> {
    let group = &resources[&function.logical_id]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"];
    let group = group.as_str().and_then(|id| resources.get(id));
    let kept = group.is_some_and(|group| group["Properties"]["RetentionInDays"].is_u64());
    if kept {
        Vec::new()
    } else {
        vec!["has no log group with a retention".into()]
    }
}

/// Nothing with a star, no ready-made policy; what a variable names may be used, and nothing else.
fn permissions(function: &Function, resources: &Map<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    if function.policies.to_string().contains('*') {
        wrong.push("has a policy with a star".into());
    }
    let policies = function.policies.as_array().cloned().unwrap_or_default();
    if policies.is_empty() || policies.iter().any(|policy| policy["Statement"].is_null()) {
        wrong.push("has a policy that is not written out".into());
    }
    let variables = &resources[&function.logical_id]["Properties"]["Environment"]["Variables"];
    let queues = named(variables, "QUEUE_").map(|value| value["Ref"].as_str().unwrap_or_default().to_owned());
    let secrets = variables["SECRETS"]["Fn::Sub"].as_str().unwrap_or_default();
    let secrets = secrets
        .split(',')
        .map(|part| part.trim_matches(['$', '{', '}']).trim_end_matches(".Id").to_owned());
    for (action, mut expected) in [
        ("sqs:SendMessage", queues.collect::<Vec<_>>()),
        (
            "secretsmanager:GetSecretValue",
            secrets.filter(|id| !id.is_empty()).collect(),
        ),
    ] {
        let mut allowed = allowed(&policies, action);
        expected.sort();
        allowed.sort();
        if expected != allowed {
            wrong.push(format!("may {action} {allowed:?}, and its variables name {expected:?}"));
        }
    }
    wrong
}

fn named<'a>(variables: &'a Value, prefix: &'a str) -> impl Iterator<Item = &'a Value> {
    let entries = variables.as_object().into_iter().flatten();
    entries
        .filter(move |(name, _)| name.starts_with(prefix))
        .map(|(_, value)| value)
}

/// The logical ids on which these policies allow an action.
fn allowed(policies: &[Value], action: &str) -> Vec<String> {
    let statements = policies
        .iter()
        .flat_map(|policy| policy["Statement"].as_array().into_iter().flatten());
    let fitting = statements.filter(|statement| statement["Action"] == action);
    let on = fitting.flat_map(|statement| statement["Resource"].as_array().into_iter().flatten());
    on.map(|on| {
        on["Ref"]
            .as_str()
            .or(on["Fn::GetAtt"][0].as_str())
            .unwrap_or_default()
            .to_owned()
    })
    .collect()
}

fn triggers(function: &Function) -> Vec<String> {
    let is_http = ["api_", "webhook_"]
        .iter()
        .any(|prefix| function.name.starts_with(prefix));
    match (is_http, function.routes.is_empty(), function.queues.is_empty()) {
        (true, false, true) | (false, true, false) => Vec::new(),
        _ => vec!["has a trigger that its name does not tell".into()],
    }
}

fn table(table: &Value) -> Vec<String> {
    let properties = &table["Properties"];
    let holds = [
        ("is deleted with its stack", table["DeletionPolicy"] == "Retain"),
        ("can be deleted", properties["DeletionProtectionEnabled"] == true),
        (
            "has no point-in-time recovery",
            properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true,
        ),
        ("is not encrypted", properties["SSESpecification"]["SSEEnabled"] == true),
    ];
    let broken = holds.iter().filter(|(_, holds)| !holds);
    broken.map(|(problem, _)| format!("Table {problem}")).collect()
}

fn api(api: &Value) -> Vec<String> {
    let limits = &api["Properties"]["DefaultRouteSettings"];
    let mut wrong = Vec::new();
    if !limits["ThrottlingRateLimit"].is_u64() || !limits["ThrottlingBurstLimit"].is_u64() {
        wrong.push("Api has no throttling".to_owned());
    }
    if api["Properties"]["AccessLogSettings"].is_null() {
        wrong.push("Api has no access log".to_owned());
    }
    wrong
}

const CHANGES: [(&str, &str, &str); 13] = [
    (
        "      LoggingConfig: { LogGroup: !Ref ApiLeadsLog }\n",
        "",
        "ApiLeads has no log group",
    ),
    (
        "/lambda/${AWS::StackName}-api_leads\"\n      RetentionInDays: 30",
        "\"",
        "ApiLeads has no log group",
    ),
    (
        "                - !GetAtt Table.Arn\n",
        "                - \"*\"\n",
        "ApiLeads has a policy with a star",
    ),
    (
        "                - dynamodb:GetItem\n",
        "                - dynamodb:*\n",
        "ApiLeads has a policy with a star",
    ),
    (
        "        - Version: \"2012-10-17\"\n          Statement:\n            - Effect: Allow\n              Action:\n                - dynamodb:GetItem",
        "        - AmazonDynamoDBFullAccess\n        - Statement:\n            - Effect: Allow\n              Action:\n                - dynamodb:GetItem",
        "not written out",
    ),
    (
        "          QUEUE_INTAKE: !Ref IntakeQueue\n",
        "",
        "ApiLeads may sqs:SendMessage",
    ),
    (
        "SECRETS: !Sub \"${ConcordSecret.Id}\"",
        "SECRETS: !Sub \"${ZohoSecret.Id}\"",
        "may secretsmanager:GetSecretValue",
    ),
    (
        "        Post: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: \"/webhooks/zoho-crm\" } }\n",
        "        Post: { Type: SQS, Properties: { Queue: !GetAtt IntakeQueue.Arn } }\n",
        "WebhookZohoCrm has a trigger",
    ),
    ("    DeletionPolicy: Retain\n", "", "Table is deleted"),
    (
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false",
        "Table has no point",
    ),
    ("SSEEnabled: true", "SSEEnabled: false", "Table is not encrypted"),
    ("ThrottlingRateLimit: 50", "ThrottlingRateLimit: none", "no throttling"),
    ("      AccessLogSettings:\n", "      OtherSettings:\n", "no access log"),
];

#[test]
fn functions_table_and_api_are_safe() {
    tree::each_is_found(problems, &CHANGES);
}

#[test]
fn no_route_stands_twice() {
    let functions = tree::template(&tree::read("template.yaml")).functions;
    let routes = functions.iter().flat_map(|function| &function.routes);
    let mut keys: Vec<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), keys.is_empty()), (count, false), "{keys:?}");
}
