//! What a fleet's histories come to.

use crate::run::Report;
use crate::weather::Fault;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How often a fault happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// In all.
    pub times: u64,
    /// In so many histories.
    pub histories: u64,
}

/// What the histories of a fleet come to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The first seed.
    pub from: u64,
    /// How many seeds were run.
    pub seeds: u64,
    /// Real time.
    pub seconds: f64,
    /// Events handed to functions.
    pub deliveries: u64,
    /// External calls.
    pub called: u64,
    /// Steps of people and of troubles.
    pub steps: u64,
    /// Faults by sort; all sorts stand here.
    pub faults: BTreeMap<Fault, Times>,
    /// External calls by function and operation.
    pub sorts: BTreeMap<String, u64>,
    /// What was seen of the code's ways, and in how many histories.
    pub branches: BTreeMap<String, u64>,
    /// The seeds that broke something, and what.
    pub failed: BTreeMap<u64, Vec<String>>,
}

impl Summary {
    /// Of no history yet.
    #[must_use]
    pub fn new(from: u64) -> Self {
        Self {
            from,
            faults: Fault::ALL.iter().map(|it| (*it, Times::default())).collect(),
            ..Self::default()
        }
    }

    /// Adds a history.
    pub fn add(&mut self, report: &Report) {
        self.seeds += 1;
        self.deliveries += report.deliveries;
        self.called += report.called;
        self.steps += u64::try_from(report.steps).unwrap_or(0);
        for (fault, times) in &report.faults {
            let sum = self.faults.entry(*fault).or_default();
            sum.times += times;
            sum.histories += 1;
        }
        for (sort, times) in &report.calls {
            *self.sorts.entry(sort.clone()).or_default() += times;
        }
        for branch in &report.branches {
            *self.branches.entry(branch.clone()).or_default() += 1;
        }
        if !report.breaches.is_empty() {
            let breaches = report.breaches.iter().map(ToString::to_string);
            self.failed.insert(report.seed, breaches.collect());
        }
    }

    /// How many in a second.
    #[must_use]
    pub fn per_second(&self, count: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
        let count = count as f64;
        if self.seconds > 0.0 { count / self.seconds } else { 0.0 }
    }

    /// Sorts of faults that happened at all.
    #[must_use]
    pub fn fault_sorts(&self) -> usize {
        self.faults.values().filter(|it| it.times > 0).count()
    }

    /// The functions that were called, by the calls that they made.
    #[must_use]
    pub fn functions(&self) -> BTreeSet<&str> {
        self.sorts.keys().filter_map(|it| it.split(' ').next()).collect()
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let fault = |(fault, it): (&Fault, &Times)| {
            let times = json!({ "times": it.times, "histories": it.histories });
            (fault.told().to_owned(), times)
        };
        json!({
            "from": self.from,
            "seeds": self.seeds,
            "seconds": self.seconds,
            "deliveries": self.deliveries,
            "external_calls": self.called,
            "steps": self.steps,
            "seeds_per_second": self.per_second(self.seeds),
            "deliveries_per_second": self.per_second(self.deliveries),
            "faults": self.faults.iter().map(fault).collect::<serde_json::Map<_, _>>(),
            "calls": self.sorts,
            "branches": self.branches,
            "failed": self.failed.iter().map(|(seed, it)| (seed.to_string(), json!(it))).collect::<serde_json::Map<_, _>>(),
        })
    }
}
