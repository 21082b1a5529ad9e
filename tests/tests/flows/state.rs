//! What stands in the table, and waiting until nothing is open.

use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;

/// Every item, read past the product, with its body as plain JSON.
pub fn items(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    let mut request = json!({ "TableName": world.template.table.as_ref().unwrap().name });
    loop {
        let (status, body) = world
            .aws
            .dynamo
            .answer("DynamoDB_20120810.Scan", request.to_string().as_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        let items = answer["Items"].as_array().cloned().unwrap_or_default();
        all.extend(items.into_iter().map(with_content));
        match answer["LastEvaluatedKey"].take() {
            Value::Null => return all,
            key => request["ExclusiveStartKey"] = key,
        }
    }
}

fn with_content(mut item: Value) -> Value {
    if let Some(text) = item["body"]["S"].as_str() {
        item["body"] = serde_json::from_str(text).unwrap();
    }
    item
}

/// The items that stand in *due* under this bucket: `open`, `attention`, `skipped`.
pub fn due(world: &World, bucket: &str) -> Vec<Value> {
    let stands = |it: &Value| {
        let place = it["due_pk"]["S"].as_str().unwrap_or_default();
        // Keys stand there too, to be listed.
        place.ends_with(&format!("#{bucket}")) && !place.starts_with("apikey#")
    };
    items(world).into_iter().filter(stands).collect()
}

/// How many records there are.
pub fn records(world: &World) -> usize {
    items(world).iter().filter(|it| it["sk"]["S"] == "record").count()
}

/// Lets time pass until nothing is open: at most two hours, or what is open is told.
pub async fn settled(world: &World) {
    if let Err(open) = settles(world).await {
        panic!("{open}");
    }
}

/// The same, telling what is still open.
pub async fn settles(world: &World) -> Result<(), String> {
    world.settle().await;
    for _ in 0..120 {
        if !is_open(world).await {
            return Ok(());
        }
        world.pass(Duration::from_secs(60)).await.unwrap();
    }
    Err(due(world, "open")
        .iter()
        .fold("still open after two hours:".to_owned(), |told, it| {
            format!("{told}\n{} {} {}", it["pk"]["S"], it["sk"]["S"], it["body"])
        }))
}

/// Links, intakes and runs that are not at their end.
async fn is_open(world: &World) -> bool {
    for system in ["zoho_crm", "backoffice", "intake", "run"] {
        if world.app().store.count_due(system, "open", 1).await.unwrap() > 0 {
            return true;
        }
    }
    false
}
