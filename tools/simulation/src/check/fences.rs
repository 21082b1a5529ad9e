//! While a lease lasts, only its holder ends the call; and what a person is to decide stays so.

use super::facts::body;
use super::{Breach, Facts, breach};
use crate::sim::Sim;
use crate::table::Change;
use shared::model::{Link, Status};

pub(super) fn fences_hold(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let mut found = Vec::new();
    for key in facts.links.keys() {
        let changes: Vec<(&Change, Link)> = history
            .table
            .history(key)
            .filter_map(|it| Some((it, body(it.item.as_deref()?).ok()?)))
            .collect();
        let mut holder = None;
        for pair in changes.windows(2) {
            let ((_, before), (change, after)) = (&pair[0], &pair[1]);
            if let Some(what) = wrong(sim, before, change, after, holder) {
                found.push(what);
            }
            if after.status == Status::Syncing && after.fence > before.fence {
                holder = change.by;
            }
        }
    }
    found
}

fn wrong(sim: &Sim, before: &Link, change: &Change, after: &Link, holder: Option<u64>) -> Option<Breach> {
    let at = format!("{} in {}", before.record, before.system);
    // A lease is written in our machines' time: ahead of the true one, and they differ by up to a second.
    let lasts = before
        .lease_until
        .is_some_and(|it| it.as_millisecond() - sim.weather.ahead_ms > change.at_ms + 1_000);
    if before.status == Status::Syncing && lasts && after.fence != before.fence {
        let what = format!("{at}: {:?} took the lease of {holder:?} while it lasted", change.by);
        return Some(breach("fences hold", what));
    }
    if before.status == Status::Syncing
        && after.status != Status::Syncing
        && after.fence == before.fence
        && change.by != holder
    {
        let what = format!("{at}: {:?} ended the call of {holder:?}", change.by);
        return Some(breach("fences hold", what));
    }
    if before.status == Status::Held && after.status != Status::Held && change.by.is_some() {
        let what = format!(
            "{at}: {:?} made {} of what a person is to decide",
            change.by,
            after.status.as_str()
        );
        return Some(breach("held stays held", what));
    }
    None
}
