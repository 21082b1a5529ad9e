//! A request to AWS in words: a line of the timeline, and the name under which calls are counted.

use super::Asked;
use crate::table::key_of;
use serde_json::Value;
use std::collections::BTreeSet;

/// A request in words.
pub(super) struct Told {
    /// Operation and items.
    pub(super) line: String,
    /// Operation and sorts of items: the same for each call of the same sort.
    pub(super) key: String,
}

pub(super) fn told(asked: &Asked) -> Told {
    let (operation, request) = (asked.operation(), &asked.request);
    if let Some(queue) = request["QueueUrl"].as_str() {
        let queue = local::arn::name(queue);
        let count = request["Entries"].as_array().map_or(1, Vec::len);
        return Told {
            line: format!("{operation} {queue} x{count}"),
            key: format!("{operation} {queue}"),
        };
    }
    if operation == "Query" || operation == "Scan" {
        let over = request["IndexName"].as_str().unwrap_or("table");
        let pk = request["ExpressionAttributeValues"][":pk"]["S"]
            .as_str()
            .unwrap_or_default();
        return Told {
            line: format!("{operation} {over} {pk}"),
            key: format!("{operation} {over} {}", sort(pk, "")),
        };
    }
    let items = items(request);
    let sorts: BTreeSet<String> = items.iter().map(|(pk, sk)| sort(pk, sk)).collect();
    let sorts: Vec<String> = sorts.into_iter().collect();
    let names: Vec<String> = items.iter().map(|(pk, sk)| format!("{pk}/{sk}")).collect();
    Told {
        line: format!("{operation} {}", names.join(", ")),
        key: format!("{operation} {}", sorts.join("+")),
    }
}

fn items(request: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = [&request["Key"], &request["Item"]]
        .into_iter()
        .filter_map(key_of)
        .collect();
    for part in request["TransactItems"].as_array().into_iter().flatten() {
        for action in part.as_object().into_iter().flatten().map(|it| it.1) {
            found.extend([&action["Key"], &action["Item"]].into_iter().filter_map(key_of));
        }
    }
    for table in request["RequestItems"].as_object().into_iter().flatten().map(|it| it.1) {
        found.extend(table["Keys"].as_array().into_iter().flatten().filter_map(key_of));
    }
    found
}

/// `lead/link`, `intake`, `budget`: what sort of item a key names.
fn sort(pk: &str, sk: &str) -> String {
    let first = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    match first(sk).as_str() {
        of @ ("record" | "link" | "attempt" | "waits") => format!("{}/{of}", first(pk)),
        _ => first(pk),
    }
}
