//! How a history is run, beyond what its seed says.

use crate::weather::Fault;
use std::collections::BTreeSet;
use std::time::Duration;

/// One call out of a function, and what is to become of it, where a history is told so instead of drawing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aimed {
    /// The call's number in the history, from 0.
    pub call: u64,
    /// What happens there.
    pub point: Point,
}

/// The points of a call at which something can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The process dies before the call goes out.
    DiesBefore,
    /// The process dies when the call has had its effect.
    DiesAfter,
    /// The process dies when it has read the answer, before it does anything more.
    DiesWithAnswer,
    /// The call has its effect, and its answer is lost.
    AnswerLost,
    /// The call is refused.
    Refused,
    /// The system acts so long after the call was sent.
    ActsAfter(Duration),
}

impl Point {
    /// The points at which the matrix harms each call.
    pub const ALL: [Point; 5] = [
        Self::DiesBefore,
        Self::DiesAfter,
        Self::DiesWithAnswer,
        Self::AnswerLost,
        Self::Refused,
    ];

    /// The harm in words.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::DiesBefore => "the process dies before the call",
            Self::DiesAfter => "the process dies after its effect",
            Self::DiesWithAnswer => "the process dies with its answer",
            Self::AnswerLost => "its answer is lost",
            Self::Refused => "it is refused",
            Self::ActsAfter(_) => "it acts late",
        }
    }
}

/// How a history is run, beyond what its seed says.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// Whether the timeline is kept.
    pub keep_log: bool,
    /// Faults that don't happen, by their number in the order in which they would.
    pub muted: BTreeSet<u64>,
    /// Sorts of faults that don't happen.
    pub muted_sorts: BTreeSet<Fault>,
    /// The one harm of a history in which nothing else goes wrong.
    pub aimed: Option<Aimed>,
}
