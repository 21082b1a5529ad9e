//! Routes and triggers. What holds of the expanded template alone is looked at by `tests/template`.

use crate::tree;
use local::template::Function;

fn problems(text: &str) -> Vec<String> {
    let functions = tree::template(text).functions;
    functions.iter().filter_map(trigger).collect()
}

fn trigger(function: &Function) -> Option<String> {
    let is_http = ["api_", "webhook_"]
        .iter()
        .any(|prefix| function.name.starts_with(prefix));
    match (is_http, function.routes.is_empty(), function.queues.is_empty()) {
        (true, false, true) | (false, true, false) => None,
        _ => Some(format!(
            "{} has a trigger that its name does not tell",
            function.logical_id
        )),
    }
}

const CHANGES: [(&str, &str, &str); 1] = [(
    "        Post: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: \"/webhooks/zoho-crm\" } }\n",
    "        Post: { Type: SQS, Properties: { Queue: !GetAtt IntakeQueue.Arn } }\n",
    "WebhookZohoCrm has a trigger",
)];

#[test]
fn a_functions_name_tells_its_trigger() {
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
