//! A function's name is the same everywhere.

use crate::tree;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where a name of `expected` is missing, or one more stands.
fn differences(place: &str, expected: &[String], found: &[String]) -> Vec<String> {
    let (expected, found): (BTreeSet<_>, BTreeSet<_>) = (expected.iter().collect(), found.iter().collect());
    let missing = expected.difference(&found).map(|name| format!("{place} lacks {name}"));
    let more = found
        .difference(&expected)
        .map(|name| format!("{name} stands only in {place}"));
    missing.chain(more).collect()
}

/// The quoted names in the table `ALL`, in their order.
fn all(source: &str) -> Vec<String> {
    let table = source.split_once("ALL").map_or("", |(_, rest)| rest);
    // The type of the table has no quotes; what follows the table ends it.
    let table = table.split_once("];").map_or(table, |(table, _)| table);
    let lines = table.lines().map(|line| line.split("//").next().unwrap_or_default());
    let quoted: Vec<String> = lines.flat_map(quoted).collect();
    quoted.into_iter().filter(|name| is_name(name)).collect()
}

fn quoted(line: &str) -> Vec<String> {
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn is_name(text: &str) -> bool {
    text.contains('_')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn camel(name: &str) -> String {
    let part = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    name.split('_').map(part).collect()
}

/// Functions whose logical id, code or own name does not follow from their name.
fn misnamed(template: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let resources = tree::resources(template);
    for function in tree::template(template).functions {
        let (id, name) = (&function.logical_id, &function.name);
        let properties = &resources[id]["Properties"];
        if *id != camel(name) {
            problems.push(format!("{id} should be {}", camel(name)));
        }
        if properties["CodeUri"] != format!("target/lambda/{name}") {
            problems.push(format!("{id}: CodeUri is not target/lambda/{name}"));
        }
        if properties["FunctionName"]["Fn::Sub"] != format!("${{AWS::StackName}}-{name}") {
            problems.push(format!("{id}: FunctionName is not the stack's name and {name}"));
        }
    }
    problems
}

fn in_template() -> Vec<String> {
    let functions = tree::template(&tree::read("template.yaml")).functions;
    functions.into_iter().map(|function| function.name).collect()
}

#[test]
fn the_same_functions_stand_everywhere() {
    let names = in_template();
    let listed = all(&tree::read("functions/src/lib.rs"));
    let problems = [
        differences("functions/src/bin", &names, &tree::stems("functions/src/bin", "rs")),
        differences("events", &names, &tree::stems("events", "json")),
        differences("ALL", &names, &listed),
    ];
    assert_eq!(problems.concat(), Vec::<String>::new(), "against template.yaml");
    assert!(listed.is_sorted(), "ALL is not alphabetical: {listed:?}");
}

#[test]
fn a_missing_and_an_additional_name_are_found() {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let problems = differences("events", &names(&["a_b", "c_d"]), &names(&["a_b", "e_f"]));
    assert_eq!(problems, ["events lacks c_d", "e_f stands only in events"]);
}

#[test]
fn all_is_read_from_its_source() {
    let source = "//! x\npub const ALL: &[(&str, H)] = &[\n  (\"api_leads\", x), // \"old_one\"\n  (\"dead_letters\", y),\n];\nconst B: &str = \"no_one\";";
    assert_eq!(all(source), ["api_leads", "dead_letters"]);
}

#[test]
fn logical_ids_follow_from_names() {
    let changes = [
        ("  ApiLeads:\n", "  ApiLead:\n", "should be ApiLeads"),
        (
            "target/lambda/api_leads",
            "target/api_leads",
            "CodeUri is not target/lambda/api_leads",
        ),
        ("StackName}-api_leads", "StackName}-leads", "ApiLeads: FunctionName"),
    ];
    tree::each_is_found(misnamed, &changes);
}

#[test]
fn each_event_is_one_that_its_function_gets() {
    let template = tree::template(&tree::read("template.yaml"));
    for function in &template.functions {
        let name = &function.name;
        let event: Value = serde_json::from_str(&tree::read(&format!("events/{name}.json"))).unwrap();
        if let Some(key) = event["routeKey"].as_str() {
            let mut routes = function.routes.iter();
            assert!(
                routes.any(|route| format!("{} {}", route.method, route.path) == key),
                "{name}: {key}"
            );
            continue;
        }
        for record in event["Records"].as_array().unwrap() {
            let arn = record["eventSourceARN"].as_str().unwrap();
            let mut own = template.queues.iter().filter(|queue| {
                let mapped = |event: &local::template::QueueEvent| event.queue == queue.logical_id;
                function.queues.iter().any(mapped)
            });
            assert!(
                own.any(|queue| arn.ends_with(&format!(":{}", queue.name))),
                "{name}: {arn}"
            );
        }
    }
}
