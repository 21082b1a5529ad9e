//! The command line.

use clap::{Args, Parser, Subcommand};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// Runs the whole bundle in this process: HTTP API, queues, schedules, DynamoDB, and a twin of each outside system
/// that the environment does not configure.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo run --", version)]
pub struct Cli {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to serve.
    #[command(flatten)]
    pub serve: Serve,
    /// Shows what the functions log (RUST_LOG chooses more exactly).
    #[arg(long, global = true)]
    pub verbose: bool,
}

/// How to serve.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// Port of the HTTP API; 0 takes any.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Port of DynamoDB and SQS, for the AWS CLI and for `concord`; 0 takes any.
    #[arg(long, default_value_t = 4599)]
    pub aws_port: u16,
    /// Port of Zoho CRM's twin; the portal's and the back office's are the next two; 0 takes any.
    #[arg(long, default_value_t = 4600)]
    pub twin_port: u16,
    /// Keeps table and twins in this directory (queues are not kept); in memory without it.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Fires one schedule by its function's name (cron_portal_pull), waits until its work is done, prints what it
    /// did, and ends. Serves nothing.
    #[arg(long, value_name = "NAME")]
    pub tick: Option<String>,
    /// Shows the clock this many seconds ahead: as if the process had been down for so long.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide = true)]
    pub ahead: u32,
}

/// What to do instead of serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Sends 100 leads through the bundle and shows where they went; ends with 1 if the numbers don't add up.
    Demo(Demo),
    /// Kills the bundle under load again and again (kill -9) and counts what is lost or doubled; ends with 1 if
    /// anything is.
    CrashTest(CrashTest),
    /// Serves what a function needs that `sam local invoke` runs: table, queues, secrets and the twins. Runs no function
    /// itself.
    Sam(Sam),
}

/// The demonstration.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// How many leads.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(20..=2000))]
    pub leads: u32,
    /// Prints the result as JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// What functions need that SAM runs.
#[derive(Args, Clone, Debug)]
pub struct Sam {
    /// Where to write the functions' variables, for `sam local invoke --env-vars`.
    #[arg(long, value_name = "FILE", default_value = "target/sam.json")]
    pub variables: PathBuf,
    /// The address of this machine at which containers reach it: that of Docker's bridge on Linux.
    #[arg(long, value_name = "ADDRESS", default_value_t = BRIDGE)]
    pub listen: IpAddr,
}

/// Docker's own default for its bridge on Linux. Docker Desktop hands on to the loopback address.
pub const BRIDGE: IpAddr = if cfg!(target_os = "linux") {
    IpAddr::V4(Ipv4Addr::new(172, 17, 0, 1))
} else {
    IpAddr::V4(Ipv4Addr::LOCALHOST)
};

/// The crash test.
#[derive(Args, Clone, Debug)]
pub struct CrashTest {
    /// How often it is killed.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,
    /// How many leads are sent.
    #[arg(long, default_value_t = 240, value_parser = clap::value_parser!(u32).range(20..=5000))]
    pub leads: u32,
    /// Chooses the moments.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Prints the result as JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed_and_serves_by_default() {
        Cli::command().debug_assert();
        let cli = Cli::parse_from(["local"]);
        assert!(cli.command.is_none());
        let ports = (cli.serve.port, cli.serve.aws_port, cli.serve.twin_port);
        assert_eq!(ports, (3000, 4599, 4600));
    }

    #[test]
    fn a_word_that_means_nothing_is_refused() {
        for wrong in [
            vec!["local", "dmeo"],
            vec!["local", "--port", "x"],
            vec!["local", "demo", "--leads", "0"],
            vec!["local", "crash-test", "--leads", "1"],
        ] {
            assert!(Cli::try_parse_from(&wrong).is_err(), "{wrong:?}");
        }
    }
}
