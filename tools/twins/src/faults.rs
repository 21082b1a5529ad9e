//! What a twin is told to do wrong, and when.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use crate::locked;

/// A misbehaviour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The connection breaks before anything is done.
    LoseBefore,
    /// Everything is done, then the connection breaks: the caller can't know.
    LoseAfter,
    /// Refused with this status and the vendor's body for it; nothing is done.
    Status(u16),
    /// Refused with this status and this code in the vendor's envelope; nothing is done.
    Error {
        /// HTTP status.
        status: u16,
        /// The vendor's code.
        code: String,
    },
    /// Waits before acting; the call is in flight all the while.
    Slow(Duration),
    /// Acts, then waits before answering.
    SlowAnswer(Duration),
    /// Record `index` of a batch fails with this code; the others are done (Zoho only).
    Record {
        /// Place in the batch, from 0.
        index: usize,
        /// The vendor's code.
        code: String,
    },
    /// All live access tokens die before this call is looked at (Zoho only).
    RevokeTokens,
    /// The notification is never sent. Operation `notification` (Zoho) or `webhook` (Supabase).
    LoseNotification,
    /// The notification is sent twice. Operation `notification` (Zoho) or `webhook` (Supabase).
    DuplicateNotification,
}

/// To which of the matching calls a rule applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// The next this many.
    Next(u64),
    /// Those whose number, from 0 at the time the rule was added, lies in the range.
    Calls(Range<u64>),
    /// From the first instant until just before the second.
    Between(Timestamp, Timestamp),
    /// Until the rule is removed.
    Always,
}

/// Names a rule, so that it can be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleId(u64);

#[derive(Debug)]
struct Rule {
    operation: String,
    when: When,
    effect: Effect,
    seen: u64,
}

impl Rule {
    fn take(&mut self, operation: &str, now: Timestamp) -> Option<Effect> {
        // `*` means calls; a notification is none.
        let every = self.operation == "*" && !matches!(operation, "notification" | "webhook");
        if !every && self.operation != operation {
            return None;
        }
        let number = self.seen;
        self.seen += 1;
        let applies = match &self.when {
            When::Next(n) => number < *n,
            When::Calls(range) => range.contains(&number),
            When::Between(from, until) => *from <= now && now < *until,
            When::Always => true,
        };
        applies.then(|| self.effect.clone())
    }

    fn spent(&self) -> bool {
        match &self.when {
            When::Next(n) => self.seen >= *n,
            When::Calls(range) => self.seen >= range.end,
            When::Between(..) | When::Always => false,
        }
    }
}

#[derive(Debug, Default)]
struct Rules {
    next: u64,
    rules: BTreeMap<RuleId, Rule>,
}

/// The rules in force. Cheap to clone; clones share the rules.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Rules>>);

impl Faults {
    /// Adds a rule for an operation (`"upsert"`, `"token"`, …; `"*"` is every call of the protocol).
    pub fn add(&self, operation: &str, when: When, effect: Effect) -> RuleId {
        let mut rules = locked(&self.0);
        let id = RuleId(rules.next);
        rules.next += 1;
        let rule = Rule {
            operation: operation.to_owned(),
            when,
            effect,
            seen: 0,
        };
        rules.rules.insert(id, rule);
        id
    }

    /// Adds a rule for the next `n` calls of an operation.
    pub fn next(&self, operation: &str, n: u64, effect: Effect) -> RuleId {
        self.add(operation, When::Next(n), effect)
    }

    /// Takes a rule away; `false` when it was spent or removed already.
    pub fn remove(&self, id: RuleId) -> bool {
        locked(&self.0).rules.remove(&id).is_some()
    }

    /// Takes all rules away: the system behaves again.
    pub fn clear(&self) {
        locked(&self.0).rules.clear();
    }

    /// Counts one event of this operation and says what applies to it, in the order of the rules.
    pub(crate) fn take(&self, operation: &str, now: Timestamp) -> Effects {
        let mut rules = locked(&self.0);
        let effects = rules
            .rules
            .values_mut()
            .filter_map(|rule| rule.take(operation, now))
            .collect();
        rules.rules.retain(|_, rule| !rule.spent());
        Effects(effects)
    }

    /// How many copies of a notification go out: none, one or two.
    pub(crate) fn copies(&self, operation: &str, now: Timestamp) -> usize {
        let effects = self.take(operation, now);
        if effects.has(&Effect::LoseNotification) {
            return 0;
        }
        if effects.has(&Effect::DuplicateNotification) {
            2
        } else {
            1
        }
    }
}

/// What applies to one call.
#[derive(Debug, Default)]
pub(crate) struct Effects(Vec<Effect>);

impl Effects {
    pub(crate) fn has(&self, effect: &Effect) -> bool {
        self.0.contains(effect)
    }

    /// How long to wait before acting.
    pub(crate) fn wait(&self) -> Duration {
        self.0
            .iter()
            .map(|e| if let Effect::Slow(d) = e { *d } else { Duration::ZERO })
            .sum()
    }

    /// How long to wait before answering.
    pub(crate) fn hold_answer(&self) -> Duration {
        self.0
            .iter()
            .map(|e| {
                if let Effect::SlowAnswer(d) = e {
                    *d
                } else {
                    Duration::ZERO
                }
            })
            .sum()
    }

    /// The refusal to give instead of acting.
    pub(crate) fn refusal(&self) -> Option<(u16, Option<&str>)> {
        self.0.iter().find_map(|effect| match effect {
            Effect::Status(status) => Some((*status, None)),
            Effect::Error { status, code } => Some((*status, Some(code.as_str()))),
            _ => None,
        })
    }

    /// The code with which this record of the batch is to fail.
    pub(crate) fn record_error(&self, place: usize) -> Option<&str> {
        self.0.iter().find_map(|effect| match effect {
            Effect::Record { index, code } if *index == place => Some(code.as_str()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn next_is_spent_and_other_operations_do_not_spend_it() {
        let faults = Faults::default();
        faults.next("upsert", 1, Effect::LoseAfter);
        assert!(!faults.take("coql", T).has(&Effect::LoseAfter));
        assert!(faults.take("upsert", T).has(&Effect::LoseAfter));
        assert!(!faults.take("upsert", T).has(&Effect::LoseAfter));
    }

    #[test]
    fn calls_counts_from_zero_and_between_looks_at_the_time() {
        let faults = Faults::default();
        faults.add("*", When::Calls(1..2), Effect::Status(429));
        let later = T + Duration::from_secs(5);
        faults.add(
            "*",
            When::Between(later, later + Duration::from_secs(1)),
            Effect::Status(503),
        );
        assert_eq!(faults.take("get", T).refusal(), None);
        assert_eq!(faults.take("get", T).refusal(), Some((429, None)));
        assert_eq!(faults.take("get", later).refusal(), Some((503, None)));
        assert_eq!(faults.take("get", later + Duration::from_secs(1)).refusal(), None);
    }

    #[test]
    fn removed_and_cleared_rules_do_nothing() {
        let faults = Faults::default();
        let id = faults.add("get", When::Always, Effect::LoseBefore);
        assert!(faults.remove(id));
        assert!(!faults.remove(id));
        faults.add("get", When::Always, Effect::LoseBefore);
        faults.clear();
        assert!(!faults.take("get", T).has(&Effect::LoseBefore));
    }
}
