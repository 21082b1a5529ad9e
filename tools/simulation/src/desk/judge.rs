//! The rules of the desk's flow, beyond those that hold for every flow.

use super::kinds::DESK;
use super::troubles::Pause;
use super::twin::Violation;
use crate::billing::known_blocks;
use crate::check::{Breach, Facts, breach};
use crate::sim::Sim;
use crate::weather::Fault;
use serde_json::Value;
use shared::model::{Kind, Link, RecordKey, Status};
use shared::sync::fields::Parent;
use std::collections::BTreeMap;

type Words = BTreeMap<&'static str, String>;

/// What the office said last stands in the one record, and at the desk in the one object, under its parent's.
pub(super) fn words(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let mut last: BTreeMap<RecordKey, Words> = BTreeMap::new();
    for said in sim.history().said.iter().filter(|it| it.door == "office") {
        let key = RecordKey::new(Kind::read(said.about.0), said.about.1.clone());
        last.entry(key).or_default().insert(said.field, said.value.clone());
    }
    let wrong = |(key, words): (&RecordKey, &Words)| {
        let at_the_desk = at_the_desk(facts, key, words);
        in_the_record(facts, key, words)
            .into_iter()
            .chain(at_the_desk)
            .collect::<Vec<_>>()
    };
    last.iter()
        .flat_map(wrong)
        .map(|it| breach("no lost update", it))
        .collect()
}

fn in_the_record(facts: &Facts, key: &RecordKey, words: &Words) -> Vec<String> {
    let Some(record) = facts.records.get(key) else {
        return vec![format!("the office said {key}, and there is no such record")];
    };
    let stands = |field: &str| record.fields.get(field).map(|it| it.to_json()).unwrap_or_default();
    differences(key, words, "its record", stands)
}

fn at_the_desk(facts: &Facts, key: &RecordKey, words: &Words) -> Vec<String> {
    let link = facts.link(key, &DESK);
    let Some(link) = link.filter(|it| it.status != Status::Held) else {
        // What waits for a person is judged by the rule on that.
        return if link.is_none() {
            vec![format!("{key} has no link to the desk")]
        } else {
            Vec::new()
        };
    };
    let prefix = format!("{}/", key.kind);
    let objects = facts.objects["desk"].iter();
    let its = objects.filter(|(id, it)| id.starts_with(&prefix) && it["ref"] == key.id.as_str());
    let its: Vec<&Value> = its.map(|it| it.1).collect();
    let Some(object) = its.first() else {
        return vec![format!("{key} is not at the desk")];
    };
    if its.len() > 1 {
        // That is another rule's.
        return Vec::new();
    }
    let mut found = differences(key, words, "the desk", |field| object[field].clone());
    found.extend(under_its_parent(facts, link, object));
    found
}

fn differences(key: &RecordKey, words: &Words, place: &str, stands: impl Fn(&str) -> Value) -> Vec<String> {
    let differs = |(field, said): &(&&str, &String)| stands(field).as_str().unwrap_or_default() != said.as_str();
    let told = |(field, said): (&&str, &String)| {
        format!(
            "{key}: {field} is {} in {place}, and the office said {said:?} last",
            stands(field)
        )
    };
    words.iter().filter(differs).map(told).collect()
}

fn under_its_parent(facts: &Facts, link: &Link, object: &Value) -> Option<String> {
    let Parent {
        kind, key: named_by, ..
    } = super::kinds::parent_of(&link.record.kind)?;
    let record = facts.records.get(&link.record)?;
    let parent = RecordKey::new(kind, record.keys.get(named_by)?.clone());
    let expected = facts.link(&parent, &DESK).and_then(|it| it.remote_id.as_deref());
    let shown = object[format!("{}_id", parent.kind)].as_str();
    (shown != expected).then(|| {
        format!(
            "{} is under {shown:?} at the desk, and {parent} is {expected:?} there",
            link.record
        )
    })
}

/// A note waits for a person only where its create may have been acted upon without our knowing.
pub(super) fn held(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    // What is surely not acted upon (never reached, 503) is sent again.
    const EXPLAIN: [Fault; 9] = [
        Fault::SystemLostBefore,
        Fault::SystemLostAfter,
        Fault::SystemLate,
        Fault::Dies,
        Fault::Freezes,
        Fault::Throttled,
        Fault::AwsRefused,
        Fault::AwsLostBefore,
        Fault::AwsLostAfter,
    ];
    let explained = EXPLAIN.iter().any(|it| sim.history().faults.contains_key(it)) || sim.manner.aimed.is_some();
    let held = facts
        .links
        .values()
        .filter(|it| it.system == DESK && it.status == Status::Held && !explained);
    held.map(|it| {
        breach(
            "no needless trouble",
            format!("{} is held, and no call of it was lost", it.record),
        )
    })
    .collect()
}

/// No invocation that began in a pause writes.
pub(super) fn paused(sim: &Sim, pauses: &[Pause]) -> Vec<Breach> {
    let history = sim.history();
    let writes = history.writes.iter().filter(|it| it.system == "desk");
    let paused = |at_ms: i64, by: u64| {
        let in_it = |it: &&Pause| by > it.last && at_ms >= it.from_ms && it.until_ms.is_none_or(|until| at_ms < until);
        pauses.iter().find(in_it)
    };
    let wrong = writes.filter_map(|it| Some((it, paused(it.at_ms, it.by)?)));
    wrong
        .map(|(it, pause)| {
            let since = it.at_ms - pause.from_ms;
            breach(
                "who is paused is not written to",
                format!("{} by {}, {since} ms into a pause", it.call, it.by),
            )
        })
        .collect()
}

/// No call is sent during a block of which the engine knows.
pub(super) fn blocks(sim: &Sim, broken: &[Violation]) -> Vec<Breach> {
    let known = broken.iter().filter(|it| it.in_known_block);
    let known: Vec<_> = known.map(|it| (it.sent, it.told.clone())).collect();
    known_blocks(sim, "desk", &known)
}
