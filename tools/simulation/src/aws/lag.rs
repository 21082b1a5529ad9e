//! What a reader sees who is behind: reads that did not ask for consistency, and indexes.

use super::{Asked, behind_ms};
use crate::sim::Sim;
use crate::table::{ItemKey, entry, key_of};
use crate::weather::Fault;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Makes an answer older, if the request allows it.
pub(super) fn behind(sim: &Sim, asked: &Asked, body: &mut Vec<u8>) {
    let request = &asked.request;
    if let Some(since) = asked.reads_since
        && let Some(torn) = torn(sim, request, body, since)
    {
        *body = torn.to_string().into_bytes();
        return;
    }
    let at = match behind_ms(sim) {
        0 => return,
        behind => sim.now_ms() - behind,
    };
    let older = match asked.operation() {
        "GetItem" if !consistent(request) => get(sim, request, body, at),
        "BatchGetItem" => batch(sim, request, body),
        "Query" => query(sim, request, body, at),
        _ => None,
    };
    if let Some(older) = older {
        *body = older.to_string().into_bytes();
    }
}

fn consistent(request: &Value) -> bool {
    request["ConsistentRead"] == Value::Bool(true)
}

fn get(sim: &Sim, request: &Value, body: &[u8], at: i64) -> Option<Value> {
    let key = key_of(&request["Key"])?;
    let seen = sim.history().table.as_of(&key, at);
    let now = serde_json::from_slice::<Value>(body).ok()?;
    if seen.as_deref() == now.get("Item") || !sim.fires(Fault::StaleRead, 1000) {
        return None;
    }
    Some(seen.map_or_else(|| json!({}), |item| json!({ "Item": *item })))
}

/// A batch whose items are each read at some moment since it was sent.
fn torn(sim: &Sim, request: &Value, body: &[u8], since: i64) -> Option<Value> {
    let took = u64::try_from(sim.now_ms() - since).unwrap_or(0);
    let moment = || since + i64::try_from(sim.harm.between(0, took)).unwrap_or(0);
    as_of_each(sim, request, body, moment)
}

fn batch(sim: &Sim, request: &Value, body: &[u8]) -> Option<Value> {
    let (_, asked) = request["RequestItems"].as_object()?.iter().next()?;
    if consistent(asked) {
        return None;
    }
    let older = as_of_each(sim, request, body, || sim.now_ms() - behind_ms(sim))?;
    sim.fires(Fault::StaleRead, 1000).then_some(older)
}

/// The answer to a batch with each item as it stood at a moment of its own: an old record may come beside a new link.
/// `None`: that is no other answer.
fn as_of_each(sim: &Sim, request: &Value, body: &[u8], moment: impl Fn() -> i64) -> Option<Value> {
    let (table, asked) = request["RequestItems"].as_object()?.iter().next()?;
    let keys: Vec<ItemKey> = asked["Keys"].as_array()?.iter().filter_map(key_of).collect();
    let asked: Vec<(&ItemKey, i64)> = keys.iter().map(|it| (it, moment())).collect();
    let seen: Vec<Value> = {
        let history = sim.history();
        let stood = asked.into_iter().filter_map(|(key, at)| history.table.as_of(key, at));
        stood.map(|it| (*it).clone()).collect()
    };
    let mut now = serde_json::from_slice::<Value>(body).ok()?;
    let same = now["Responses"][table]
        .as_array()
        .is_some_and(|it| it.len() == seen.len() && it.iter().all(|one| seen.contains(one)));
    if same {
        return None;
    }
    now["Responses"][table] = Value::Array(seen);
    Some(now)
}

/// An index: what was changed since `at` stands in it as it stood then.
fn query(sim: &Sim, request: &Value, body: &[u8], at: i64) -> Option<Value> {
    let index = request["IndexName"].as_str()?;
    let mut answer = serde_json::from_slice::<Value>(body).ok()?;
    let (gone, come) = differences(sim, index, request, at);
    if gone.is_empty() && come.is_empty() || !sim.fires(Fault::LaggingIndex, 1000) {
        return None;
    }
    if request["Select"] == "COUNT" {
        let count = answer["Count"].as_u64()? as usize;
        answer["Count"] = json!((count + come.len()).saturating_sub(gone.len()));
        return Some(answer);
    }
    let sk = format!("{index}_sk");
    let mut items: Vec<Value> = answer["Items"].as_array()?.clone();
    items.retain(|it| key_of(it).is_none_or(|key| !gone.contains(&key)));
    items.extend(come);
    items.sort_by(|a, b| a[&sk]["S"].as_str().cmp(&b[&sk]["S"].as_str()));
    let most = request["Limit"].as_u64().map_or(usize::MAX, |it| it as usize);
    if items.len() > most {
        items.truncate(most);
        answer["LastEvaluatedKey"] = items.last().cloned().unwrap_or_default();
    }
    answer["Count"] = json!(items.len());
    answer["Items"] = Value::Array(items);
    Some(answer)
}

/// Keys that the index does not show where they now stand, and entries that it still shows.
fn differences(sim: &Sim, index: &str, request: &Value, at: i64) -> (BTreeSet<ItemKey>, Vec<Value>) {
    let (mut gone, mut come) = (BTreeSet::new(), Vec::new());
    let history = sim.history();
    let changed: BTreeSet<&ItemKey> = history.table.changed_since(at).collect();
    for key in changed {
        let stands = |item: &Value| entry(index, item).filter(|it| is_asked_for(index, request, it));
        let now = history.table.get(key).and_then(|it| stands(it));
        let then = history.table.as_of(key, at).and_then(|it| stands(&it));
        if now == then {
            continue;
        }
        gone.extend(now.map(|_| key.clone()));
        come.extend(then);
    }
    (gone, come)
}

fn is_asked_for(index: &str, request: &Value, entry: &Value) -> bool {
    let values = &request["ExpressionAttributeValues"];
    let place = entry[format!("{index}_sk")]["S"].as_str().unwrap_or_default();
    let start = request["ExclusiveStartKey"][format!("{index}_sk")]["S"].as_str();
    let bound = |name: &str| values[name]["S"].as_str();
    values[":pk"]["S"] == entry[format!("{index}_pk")]["S"]
        && bound(":from").is_none_or(|it| place >= it)
        && bound(":to").is_none_or(|it| place <= it)
        && start.is_none_or(|it| place > it)
}
