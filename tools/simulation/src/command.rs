//! What the command line asks for.

use crate::bugs;
use crate::fleet::{self, Bar, Fleet, Length};
use crate::guarded::run_guarded;
use crate::matrix::{self, AMONG, Calls};
use crate::options::Options;
use crate::page;
use crate::run::{Plan, Report};
use crate::shrink::shrink;
use anyhow::Result;
use serde_json::Value;
use shared::planted::Bug;
use shared::random::Random;
use std::io::Write as _;
use std::time::Duration;

/// Without a choice.
const SEEDS: u64 = 200;

/// Does it; false if anything was broken.
///
/// # Errors
/// When a world can't be built, or a page can't be written.
pub fn run(options: &Options) -> Result<bool> {
    match options.seed {
        Some(seed) => one(options, seed),
        None if options.bugs => planted(options),
        None if options.matrix => harmed(options),
        None => many(options),
    }
}

/// A line to standard output. A reader that went away (`| head`) is no failure.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn one(options: &Options, seed: u64) -> Result<bool> {
    let mut plan = Plan::of(seed);
    plan.manner.keep_log = true;
    let report = run_guarded(&plan, options.bug)?;
    say(&format!(
        "seed {seed}, {} for {:?}, {:?}",
        plan.start, plan.span, plan.weather
    ));
    tell(&report);
    if !report.breaches.is_empty() && !options.no_shrink {
        shorter(options, seed)?;
    }
    Ok(report.breaches.is_empty())
}

/// Shrinks a seed that breaks something, and shows what is left of it.
fn shorter(options: &Options, seed: u64) -> Result<()> {
    let bar = Bar::things(0, "", options.json);
    bar.line(&format!("shrinking seed {seed}"));
    let Some(shrunk) = shrink(&Plan::of(seed), options.bug, &mut |stage| bar.line(stage))? else {
        return Ok(());
    };
    say(&format!(
        "\nthe shortest history of seed {seed} in which \"{}\" is broken:",
        shrunk.rule
    ));
    tell(&shrunk.report);
    say("\nwhat is left of its causes:");
    for cause in shrunk.left() {
        say(&cause);
    }
    Ok(())
}

/// The timeline, what was broken, and the trace hash.
fn tell(report: &Report) {
    for line in &report.lines {
        say(line);
    }
    for breach in &report.breaches {
        say(&format!("broken: {breach}"));
    }
    say(&format!("seed {} trace {:016x}", report.seed, report.trace));
}

fn planted(options: &Options) -> Result<bool> {
    let chosen = options.bug.map_or_else(|| Bug::ALL.to_vec(), |it| vec![it]);
    let bar = Bar::things(chosen.len(), "bugs", options.json);
    let hunts = bugs::hunt(&chosen, options.most, options.jobs(), |hunt| {
        bar.more();
        let seen = hunt.caught.as_ref();
        let seen = seen.map_or("not caught".to_owned(), |it| {
            format!("seed {}: {}: {}", it.seeds, it.rule, it.said)
        });
        bar.line(&format!("{}: {seen}", hunt.bug.name()));
    })?;
    bar.end();
    show(options, &hunts.json(), &bugs::text(&hunts))?;
    note(options, "bugs", || bugs::page(&hunts))?;
    Ok(hunts.missed().is_empty())
}

fn harmed(options: &Options) -> Result<bool> {
    let bar = Bar::things(
        usize::try_from(AMONG.fine + AMONG.rough)?,
        "seeds looked through",
        options.json,
    );
    let search = matrix::search(AMONG, options.jobs(), || bar.more())?;
    bar.end();
    let bar = Bar::things(
        matrix::cells(&search, Calls::OfFunctions).len(),
        "calls harmed",
        options.json,
    );
    let matrix = matrix::run(&search, Calls::OfFunctions, options.jobs(), |broken| {
        bar.more();
        if let Some(broken) = broken {
            bar.line(&format!("{}: {}", broken.cell, broken.breaches.join("; ")));
        }
    })?;
    bar.end();
    show(options, &matrix.json(), &matrix::text(&matrix))?;
    note(options, "matrix", || matrix::page(&matrix))?;
    Ok(matrix.broken.is_empty())
}

/// Writes a part of docs/simulation.md, if that is wanted.
fn note(options: &Options, part: &str, text: impl FnOnce() -> String) -> Result<()> {
    match options.write {
        true => page::write(part, &text()),
        false => Ok(()),
    }
}

/// For a program or for people.
fn show(options: &Options, json: &Value, text: &str) -> Result<()> {
    match options.json {
        true => say(&serde_json::to_string_pretty(json)?),
        false => say(text),
    }
    Ok(())
}

fn many(options: &Options) -> Result<bool> {
    let length = match options.minutes {
        Some(minutes) => Length::Time(Duration::from_secs_f64(minutes.clamp(0.0, 10_000.0) * 60.0)),
        None => Length::Seeds(options.seeds.unwrap_or(SEEDS)),
    };
    let fleet = Fleet {
        // Small enough to be read out.
        from: options.from.unwrap_or_else(|| Random::system().next() >> 32),
        length,
        jobs: options.jobs(),
        bug: options.bug,
    };
    let bar = Bar::new(length, options.json);
    bar.line(&format!("seeds from {} on, {} threads", fleet.from, fleet.jobs));
    let summary = fleet.run(&bar)?;
    show(options, &summary.json(), &fleet::text(&summary))?;
    note(options, "figures", || fleet::page(&summary))?;
    let Some(seed) = summary.failed.keys().next() else {
        return Ok(true);
    };
    if !options.no_shrink && !options.json {
        shorter(options, *seed)?;
    }
    Ok(false)
}
