//! The statuses of a link and their transitions: one table, with a test for every pair.

use serde::{Deserialize, Serialize};

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// To be sent.
    Pending,
    /// A call is under way, or its outcome is unknown.
    Syncing,
    /// The system agrees.
    Synced,
    /// Will be tried again, at a time.
    Retrying,
    /// Permanent until someone acts.
    Failed,
    /// Waits for a person.
    Held,
    /// Waits for its parent.
    Parked,
    /// Kept out by a rule.
    Skipped,
}

/// What can happen to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new version of the record was accepted and the system does not agree with it.
    Accepted,
    /// A worker took the lease.
    Leased,
    /// A worker gave the lease back without sending.
    Returned,
    /// The system confirmed, or was found to agree.
    Agreed,
    /// A rule keeps it out.
    Skipped,
    /// Transient failure.
    Retry,
    /// The parent is not there yet.
    Parked,
    /// The parent landed.
    Released,
    /// A matter for a person.
    Held,
    /// A permanent failure.
    Failed,
    /// No answer: it may have been acted upon.
    Unknown,
    /// A person asked for another try, or decided.
    Asked,
    /// A person decided that it stays out.
    Dropped,
}

impl Status {
    /// All of them, in the order of the table.
    pub const ALL: [Status; 8] = [
        Status::Pending,
        Status::Syncing,
        Status::Synced,
        Status::Retrying,
        Status::Failed,
        Status::Held,
        Status::Parked,
        Status::Skipped,
    ];

    /// The status as it stands in keys, logs and on screen.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Syncing => "syncing",
            Self::Synced => "synced",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Parked => "parked",
            Self::Skipped => "skipped",
        }
    }

    /// Whether work is still to be done without a person.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Syncing | Self::Retrying | Self::Parked)
    }
}

/// The status after `event`; `None` where it can't happen (the writer's condition then fails).
#[must_use]
pub fn next(status: Status, event: Event) -> Option<Status> {
    use Status::{Failed, Held, Parked, Pending, Retrying, Skipped, Synced, Syncing};
    let open = matches!(status, Pending | Syncing | Retrying | Parked);
    match event {
        // An edit reopens what was settled; what is on its way keeps its place; a person's matter stays a person's.
        Event::Accepted => Some(match status {
            Synced | Skipped | Failed | Parked => Pending,
            kept @ (Pending | Syncing | Retrying | Held) => kept,
        }),
        Event::Leased => open.then_some(Syncing),
        Event::Returned => (status == Syncing).then_some(Pending),
        Event::Unknown => (status == Syncing).then_some(Syncing),
        // What agrees after all, by a person's hand or the system's, has not failed.
        Event::Agreed => (open || status == Failed).then_some(Synced),
        Event::Skipped => open.then_some(Skipped),
        Event::Retry => open.then_some(Retrying),
        Event::Parked => open.then_some(Parked),
        Event::Held => open.then_some(Held),
        Event::Failed => open.then_some(Failed),
        Event::Released => (status == Parked).then_some(Pending),
        Event::Asked => (status != Syncing).then_some(Pending),
        Event::Dropped => (!matches!(status, Syncing | Synced)).then_some(Skipped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Event as E;

    /// Each row: an event and what it makes of each status in the order of `Status::ALL`; `-` where it can't happen.
    const TABLE: [(Event, &str); 13] = [
        (
            E::Accepted,
            "pending syncing pending retrying pending held pending pending",
        ),
        (E::Leased, "syncing syncing - syncing - - syncing -"),
        (E::Returned, "- pending - - - - - -"),
        (E::Agreed, "synced synced - synced synced - synced -"),
        (E::Skipped, "skipped skipped - skipped - - skipped -"),
        (E::Retry, "retrying retrying - retrying - - retrying -"),
        (E::Parked, "parked parked - parked - - parked -"),
        (E::Released, "- - - - - - pending -"),
        (E::Held, "held held - held - - held -"),
        (E::Failed, "failed failed - failed - - failed -"),
        (E::Unknown, "- syncing - - - - - -"),
        (E::Asked, "pending - pending pending pending pending pending pending"),
        (E::Dropped, "skipped - - skipped skipped skipped skipped skipped"),
    ];

    #[test]
    fn every_pair_of_status_and_event() {
        for (event, row) in TABLE {
            let got: Vec<_> = Status::ALL
                .iter()
                .map(|it| next(*it, event).map_or("-", Status::as_str))
                .collect();
            assert_eq!(got.join(" "), row, "{event:?}");
        }
    }
}
