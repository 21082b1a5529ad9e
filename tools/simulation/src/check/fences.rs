//! While a lease lasts, only its holder ends the call; and what a person is to decide stays so.

use super::facts::body;
use super::{Breach, Facts, breach};
use crate::sim::Sim;
use crate::table::Change;
use shared::model::{Link, Status};

pub(super) fn fences_hold(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let mut found = Vec::new();
    let ahead = sim.weather.ahead_ms + i64::try_from(sim.weather.drift_ms).unwrap_or(0);
    for key in facts.links.keys() {
        let changes: Vec<(&Change, Link)> = history
            .table
            .history(key)
            .filter_map(|it| Some((it, body(it.item.as_deref()?).ok()?)))
            .collect();
        let mut holder = None;
        for pair in changes.windows(2) {
            let ((_, before), (change, after)) = (&pair[0], &pair[1]);
            let now = change.at_ms + ahead;
            if let Some(what) = wrong(before, change, after, holder, now) {
                found.push(what);
            }
            if after.status == Status::Syncing && after.fence > before.fence {
                holder = change.by;
            }
        }
    }
    found
}

/// What a change does that it must not, `now` by the latest of our clocks.
fn wrong(before: &Link, change: &Change, after: &Link, holder: Option<u64>, now: i64) -> Option<Breach> {
    let at = format!("{} in {}", before.record, before.system);
    let lasts = before.lease_until.is_some_and(|it| it.as_millisecond() > now);
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
