//! The real `template.yaml`, deployed to an emulated AWS on this machine, and each flow through it from end to end.
//!
//! MiniStack runs the functions' own binaries over the real Runtime API, with their roles enforced; the outside systems
//! are the twins. Run it by `tests/deployed/run`.

mod account;
mod checks;
mod container;
mod door;
mod emulator;
mod outside;
mod stage;

use account::Account;
use anyhow::{Context as _, Result};
use clap::Parser;
use emulator::Emulator;
use outside::Outside;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Deploys the template to an emulated AWS and drives it.
#[derive(Debug, Parser)]
struct Options {
    /// Where `sam`, `ministack` and Python are.
    #[arg(long, default_value = ".venv/bin")]
    tools: PathBuf,
    /// Where the functions' binaries are.
    #[arg(long, default_value = "target/debug")]
    binaries: PathBuf,
    /// Where the emulator's log and what is deployed go.
    #[arg(long, default_value = "target/deployed")]
    work: PathBuf,
    /// Instead runs each function with its event in a container, by `sam local invoke`.
    #[arg(long)]
    containers: bool,
    /// The container's base image is on this machine and need not be pulled.
    #[arg(long, requires = "containers")]
    image_is_here: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            told(&format!("deployed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    let begun = Instant::now();
    let step = |what: &str| told(&format!("{:6.1} s  {what}", begun.elapsed().as_secs_f64()));
    if options.containers {
        return container::all(options, &step).await;
    }
    emulated(options, &step).await
}

async fn emulated(options: &Options, step: &(impl Fn(&str) + Sync)) -> Result<()> {
    let template = stage::stage(&options.binaries, &options.work).context("stage the functions")?;
    step("functions staged");
    let outside = Outside::open().await?;
    let emulator = Emulator::start(&options.tools, &options.work).await?;
    step("emulator started, roles enforced");
    let account = Account::deploy(&emulator, options, &template, &outside).await?;
    step(&format!(
        "template deployed: {} functions, {} queues, {} routes",
        account.stack.functions.len(),
        account.stack.queues.len(),
        account.stack.routes
    ));
    let door = door::Door::new(&emulator, &account)?;
    let calls = tokio::spawn(outside.clone().call_back(door.clone()));
    let keys = [account.key("leads").await?, account.key("billing").await?];
    let result = checks::all(&door, &account, &outside, [&keys[0], &keys[1]], step).await;
    calls.abort();
    emulator.stop().await;
    result.with_context(|| format!("see {}", options.work.join("emulator.log").display()))
}

/// A line for people.
#[expect(clippy::print_stderr, reason = "a test that is run by hand tells how far it is")]
fn told(line: &str) {
    eprintln!("{line}");
}
