//! One history from beginning to end: people and faults, then no more faults until all is quiet, then the checker.

use crate::billing::BillingFlow;
use crate::chance::Chance;
use crate::check::{Breach, check, check_acknowledged};
use crate::desk::DeskFlow;
use crate::driver::Driver;
use crate::flow::{Flow, Step};
use crate::leads::Leads;
use crate::sim::{Manner, Sim};
use crate::weather::{Fault, Weather};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::planted::Asked;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What a seed is about, before it is run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// When it begins.
    pub start: Timestamp,
    /// How long the hostile stretch is.
    pub span: Duration,
    /// The conditions.
    pub weather: Weather,
    /// How it is run.
    pub manner: Manner,
    /// Steps that are left out, by their place.
    pub without: BTreeSet<usize>,
}

/// What came of a history.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What was broken.
    pub breaches: Vec<Breach>,
    /// The hash of the timeline: the same for each run of the same seed.
    pub trace: u64,
    /// The timeline, if it was kept.
    pub lines: Vec<String>,
    /// Events handed to functions.
    pub deliveries: u64,
    /// Faults that happened.
    pub faults: BTreeMap<Fault, u64>,
    /// How many faults would have happened.
    pub fired: u64,
    /// External calls by function and operation.
    pub calls: BTreeMap<String, u64>,
    /// What each external call was, by its number; as many as `called`.
    pub sorts: Vec<String>,
    /// How many external calls there were.
    pub called: u64,
    /// What was seen of the code's ways.
    pub branches: BTreeSet<String>,
    /// How many steps the plan had.
    pub steps: usize,
    /// The bugs whose place in the code it came to.
    pub asked: Asked,
}

/// A day on which schedules fire while people are at work, or not.
const STARTS: [&str; 4] = [
    "2026-11-20T09:58:30Z",
    "2026-11-20T10:20:00Z",
    "2026-03-29T00:58:00Z",
    "2026-11-21T00:57:20Z",
];
/// All that was accepted ends within this, once the faults have stopped.
const PATIENCE: SignedDuration = SignedDuration::from_hours(8);
/// The recount runs once in twenty hours.
const NIGHT: Duration = Duration::from_secs(21 * 3600);

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let chance = Chance::new(seed, "plan");
        Self {
            seed,
            start: chance.pick(&STARTS).parse().unwrap_or_default(),
            span: chance.time(Duration::from_secs(60), Duration::from_secs(240)),
            weather: Weather::draw(&chance),
            manner: Manner::default(),
            without: BTreeSet::new(),
        }
    }
}

/// The flows of the world.
#[must_use]
pub fn flows() -> Vec<Box<dyn Flow>> {
    vec![
        Box::new(Leads::new(4)),
        Box::new(DeskFlow::default()),
        Box::new(BillingFlow::default()),
    ]
}

/// Runs a history on a runtime of its own, whose clock moves only when nothing is left to do.
///
/// # Errors
/// When the world can't be built.
pub fn run(plan: &Plan) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(history(plan))
}

async fn history(plan: &Plan) -> Result<Report> {
    let sim = Sim::new(
        plan.seed,
        plan.start,
        plan.weather.clone(),
        flows(),
        plan.manner.clone(),
    )?;
    let steps = steps(&sim, plan);
    for flow in &sim.flows {
        flow.prepare(sim.clone()).await;
    }
    let count = steps.len();
    let kept = steps.into_iter().enumerate().filter(|it| !plan.without.contains(&it.0));
    let mut driver = Driver::new(&sim, kept.map(|it| it.1).collect())?;
    sim.set_hostile(true);
    driver.run(plan.span).await;
    sim.set_hostile(false);
    let breaches = to_the_end(&sim, &mut driver).await;
    sim.let_go();
    Ok(report(&sim, plan, count, breaches))
}

fn steps(sim: &Sim, plan: &Plan) -> Vec<Step> {
    let mut steps = Vec::new();
    for flow in &sim.flows {
        let chance = Chance::new(plan.seed, flow.name());
        steps.extend(flow.steps(&chance, plan.span));
        steps.extend(flow.troubles(&chance, plan.weather.troubles, plan.span));
    }
    steps
}

/// The rest of a history: quiet by itself, then what the pulls bring, then a night, then an hour in which nothing stirs.
async fn to_the_end(sim: &Sim, driver: &mut Driver) -> Vec<Breach> {
    converge(sim, driver).await;
    let mut breaches = check_acknowledged(sim);
    for _ in 0..2 {
        let known = records_written(sim);
        pulls(sim, driver).await;
        if records_written(sim) == known {
            break;
        }
    }
    tokio::time::sleep(NIGHT).await;
    driver.tick("cron_renew");
    converge(sim, driver).await;
    sim.line("world", "the quiet hour begins");
    sim.history().quiet_from_ms = Some(sim.now_ms());
    tokio::time::sleep(Duration::from_secs(1800)).await;
    pulls(sim, driver).await;
    breaches.extend(check(sim));
    breaches
}

/// How often a record was written: what a pull brings makes one more.
fn records_written(sim: &Sim) -> usize {
    let history = sim.history();
    history.table.changes.iter().filter(|it| it.key.1 == "record").count()
}

async fn pulls(sim: &Sim, driver: &mut Driver) {
    for function in sim.flows.iter().flat_map(|it| it.pulls()) {
        driver.tick(function);
    }
    converge(sim, driver).await;
}

/// Without faults, until nothing is open. The sweep fires at the first full minute at which something is due.
async fn converge(sim: &Sim, driver: &mut Driver) {
    let give_up = sim.world.clock.now() + PATIENCE;
    loop {
        driver.settle(Duration::from_secs(3600)).await;
        let Some(due) = first_due(sim) else { return };
        if driver.runs_away() {
            return;
        }
        if sim.world.clock.now() > give_up {
            return sim.line("world", "something is still open");
        }
        let at = due.max(sim.now_ms());
        let minute = (at / 60_000 + 1) * 60_000;
        tokio::time::sleep(Duration::from_millis(u64::try_from(minute - sim.now_ms()).unwrap_or(0))).await;
        driver.tick("cron_sweep");
    }
}

/// When the first open item is due, and its system may be called; none: nothing is open.
fn first_due(sim: &Sim) -> Option<i64> {
    let history = sim.history();
    let open = history.table.now().filter_map(|(_, item)| {
        let system = item["due_pk"]["S"].as_str()?.strip_suffix("#open")?;
        let at: i64 = item["due_sk"]["S"].as_str()?.split('#').nth(1)?.parse().ok()?;
        let budget = history.table.get(&(format!("budget#{system}"), "budget".to_owned()));
        let until = |it: &Value| crate::table::content(it)["open_until_ms"].as_i64();
        Some(at.max(budget.and_then(|it| until(it)).unwrap_or(0)))
    });
    open.min()
}

fn report(sim: &Sim, plan: &Plan, steps: usize, breaches: Vec<Breach>) -> Report {
    let history = sim.history();
    Report {
        seed: plan.seed,
        breaches,
        trace: history.log.hash(),
        lines: history.log.lines().to_vec(),
        deliveries: history.deliveries,
        faults: history.faults.clone(),
        fired: sim.fired(),
        calls: history.calls.clone(),
        sorts: history.sorts.clone(),
        called: sim.called(),
        branches: history.branches.clone(),
        steps,
        asked: Asked::take(),
    }
}
