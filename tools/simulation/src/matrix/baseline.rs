//! The histories whose calls are harmed: found by running seeds and keeping those that make calls not seen before.

use crate::guarded::run_guarded;
use crate::pool::{News, each};
use crate::run::{Plan, Report};
use crate::weather::Weather;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// A history whose calls are harmed.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// What it is about.
    pub plan: Plan,
    /// What each of its calls is, by number.
    pub sorts: Vec<String>,
    is_fine: bool,
}

/// The baselines that were found.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Those in fine weather first.
    pub baselines: Vec<Baseline>,
    /// Every sort of call that occurs in them, and the first baseline that has it.
    pub covered: BTreeMap<String, usize>,
}

/// Seeds to look through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Among {
    /// In fine weather: from 1 on.
    pub fine: u64,
    /// In the weather that is theirs, for the calls that only trouble brings about: from 1 on.
    pub rough: u64,
}

/// Enough for all calls that are not one in hundreds of histories.
pub const AMONG: Among = Among { fine: 60, rough: 300 };

/// The call itself, whichever function makes it: `GetItem lead/link` of `cron_sweep GetItem lead/link`.
#[must_use]
pub fn call_site(sort: &str) -> &str {
    sort.split_once(' ').map_or(sort, |it| it.1)
}

/// Looks for baselines; the same ones whatever the number of threads. Those that break something by themselves are none.
///
/// # Errors
/// When a world can't be built.
pub fn search(among: Among, jobs: usize, mut told: impl FnMut()) -> Result<Search> {
    let next = AtomicU64::new(0);
    let supply = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|it| *it < among.fine + among.rough);
    let mut reports = BTreeMap::new();
    let mut failed = None;
    each(
        jobs,
        supply,
        |place| Ok((place, run_guarded(&plan(among, place), None)?)),
        |news| match news {
            News::Done(Ok((place, report))) => {
                told();
                reports.insert(place, report);
            }
            News::Done(Err(error)) => failed = Some(error),
            News::Long(_) | News::Nothing => {}
        },
    )?;
    if let Some(error) = failed {
        return Err(error);
    }
    let mut search = Search::default();
    for (place, report) in reports {
        search.take(plan(among, place), place < among.fine, report);
    }
    Ok(search)
}

fn plan(among: Among, place: u64) -> Plan {
    if place >= among.fine {
        return Plan::of(place - among.fine + 1);
    }
    let mut plan = Plan::of(place + 1);
    plan.weather = Weather::fine();
    plan
}

impl Search {
    fn take(&mut self, plan: Plan, is_fine: bool, report: Report) {
        let is_new = report.calls.keys().any(|it| !self.covered.contains_key(it));
        if !is_new || !report.breaches.is_empty() {
            return;
        }
        for sort in report.calls.keys() {
            self.covered.entry(sort.clone()).or_insert(self.baselines.len());
        }
        self.baselines.push(Baseline {
            plan,
            sorts: report.sorts,
            is_fine,
        });
    }

    /// Whether some function of these makes this call.
    #[must_use]
    pub fn has_call_site(&self, sort: &str) -> bool {
        self.covered.keys().any(|it| call_site(it) == call_site(sort))
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weather = if self.is_fine {
            "fine weather"
        } else {
            "its own weather"
        };
        write!(f, "seed {} in {weather}", self.plan.seed)
    }
}
