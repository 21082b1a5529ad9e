//! `cargo run -- crash-test`: the bundle with `--data`, killed under load (kill -9) at moments that a seed chooses.
//!
//! A restart is sometimes at once and sometimes ten minutes later by the process's own clock: leases are then over and
//! what waits is due, without waiting for real. At the end each lead that was answered must be there once, everywhere.

mod child;
mod count;
mod load;

use crate::demo::leads::leads;
use crate::demo::progress::Progress;
use crate::run::options::CrashTest;
use crate::run::say;
use crate::run::sent::{self, Lead};
use crate::template::{Options as TemplateOptions, Template};
use crate::world::TEMPLATE;
use anyhow::{Context as _, Result, bail};
use child::Child;
use count::Report;
use load::Load;
use serde_json::json;
use shared::clock::Clock;
use shared::random::Random;
use shared::systems::http::Reqwest;
use std::path::PathBuf;
use std::time::Duration;

/// No kill comes sooner after a start than this …
const SOONEST: Duration = Duration::from_millis(150);
/// … nor later than this after it: a batch for Zoho CRM fills for two seconds.
const LATEST: Duration = Duration::from_millis(3200);
/// How much later a late restart is, in seconds: longer than a lease, a settle delay and the sweep's own pause.
const LATER: u32 = 600;
/// How long the end may take after each restart, and how many restarts it may take.
const SETTLES: Duration = Duration::from_secs(8);
const RESTARTS: u32 = 4;
const LOOK: Duration = Duration::from_millis(100);

/// What all rounds share.
#[derive(Debug)]
struct Plan {
    dir: PathBuf,
    program: PathBuf,
    table: String,
    network: Reqwest,
    random: Random,
}

/// Runs the test and prints its result; `false` if anything is lost, doubled or left open.
///
/// # Errors
/// When the bundle can't be started or asked.
pub async fn crash_test(options: &CrashTest) -> Result<bool> {
    let begun = Clock::system().now();
    let plan = plan(options.seed)?;
    let rows = leads(usize::try_from(options.leads.max(1))?, begun);
    let leads: Vec<Lead> = rows.into_iter().map(|it| it.1).collect();
    let progress = Progress::new(&["kills", "answered"], leads.len(), options.json);
    progress.length(0, usize::try_from(options.rounds)?);

    let load = Load::default();
    let (mut ahead, mut left_open) = (0, 0);
    let share = leads.len().div_ceil(usize::try_from(options.rounds.max(1))?);
    let mut shares = leads.chunks(share);
    for round in 0..options.rounds {
        load.add(shares.next().unwrap_or_default());
        left_open += kill_once(&plan, &load, ahead).await?;
        progress.set(0, usize::try_from(round)? + 1);
        progress.set(1, load.answered());
        ahead += LATER * u32::from(plan.random.next().is_multiple_of(2));
    }
    shares.for_each(|rest| load.add(rest));
    ahead = settle(&plan, &load, leads.len(), ahead + LATER).await?;
    progress.end();

    let (places, not_synced) = count::count(&plan, &leads, ahead).await?;
    let report = Report {
        seed: options.seed,
        kills: options.rounds,
        seconds: Clock::system().now().duration_since(begun).as_secs_f64(),
        leads: load.answered(),
        people: sent::people(&leads).len(),
        cut_off: load.cut_off(),
        left_open,
        not_synced,
        places,
    };
    end(&plan, &report, options.json)
}

fn plan(seed: u64) -> Result<Plan> {
    let name = format!("concord-crash-test-{}", std::process::id());
    let dir = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&dir).with_context(|| format!("make {}", dir.display()))?;
    let template = Template::parse(TEMPLATE, &TemplateOptions::default())?;
    let table = template.table.context("the template has no table")?;
    Ok(Plan {
        dir,
        program: std::env::current_exe().context("find this program")?,
        table: table.name,
        network: Reqwest::new()?,
        random: Random::seeded(seed),
    })
}

/// One round: start, load, kill. How many links the kill before had left open.
async fn kill_once(plan: &Plan, load: &Load, ahead: u32) -> Result<usize> {
    let life = SOONEST + plan.random.up_to(LATEST - SOONEST);
    let child = Child::start(plan, ahead).await?;
    let open = child.open(&plan.table).await?;
    let under_load = async {
        load.send(plan, &child).await?;
        std::future::pending::<Result<()>>().await
    };
    tokio::select! {
        sent = under_load => sent?,
        () = tokio::time::sleep(life) => {}
    }
    child.kill()?;
    Ok(open)
}

/// Sends the rest and lets everything come to an end; answers how far ahead the clock is by then.
async fn settle(plan: &Plan, load: &Load, leads: usize, mut ahead: u32) -> Result<u32> {
    for _ in 0..RESTARTS {
        let child = Child::start(plan, ahead).await?;
        load.send(plan, &child).await?;
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < SETTLES {
            if load.answered() == leads && child.open(&plan.table).await? == 0 {
                child.kill()?;
                return Ok(ahead);
            }
            tokio::time::sleep(LOOK).await;
        }
        child.kill()?;
        ahead += LATER;
    }
    if load.answered() < leads {
        bail!(
            "{} of {leads} leads were never answered; see {}",
            leads - load.answered(),
            plan.dir.display()
        );
    }
    // What is still open is counted and shown.
    Ok(ahead)
}

/// Prints the result; the data stays for a look if it is bad.
fn end(plan: &Plan, report: &Report, as_json: bool) -> Result<bool> {
    let holds = report.holds();
    if as_json {
        say(&format!(
            "{}\n",
            json!({ "holds": holds, "verdict": report.verdict(), "report": report })
        ))?;
    } else {
        say(&report.text())?;
    }
    if holds {
        std::fs::remove_dir_all(&plan.dir).with_context(|| format!("remove {}", plan.dir.display()))?;
    } else {
        eprintln!("the data is in {}", plan.dir.display());
    }
    Ok(holds)
}
