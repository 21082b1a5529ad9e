//! The checker: reads the history and what the systems hold in the end. It looks at nothing while a history runs.

mod agree;
mod doubled;
mod ends;
mod facts;
mod fences;
mod lead;
mod ledger;
mod order;

pub use facts::Facts;
pub use lead::lead_values;

use crate::sim::Sim;
use std::fmt;

/// A rule that was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The rule.
    pub rule: &'static str,
    /// What was found.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// A rule: what breaks it.
pub type Rule = fn(&Sim, &Facts) -> Vec<Breach>;

/// A breach of `rule`.
#[must_use]
pub fn breach(rule: &'static str, what: impl fmt::Display) -> Breach {
    Breach {
        rule,
        what: what.to_string(),
    }
}

/// The rules that hold for every flow, at the end of a history.
const RULES: [Rule; 15] = [
    seen,
    doubled::nothing_doubled,
    ends::every_change_ends,
    ends::no_needless_trouble,
    ends::failures_are_real,
    ends::dead_letters_kept,
    ends::held_arrivals_kept,
    agree::all_agree,
    agree::counts_equal_a_recount,
    order::versions_go_forward,
    order::limits_kept,
    order::modes_kept,
    order::no_echo,
    fences::fences_hold,
    ledger::ledger_explains,
];

/// All that is broken at the end of a history.
#[must_use]
pub fn check(sim: &Sim) -> Vec<Breach> {
    let facts = match Facts::read(sim) {
        Ok(facts) => facts,
        Err(error) => return vec![breach("items can be read", format!("{error:#}"))],
    };
    let rules = RULES.into_iter().chain(sim.flows.iter().flat_map(|it| it.rules()));
    let mut found: Vec<Breach> = rules.flat_map(|rule| rule(sim, &facts)).collect();
    found.extend(sim.flows.iter().flat_map(|it| it.breaches(sim, &facts)));
    found.sort();
    found.dedup();
    found
}

/// What is broken before the pulls have run: whatever was acknowledged is in by itself.
#[must_use]
pub fn check_acknowledged(sim: &Sim) -> Vec<Breach> {
    match Facts::read(sim) {
        Ok(facts) => {
            let mut found = lead::acknowledged(sim, &facts);
            found.extend(sim.flows.iter().flat_map(|it| it.unacknowledged(sim, &facts)));
            found
        }
        Err(error) => vec![breach("items can be read", format!("{error:#}"))],
    }
}

/// What the world itself saw while it ran.
fn seen(sim: &Sim, _: &Facts) -> Vec<Breach> {
    sim.history()
        .breaches
        .iter()
        .map(|it| breach("seen while it ran", it))
        .collect()
}
