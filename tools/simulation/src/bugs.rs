//! Bugs planted on purpose, each in histories of its own, until the checker catches it.

mod table;

pub use table::{page, text, word};

use crate::guarded::run_guarded;
use crate::pool::{News, each, lock};
use crate::run::Plan;
use anyhow::Result;
use serde_json::{Value, json};
use shared::planted::{Asked, Bug};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Seeds that a planted bug is given at most.
pub const MOST: u64 = 2000;

/// How a bug was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// How many seeds it took, from 1 on.
    pub seeds: u64,
    /// The rule that the checker saw broken.
    pub rule: &'static str,
    /// What the checker said first.
    pub said: String,
}

/// What came of one bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// The bug.
    pub bug: Bug,
    /// How it was caught; none: it was not.
    pub caught: Option<Caught>,
}

/// What came of all of them.
#[derive(Clone, Debug)]
pub struct Hunts {
    /// In the order of [`Bug::ALL`].
    pub hunts: Vec<Hunt>,
    /// Seeds that each was given at most.
    pub most: u64,
}

/// What seeds come to without a bug, as far as anybody looked.
#[derive(Debug, Default)]
struct Clean(Mutex<BTreeMap<u64, Arc<OnceLock<Without>>>>);

/// A seed without a bug.
#[derive(Clone, Copy, Debug)]
struct Without {
    /// Whether it breaks nothing.
    is_clean: bool,
    /// The bugs whose place it comes to.
    asked: Asked,
}

impl Clean {
    /// Run once, whoever asks first. A world that can't be built counts as one that comes everywhere: the history with the
    /// bug tells why.
    fn of(&self, seed: u64) -> Without {
        let known = lock(&self.0).entry(seed).or_default().clone();
        *known.get_or_init(|| match run_guarded(&Plan::of(seed), None) {
            Ok(report) => Without {
                is_clean: report.breaches.is_empty(),
                asked: report.asked,
            },
            Err(_) => Without {
                is_clean: false,
                asked: Asked::everywhere(),
            },
        })
    }
}

/// Runs seeds 1, 2, … with each of these bugs until it is caught, bugs side by side, and tells each as it is done.
///
/// # Errors
/// When a world can't be built.
pub fn hunt(bugs: &[Bug], most: u64, jobs: usize, mut told: impl FnMut(&Hunt)) -> Result<Hunts> {
    let (next, clean) = (AtomicUsize::new(0), Clean::default());
    let supply = || bugs.get(next.fetch_add(1, Ordering::Relaxed)).map(|it| Named(*it));
    let mut done = Vec::new();
    let mut failed = None;
    each(
        jobs,
        supply,
        |bug| one(bug.0, most, &clean),
        |news| match news {
            News::Done(Ok(hunt)) => {
                told(&hunt);
                done.push(hunt);
            }
            News::Done(Err(error)) => failed = Some(error),
            News::Long(_) | News::Nothing => {}
        },
    )?;
    done.sort_by_key(|it: &Hunt| it.bug);
    failed.map_or(Ok(Hunts { hunts: done, most }), Err)
}

/// A bug that is shown by its name.
struct Named(Bug);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.name())
    }
}

/// A seed counts only if it breaks nothing without the bug. Where the bug's place is never come to, the history with it is
/// the one without it, line for line, and is not run again.
fn one(bug: Bug, most: u64, clean: &Clean) -> Result<Hunt> {
    for seed in 1..=most {
        let without = clean.of(seed);
        if !without.asked.contains(bug) {
            continue;
        }
        let report = run_guarded(&Plan::of(seed), Some(bug))?;
        let Some(first) = report.breaches.into_iter().next() else {
            continue;
        };
        if without.is_clean {
            let (rule, said) = (first.rule, first.what);
            let seeds = seed;
            return Ok(Hunt {
                bug,
                caught: Some(Caught { seeds, rule, said }),
            });
        }
    }
    Ok(Hunt { bug, caught: None })
}

impl Hunts {
    /// How many were caught.
    #[must_use]
    pub fn caught(&self) -> usize {
        self.hunts.iter().filter(|it| it.caught.is_some()).count()
    }

    /// Those that were not.
    #[must_use]
    pub fn missed(&self) -> Vec<Bug> {
        self.hunts
            .iter()
            .filter(|it| it.caught.is_none())
            .map(|it| it.bug)
            .collect()
    }

    /// How many seeds the one in the middle needed; one that was missed needed more than all.
    #[must_use]
    pub fn median(&self) -> u64 {
        let mut needed: Vec<u64> = self.hunts.iter().map(|it| self.needed(it)).collect();
        needed.sort_unstable();
        needed.get(needed.len() / 2).copied().unwrap_or(0)
    }

    /// The most seeds that one needed.
    #[must_use]
    pub fn worst(&self) -> u64 {
        self.hunts.iter().map(|it| self.needed(it)).max().unwrap_or(0)
    }

    fn needed(&self, hunt: &Hunt) -> u64 {
        hunt.caught.as_ref().map_or(self.most + 1, |it| it.seeds)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let hunt = |it: &Hunt| {
            json!({
                "bug": it.bug.name(),
                "fear": it.bug.fear(),
                "breaks": it.bug.rule(),
                "seeds": it.caught.as_ref().map(|it| it.seeds),
                "rule": it.caught.as_ref().map(|it| it.rule),
                "said": it.caught.as_ref().map(|it| &it.said),
            })
        };
        json!({
            "caught": self.caught(),
            "of": self.hunts.len(),
            "median": self.median(),
            "most": self.most,
            "bugs": self.hunts.iter().map(hunt).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunts(needed: &[Option<u64>]) -> Hunts {
        let caught = |seeds| Caught {
            seeds,
            rule: "nothing doubled",
            said: "two".to_owned(),
        };
        let hunt = |(bug, seeds): (&Bug, &Option<u64>)| Hunt {
            bug: *bug,
            caught: seeds.map(caught),
        };
        Hunts {
            hunts: Bug::ALL.iter().zip(needed).map(hunt).collect(),
            most: 50,
        }
    }

    #[test]
    fn a_missed_bug_counts_as_more_than_all_seeds() {
        let all = hunts(&[Some(3), None, Some(1)]);
        assert_eq!((all.caught(), all.median(), all.worst()), (2, 3, 51));
        assert_eq!(all.missed(), [Bug::ALL[1]]);
        let shown = text(&all);
        assert!(
            shown.contains("lease-for-batch") && shown.contains("not in 50"),
            "{shown}"
        );
    }
}
