//! What each function weighs and how quick it is, beside the same work in Node.js: docs/performance.md.
//!
//! Run it by `tools/measure/run`, which builds what is measured.

#![forbid(unsafe_code)]

mod api;
mod around;
mod billing;
mod count;
mod events;
mod figures;
mod handshake;
mod page;
mod process;
mod quota;
mod rie;
mod start;
mod stats;
mod table;
mod work;

use anyhow::{Context as _, Result};
use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measures the functions' binaries.
#[derive(Debug, Parser)]
struct Options {
    /// Only this function; may be given again.
    #[arg(long, value_name = "NAME")]
    function: Vec<String>,
    /// Only sizes and instructions: what does not depend on who else uses the machine.
    #[arg(long)]
    counts: bool,
    /// Prints JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Writes the tables into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// How often each start is timed.
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// How often each start under AWS's emulator is timed.
    #[arg(long, default_value_t = 5)]
    emulator_runs: usize,
    /// After how many events the memory is read.
    #[arg(long, default_value_t = 1000)]
    events: usize,
    /// Where the functions were built.
    #[arg(long, default_value = "target/lambda")]
    binaries: PathBuf,
    /// Zips, the Node.js function, certificates, and what is written on the way.
    #[arg(long, default_value = "target/measure")]
    work: PathBuf,
    /// AWS's runtime interface emulator; without it its columns stay empty.
    #[arg(long)]
    emulator: Option<PathBuf>,
    /// Makes two TLS handshakes with these certificates, prints their times, and ends.
    #[arg(long, hide = true)]
    handshake: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            told(&format!("measure: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    if let Some(certificates) = &options.handshake {
        return say(&serde_json::to_string(&handshake::twice(certificates)?)?);
    }
    let report = work::report(options).await?;
    let tables = table::markdown(&report);
    if options.write {
        page::write("docs/performance.md".as_ref(), &tables)?;
    }
    match options.json {
        true => say(&serde_json::to_string_pretty(&report)?),
        false => say(&tables),
    }
}

fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("write to standard output")
}

/// A line for people.
#[expect(clippy::print_stderr, reason = "who waits is told how far it is")]
fn told(line: &str) {
    eprintln!("{line}");
}
