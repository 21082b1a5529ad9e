//! `cargo run -p simulation`: exit code 1 when anything was broken. `-- --help` says the rest.

use clap::Parser as _;
use simulation::command;
use simulation::options::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
