//! The histories whose calls are harmed: the shortest ones, found by running seeds, that make each call between them.

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
    /// In the order in which sorts need them.
    pub baselines: Vec<Baseline>,
    /// Every sort of call that was met, and its baseline.
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
    Ok(choose(among, reports))
}

/// For each sort of call the shortest history that makes it: in fine weather, if there is one.
fn choose(among: Among, mut reports: BTreeMap<u64, Report>) -> Search {
    let mut best = BTreeMap::<String, (bool, u64, u64)>::new();
    for (place, report) in reports.iter().filter(|it| it.1.breaches.is_empty()) {
        let rank = (*place >= among.fine, report.called, *place);
        for sort in report.calls.keys() {
            let chosen = best.entry(sort.clone()).or_insert(rank);
            *chosen = rank.min(*chosen);
        }
    }
    let mut search = Search::default();
    let mut numbers = BTreeMap::new();
    for (sort, (is_rough, _, place)) in best {
        let number = *numbers.entry(place).or_insert_with(|| {
            let sorts = reports.remove(&place).map(|it| it.sorts).unwrap_or_default();
            let plan = plan(among, place);
            search.baselines.push(Baseline {
                plan,
                sorts,
                is_fine: !is_rough,
            });
            search.baselines.len() - 1
        });
        search.covered.insert(sort, number);
    }
    search
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
