//! Whether what a source says is older than what is known of it: answers overtake each other, and an answer overtakes
//! what a source tells us itself. Pure.

use super::decide::Known;
use crate::model::{Arrival, Link};
use crate::planted::{Bug, planted};
use crate::sync::fields::KindSpec;
use crate::sync::merge::Merged;
use jiff::Timestamp;

/// Whether its source has shown a newer state already.
pub(super) fn is_stale(arrival: &Arrival, source: &Link) -> bool {
    let another_row =
        arrival.source_id.is_some() && source.remote_id.is_some() && arrival.source_id != source.remote_id;
    let older = arrival
        .modified
        .zip(source.receipt.modified)
        .is_some_and(|(theirs, known)| theirs < known || (theirs == known && planted(Bug::SameSecondDropped)));
    older && !another_row && !planted(Bug::StalePageTaken)
}

/// From when on to ask for the row again, if it says something else than what is known and may be older than that.
pub(super) fn too_old_until(
    spec: &KindSpec,
    arrival: &Arrival,
    known: &Known,
    source: &Link,
    merged: &Merged,
) -> Option<Timestamp> {
    let receipt = &source.receipt;
    let from = match spec.writes_to(&arrival.source) {
        true if receipt.may_be_older(arrival.modified, arrival.asked) => receipt.over_at(),
        true => None,
        false => receipt.overtaken(arrival.asked),
    };
    from.filter(|_| merged.differs || names_another_parent(spec, arrival, known))
}

/// Whether it names another parent than the record: parents are keys, which the merge does not look at.
fn names_another_parent(spec: &KindSpec, arrival: &Arrival, known: &Known) -> bool {
    let Some(record) = &known.record else { return false };
    let differs = |(name, value): &(String, String)| record.body.keys.get(name).is_some_and(|it| it != value);
    let mut parents = arrival.keys.iter().filter(|it| spec.names_a_parent(&it.0));
    parents.any(differs)
}
