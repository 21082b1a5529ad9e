//! A stated block is respected.

use crate::check::{Breach, breach};
use crate::sim::Sim;
use crate::weather::Fault;
use jiff::{SignedDuration, Timestamp};

/// A caller that was told of a block may still have calls on their way.
pub(super) const ON_THE_WAY: SignedDuration = SignedDuration::from_secs(2);

/// No call is sent during a block of which the engine knows: as soon as one caller was told, unless it could not write
/// that down; then from the moment at which it stands in the budget. `broken`: calls after somebody was told.
#[must_use]
pub fn known_blocks(sim: &Sim, system: &str, broken: &[(Timestamp, String)]) -> Vec<Breach> {
    let history = sim.history();
    let could_always_write = history.faults.keys().all(|it| !keeps_from_writing(*it)) && sim.manner.aimed.is_none();
    let stands = |sent: Timestamp| {
        let before = (sent - ON_THE_WAY).as_millisecond();
        let budget = history
            .table
            .as_of(&(format!("budget#{system}"), "budget".to_owned()), before);
        let until = budget.and_then(|it| crate::table::content(&it)["open_until_ms"].as_i64());
        // Our clocks are ahead of the systems', and differ by a second.
        until.is_some_and(|it| it - sim.weather.ahead_ms - 1_000 > sent.as_millisecond())
    };
    let known = broken.iter().filter(|it| could_always_write || stands(it.0));
    known
        .map(|(_, told)| breach("limits are kept", format!("{system}: {told}")))
        .collect()
}

fn keeps_from_writing(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::Throttled
            | Fault::AwsRefused
            | Fault::AwsLostBefore
            | Fault::AwsLostAfter
            | Fault::AwsLate
            | Fault::Outage
            | Fault::Dies
            | Fault::Freezes
    )
}
