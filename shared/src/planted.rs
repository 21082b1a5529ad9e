//! Bugs planted on purpose, one at a time: what the simulation must catch, or it proves nothing.
//!
//! The engine asks `planted(Bug::X)` where a person could make that mistake. Without the feature `planted` the answer
//! is constant false and the branch vanishes; the product's binaries are built so. With it, each thread has at most one
//! bug. A thread-local is right: a history runs from beginning to end on one thread (tokio's current-thread runtime),
//! histories on other threads don't see its bug, and no part of the engine has to hand it on.

#[cfg(feature = "planted")]
mod guard;

#[cfg(feature = "planted")]
pub use guard::{Asked, Planted, plant, plant_poison, planted, poison};

/// Whether a bug is planted here and now. Never, without the feature.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn planted(_: Bug) -> bool {
    false
}

/// Plants nothing, without the feature.
#[cfg(not(feature = "planted"))]
pub const fn plant_poison(_: &dyn Fn(&str) -> Option<String>) {}

/// Nothing is poisoned, without the feature.
#[cfg(not(feature = "planted"))]
pub const fn poison(_: &[u8]) {}

/// One table: the rule that is broken, and under it the bugs, each with what goes wrong.
macro_rules! bugs {
    ($($rule:literal { $($bug:ident: $fear:literal,)+ })+) => {
        /// A mistake that can be planted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bug {
            $($(
                #[doc = concat!("Breaks \"", $rule, "\": ", $fear, ".")]
                $bug,
            )+)+
        }

        impl Bug {
            /// All of them.
            pub const ALL: &[Bug] = &[$($(Bug::$bug,)+)+];

            /// What goes wrong, in one plain sentence.
            #[must_use]
            pub const fn fear(self) -> &'static str {
                match self {
                    $($(Bug::$bug => $fear,)+)+
                }
            }

            /// The rule that it breaks.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $($(Bug::$bug => $rule,)+)+
                }
            }
        }
    };
}

bugs! {
    "nothing doubled" {
        LeaseForBatch: "a record whose own lease went to another worker is sent with its batch all the same",
        NoLookBeforeCreate: "what has no remote id is made without a look at whether it is there",
        UnfindableSentAgain: "a create of unknown outcome is sent again where nobody can look whether it was made",
        AliasReleased: "each change of a record gives its e-mail away, and the same person becomes a second record",
        TwoDoors: "a lead from the API has no keys, and its portal row makes a second record of it",
        NewIdForEachTry: "a request tried again under its Idempotency-Key takes another id, and makes another lead",
    }
    "every change ends" {
        DueNotSet: "accepted work relies on its message: if that is lost, the sweep passes the link by",
        SweepMissesSyncing: "the sweep passes by what a worker left behind when it died",
        GonePropagates: "a lead that is gone in one system is not written to the others any more",
    }
    "last accepted version everywhere" {
        OpensIgnored: "a commit closes a link though a newer version was accepted during its call",
        SentBeforeAnswer: "values count as sent before the answer, and are not sent again when it is a refusal",
        OneSuccessForBatch: "one success speaks for its batch: what was refused beside it counts as synced",
        OneErrorForBatch: "one error speaks for its batch: what was written beside it counts as refused",
        AgreementByVersion: "a link with the right version number counts as agreeing, whatever the system holds",
        AcceptWithoutOpening: "a change is accepted and no link is opened for it",
        StandingNotTold: "an app that asked for it is not told when one of its rows has failed or come in",
        PullClosesLink: "news from a system closes its link, with all that it had not been sent yet",
        TwoWayMerge: "what a system has not been sent yet is taken for a change of its own, and undoes ours",
        SameSecondDropped: "of two changes within one second the second is dropped as stale",
        InconsistentRead: "a worker decides on a read that may be old, and sends a version that has been replaced",
        DeleteAfterIncompleteListing: "what could not be read counts as deleted, and is not written any more",
    }
    "versions never backwards" {
        UnfencedCommit: "a worker whose lease has passed on writes what it knew over what its successor wrote",
        UnknownTakenForUnsent: "a call without an answer counts as not made, and may arrive after its successor",
        NoWriteId: "a write keeps the name of the one before, so that nobody notices that it was first",
        StalePageTaken: "a row older than what is known undoes the newer one",
        HiddenEditOverwritten: "an edit in the very second of our own write is not seen, and the next write goes over it",
    }
    "no child before parent" {
        ParentNotAwaited: "a child is sent though its parent is not there",
    }
    "no echo" {
        EchoNotRecognised: "what a system showed is written back to it",
    }
    "limits kept" {
        FixedWindow: "a limit begins anew at the full hour or day: at the turn it is used twice over",
        BreakerIgnored: "calls go on while a system has asked for a pause",
        FlightNotCounted: "calls under way are not counted, and more go at once than a system allows",
        ModeIgnored: "a system that a person has paused is written to",
        RefreshWithoutLease: "all workers ask for an access token at once, and count as one",
        MintNotCounted: "access tokens are asked for without counting, until Zoho refuses all of them",
    }
    "counts equal a recount" {
        RecountOnlyReports: "the recount finds that a total is wrong and leaves it so",
    }
    "ledger explains every write" {
        LedgerAfterCommit: "the attempt is written after the commit: who dies in between leaves a write unexplained",
    }
    "nothing acknowledged is lost" {
        AckBeforeStore: "a webhook is acknowledged though it could not be stored",
        CursorBeforePage: "the position is saved before its page: who dies in between never reads those rows",
        HeldForgotten: "an arrival that a person must place is answered as held, and kept nowhere",
        KeysWithoutSeparator: "the parts of a key are run together: ann@ab.mt and anna@b.mt become one person",
        DeadLetterDropped: "a dead letter is taken off its queue and kept nowhere",
    }
    "held stays held" {
        HeldReopened: "an edit sends what waits for a person",
    }
}

impl Bug {
    /// Its name as people write it: `unfenced-commit`.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_kebab_case_and_differ() {
        assert_eq!(Bug::UnfencedCommit.name(), "unfenced-commit");
        let names: BTreeSet<String> = Bug::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Bug::ALL.len());
    }

    #[test]
    fn fears_are_sentences_without_their_full_stop() {
        for bug in Bug::ALL {
            let fear = bug.fear();
            assert!(fear.starts_with(char::is_lowercase) && !fear.ends_with('.'), "{fear}");
        }
    }
}
