//! The ledger explains each remote write: after it there is a row for that record and system.

use super::facts::body;
use super::{Breach, Facts, breach};
use crate::history::{History, Write};
use crate::sim::Sim;
use crate::table::{Change, ItemKey};
use shared::model::{Link, Outcome, Status};
use shared::sync::accept::held_key;
use shared::sync::ledger::Attempt;

pub(super) fn ledger_explains(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let mut found = Vec::new();
    for write in &history.writes {
        let system = sim.outside.iter().find(|it| it.name() == write.system);
        let changed = write.changed.iter();
        for (id, _, object) in changed.filter(|it| !is_deleted(sim, facts, write.system, &it.0)) {
            let identity = system.and_then(|it| it.identity(object));
            let is_its = |it: &Link| is_of(it, id) || may_be(it, id, identity.as_deref());
            let linked = |it: &&Link| it.system.as_str() == write.system && is_its(it);
            let Some(link) = facts.links.values().find(linked) else {
                if !waits_for_a_person(&history, write.system, id) {
                    found.push(format!(
                        "{id} in {} was written by {}, and no record is linked to it",
                        write.system, write.by
                    ));
                }
                continue;
            };
            if is_said_to_have_failed(&history, write, link) {
                found.push(format!(
                    "{} in {}: written by {}, and its row says that it failed",
                    link.record, link.system, write.by
                ));
            }
            // Rows have our clocks' times, which are ahead of the world's.
            let explains = |at: i64| at - sim.weather.ahead_ms >= write.at_ms;
            let rows = facts.attempts.get(&link.record).into_iter().flatten();
            let mut rows = rows.filter(|it| it.system == link.system && it.what != "note");
            if !rows.any(|it| explains(it.at.as_millisecond())) {
                found.push(format!(
                    "{} in {}: no row after the write of {} at {}",
                    link.record, link.system, write.by, write.at_ms
                ));
            }
        }
    }
    found.extend(facts.links.keys().flat_map(|it| commits_without_a_row(&history, it)));
    found
        .into_iter()
        .map(|it| breach("the ledger explains every write", it))
        .collect()
}

/// Whether the row that who wrote has left of it calls it a failure.
fn is_said_to_have_failed(history: &History, write: &Write, link: &Link) -> bool {
    let rows = history.table.changes.iter().filter(|it| {
        it.by == Some(write.by)
            && it.at_ms >= write.at_ms
            && it.key.0 == link.record.to_string()
            && it.key.1.starts_with("attempt#")
    });
    let mut attempts = rows.filter_map(|it| body::<Attempt>(it.item.as_deref()?).ok());
    let first = attempts.find(|it| it.system == link.system);
    first.is_some_and(|it| matches!(it.outcome, Some(Outcome::Failed { .. })))
}

/// Whether an object is not there any more: it may have gone before we learned of it.
fn is_deleted(sim: &Sim, facts: &Facts, system: &str, id: &str) -> bool {
    sim.outside
        .iter()
        .any(|it| it.name() == system && !facts.objects[it.name()].contains_key(id))
}

fn is_of(link: &Link, object: &str) -> bool {
    link.remote_id
        .as_ref()
        .is_some_and(|it| format!("{}/{it}", link.record.kind) == *object)
}

/// Whether an object is kept for a person to say whose it is: another record has taken its keys meanwhile.
fn waits_for_a_person(history: &History, system: &str, object: &str) -> bool {
    let id = object.split_once('/').map_or(object, |it| it.1);
    let row = held_key(system, id);
    history.table.now().any(|(key, _)| key.0 == row.pk)
}

/// Whether an object may be that of a link that waits for a person because nobody can look whether it was made.
fn may_be(link: &Link, object: &str, identity: Option<&str>) -> bool {
    let kind = object.split('/').next();
    link.status == Status::Held
        && link.remote_id.is_none()
        && kind == Some(link.record.kind.as_str())
        && identity == Some(link.record.id.as_str())
}

/// Whoever ends a call has written its row down before.
fn commits_without_a_row(history: &History, key: &ItemKey) -> Vec<String> {
    let changes: Vec<(&Change, Link)> = history
        .table
        .history(key)
        .filter_map(|it| Some((it, body(it.item.as_deref()?).ok()?)))
        .collect();
    let commits = changes.windows(2).filter(|pair| {
        let (before, after) = (&pair[0].1, &pair[1].1);
        let is_end = matches!(
            after.status,
            Status::Synced | Status::Failed | Status::Held | Status::Skipped
        );
        before.status == Status::Syncing && is_end && before.fence == after.fence
    });
    let has_row = |by: Option<u64>, at_ms: i64| {
        let rows = history.table.changes.iter();
        let mut rows = rows.filter(|it| it.by == by && it.key.0 == key.0 && it.key.1.starts_with("attempt#"));
        rows.any(|it| it.at_ms <= at_ms)
    };
    let without = commits.filter(|pair| !has_row(pair[1].0.by, pair[1].0.at_ms));
    without
        .map(|pair| format!("{} {}: {:?} ended a call and wrote no row", key.0, key.1, pair[1].0.by))
        .collect()
}
