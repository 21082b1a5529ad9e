//! `cargo run`: the bundle for people, and what it can show of itself.

pub mod banner;
pub mod data;
pub mod engine;
pub mod keys;
pub mod logs;
pub mod options;
mod poller;
pub mod sam;
pub mod sent;
pub mod serve;
pub mod settings;
pub mod table;
pub mod tick;

use anyhow::{Context as _, Result};
use options::{Cli, Command};
use std::io::Write as _;

/// Does what the command line says; `false` if what was to be shown does not hold.
///
/// # Errors
/// In one line, for people.
pub async fn run(cli: Cli) -> Result<bool> {
    // What is shown ends with what went wrong: warnings on the way would only tear the bars.
    let level = if cli.command.is_some() { "error" } else { "warn" };
    logs::show(cli.verbose, level);
    match cli.command {
        None => serve::serve(&cli.serve).await.map(|()| true),
        Some(Command::Demo(options)) => crate::demo::demo(&options).await,
        Some(Command::CrashTest(options)) => crate::crash::crash_test(&options).await,
        Some(Command::Sam(options)) => sam::sam(&options).await.map(|()| true),
    }
}

/// Puts a text on standard output at once.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("write to standard output")
}
