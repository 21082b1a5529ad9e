//! The simulation holds, replays, catches what is planted, and harms every call.

use shared::planted::Bug;
use simulation::bugs::{self, hunt};
use simulation::fleet::{Bar, Fleet, Length, Summary, text};
use simulation::guarded::run_guarded;
use simulation::matrix::{self, Among, Calls, call_site, search};
use simulation::run::{Plan, run};
use simulation::shrink::shrink;
use simulation::weather::Fault;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Seeds that must break nothing.
const SEEDS: u64 = 150;
/// Seeds among which the matrix finds its baselines: fewer than make calls in the end, so that one too many is seen.
const AMONG: Among = Among { fine: 40, rough: 100 };
/// Seeds among which a planted bug must be caught.
const MOST: u64 = 1_000;

fn jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What the first seeds come to; run once for all tests.
#[expect(clippy::unwrap_used, reason = "a world that can't be built fails the test that asks")]
fn summary() -> &'static Summary {
    static SUMMARY: OnceLock<Summary> = OnceLock::new();
    let fleet = Fleet {
        from: 1,
        length: Length::Seeds(SEEDS),
        jobs: jobs(),
        bug: None,
    };
    SUMMARY.get_or_init(|| fleet.run(&Bar::hidden()).unwrap())
}

#[test]
fn a_few_hundred_seeds_break_nothing() {
    let summary = summary();
    println!("{}", text(summary));
    assert!(summary.failed.is_empty(), "{:#?}", summary.failed);
    let never: Vec<&str> = summary
        .faults
        .iter()
        .filter(|it| it.1.times == 0)
        .map(|it| it.0.told())
        .collect();
    // Every read asks for consistency, but for planted ones: nothing is left that could be stale.
    assert_eq!(never, [Fault::StaleRead.told()], "faults that never happen");
}

#[test]
fn a_seed_replays_line_for_line() {
    for seed in [3, 4, 5] {
        let mut plan = Plan::of(seed);
        let hashed = run(&plan).unwrap();
        plan.manner.keep_log = true;
        let (first, second) = (run(&plan).unwrap(), run(&plan).unwrap());
        assert_eq!(first.lines, second.lines, "seed {seed}");
        assert_eq!((first.trace, hashed.trace), (second.trace, second.trace), "seed {seed}");
        assert!(first.lines.len() > 50 && hashed.lines.is_empty());
    }
}

#[test]
fn every_planted_bug_is_caught() {
    let hunts = hunt(Bug::ALL, MOST, jobs(), |_| {}).unwrap();
    println!("{}", bugs::text(&hunts));
    assert_eq!(hunts.missed(), []);
    assert!(hunts.hunts.len() >= 25 && hunts.median() <= 100, "{}", hunts.median());
}

#[test]
fn a_failing_seed_is_shrunk_and_still_fails_in_the_same_way() {
    let bug = Bug::AcceptWithoutOpening;
    let fails = |seed: &u64| !run_guarded(&Plan::of(*seed), Some(bug)).unwrap().breaches.is_empty();
    let seed = (1..=SEEDS).find(fails).unwrap();
    let plan = Plan::of(seed);
    let before = run_guarded(&plan, Some(bug)).unwrap();
    let shrunk = shrink(&plan, Some(bug), &mut |_| {}).unwrap().unwrap();
    assert_eq!(shrunk.rule, before.breaches[0].rule);
    let again = run_guarded(&shrunk.plan, Some(bug)).unwrap();
    assert!(again.breaches.iter().any(|it| it.rule == shrunk.rule));
    assert_eq!(again.trace, shrunk.report.trace);
    assert!(shrunk.plan.without.len() > before.steps / 2, "{:?}", shrunk.plan);
    assert!(shrunk.report.called < before.called);
}

#[test]
fn every_call_survives_death_and_a_lost_answer() {
    let search = search(AMONG, jobs(), || {}).unwrap();
    let matrix = matrix::run(&search, Calls::OfCode, jobs(), |_| {}).unwrap();
    println!("{}", matrix::text(&matrix));
    assert!(matrix.broken.is_empty(), "{:#?}", matrix.broken);
    let uncovered: BTreeSet<&str> = summary()
        .sorts
        .keys()
        .filter(|it| !search.has_call_site(it))
        .map(|it| call_site(it))
        .collect();
    assert_eq!(uncovered, BTreeSet::new(), "calls that no baseline of the matrix makes");
}
