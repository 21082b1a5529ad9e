//! Versions go forward, limits are kept, and nothing is sent for nothing.

use super::facts::body;
use super::{Breach, Facts, breach};
use crate::history::{History, Write};
use crate::sim::Sim;
use crate::table::ItemKey;
use serde_json::Value;
use shared::model::{Link, Record};

pub(super) fn versions_go_forward(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let records = facts
        .records
        .keys()
        .flat_map(|key| record_goes_forward(&history, &(key.to_string(), "record".into())));
    let links = facts.links.keys().flat_map(|key| link_goes_forward(&history, key));
    let values = facts
        .written_links()
        .flat_map(|link| values_go_forward(&history, facts, link));
    records
        .chain(links)
        .chain(values)
        .map(|it| breach("versions go forward", it))
        .collect()
}

fn bodies<T: serde::de::DeserializeOwned>(history: &History, key: &ItemKey) -> Vec<T> {
    history
        .table
        .history(key)
        .filter_map(|it| body(it.item.as_deref()?).ok())
        .collect()
}

fn record_goes_forward(history: &History, key: &ItemKey) -> Vec<String> {
    let versions: Vec<u64> = bodies::<Record>(history, key).iter().map(|it| it.version).collect();
    let jumps = versions.windows(2).filter(|it| it[1] < it[0] || it[1] > it[0] + 1);
    jumps
        .map(|it| format!("{} goes from version {} to {}", key.0, it[0], it[1]))
        .collect()
}

fn link_goes_forward(history: &History, key: &ItemKey) -> Vec<String> {
    let links: Vec<Link> = bodies(history, key);
    let numbers = |it: &Link| {
        [
            ("fence", it.fence),
            ("synced version", it.synced_version),
            ("wanted version", it.wanted_version),
        ]
    };
    let mut found = Vec::new();
    for pair in links.windows(2) {
        for (before, after) in numbers(&pair[0]).into_iter().zip(numbers(&pair[1])) {
            if after.1 < before.1 {
                found.push(format!(
                    "{} {}: the {} goes back from {} to {}",
                    key.0, key.1, before.0, before.1, after.1
                ));
            }
        }
    }
    found
}

/// What we wrote into a system of one field, write after write, follows the order of the record's versions.
fn values_go_forward(history: &History, facts: &Facts, link: &Link) -> Vec<String> {
    let Some(id) = link.remote_id.as_ref().map(|it| format!("{}/{it}", link.record.kind)) else {
        return Vec::new();
    };
    let Ok(spec) = facts.app.kind(&link.record.kind) else {
        return Vec::new();
    };
    let versions: Vec<Record> = bodies(history, &(link.record.to_string(), "record".into()));
    let mut found = Vec::new();
    for field in &spec.fields {
        let Some(column) = field.column(&link.system) else {
            continue;
        };
        let accepted: Vec<String> = versions
            .iter()
            .map(|it| text(&it.fields.get(field.name).map_or(Value::Null, |it| it.to_json())))
            .collect();
        let mut at = 0;
        for (by, value) in written(history, &id, column) {
            match (at..accepted.len()).find(|it| accepted[*it] == value) {
                Some(place) => at = place,
                None if accepted.contains(&value) => {
                    found.push(format!(
                        "{by} set {} of {} in {} back to {value}",
                        field.name, link.record, link.system
                    ));
                }
                None => {}
            }
        }
    }
    found
}

/// The values that our writes gave a column of an object, in order.
fn written(history: &History, id: &str, column: &str) -> Vec<(u64, String)> {
    let changes = history
        .writes
        .iter()
        .flat_map(|it| it.changed.iter().map(move |change| (it.by, change)));
    let ours = changes.filter(|(_, change)| change.0 == id);
    let changed = ours.filter(|(_, (_, before, after))| before.as_ref().map(|it| &it[column]) != Some(&after[column]));
    changed.map(|(by, (_, _, after))| (by, text(&after[column]))).collect()
}

/// A value as both sides write it: numbers without the zeros at their end.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let digits = number.to_string();
            if digits.contains('.') {
                digits.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                digits
            }
        }
        other => other.to_string(),
    }
}

pub(super) fn limits_kept(sim: &Sim, _: &Facts) -> Vec<Breach> {
    let told = sim
        .outside
        .iter()
        .flat_map(|it| it.violations().into_iter().map(|what| format!("{}: {what}", it.name())));
    told.map(|it| breach("limits are kept", it)).collect()
}

/// In the quiet hour at the end nothing is written; and where nothing went wrong, nothing is ever written twice.
pub(super) fn no_echo(sim: &Sim, _: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let quiet = history
        .writes
        .iter()
        .filter(|it| history.quiet_from_ms.is_some_and(|from| it.at_ms >= from) && !is_blurred(sim, &history, it));
    let mut found: Vec<String> = quiet
        .map(|it| format!("{} {} in the quiet hour, by {}", it.system, it.call, it.by))
        .collect();
    if history.faults.is_empty() && sim.manner.aimed.is_none() {
        let empty = history
            .writes
            .iter()
            .filter(|it| it.changed.is_empty() && it.status < 300);
        found.extend(empty.map(|it| {
            format!(
                "{} {} by {} changed nothing, on a day without faults",
                it.system, it.call, it.by
            )
        }));
    }
    found.into_iter().map(|it| breach("no echo", it)).collect()
}

/// Whether a write was about nobody but people who can't be told apart any more, by people's own mistake: two rows of the
/// portal, each with the other's word, may take turns with every daily pull.
fn is_blurred(sim: &Sim, history: &History, write: &Write) -> bool {
    let system = sim.outside.iter().find(|it| it.name() == write.system);
    let identity = |object: &Value| system.and_then(|it| it.identity(object));
    let blurred = |object: &Value| identity(object).is_some_and(|it| history.blurred.contains(&it));
    !write.changed.is_empty() && write.changed.iter().all(|it| blurred(&it.2))
}

/// A call that was begun before a pause may arrive so long after it: a function's time, and the call's own way.
const UNDER_WAY_MS: i64 = 52_000;

/// What an operator has paused is not written to.
pub(super) fn modes_kept(sim: &Sim, _: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let mut found = Vec::new();
    for (system, from, _) in &history.pauses {
        // Whoever ends a pause first ends it for all.
        let ends = history
            .pauses
            .iter()
            .filter(|it| it.0 == *system && it.2 > *from)
            .map(|it| it.2);
        let to = ends.min().unwrap_or(*from);
        let inside = |at: i64| at > from + UNDER_WAY_MS && at < to;
        let writes = history
            .writes
            .iter()
            .filter(|it| it.system == *system && inside(it.at_ms));
        found.extend(writes.map(|it| {
            breach(
                "modes are kept",
                format!("{system} {} by {} while it was paused", it.call, it.by),
            )
        }));
    }
    found
}
