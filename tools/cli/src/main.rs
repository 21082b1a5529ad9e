//! `concord`: one line on standard error and exit code 1 when something is wrong.

use clap::Parser as _;
use concord::{Cli, bars, connect, run};
use std::io::Write as _;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match work(&cli).await {
        Ok(text) => {
            // A reader that went away (`| head`) is no failure.
            let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let line = format!("{error:#}").replace('\n', "; ");
            let _ = writeln!(std::io::stderr(), "concord: {line}");
            ExitCode::FAILURE
        }
    }
}

async fn work(cli: &Cli) -> anyhow::Result<String> {
    let app = connect::connect(&shared::config::environment).await?;
    let mut bars = bars::Bars::new(cli.json);
    run(&app, cli, &mut bars).await
}
