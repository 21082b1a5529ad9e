//! AWS's own runtime interface emulator (it comes with the SAM CLI): what it reports as the time of the init phase.

use crate::around::{Around, Secrets};
use crate::process::{Process, Program};
use crate::quota::Quota;
use crate::stats::median;
use anyhow::{Result, bail};
use bytes::Bytes;
use http::Request;
use shared::systems::http::{Reqwest, Transport as _};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Between two looks at what it wrote.
const LOOK: Duration = Duration::from_millis(20);
/// So many looks at most: half a minute.
const LOOKS: usize = 1500;
/// A function is invoked here, whatever its name.
const INVOKE: &str = "2015-03-31/functions/function/invocations";

/// The emulator, and what it runs.
pub(crate) struct Emulator<'a> {
    /// Its binary.
    pub(crate) binary: &'a Path,
    /// The function's binary, or whatever is run in its place.
    pub(crate) program: &'a Program,
    /// Whose variables it has.
    pub(crate) function: &'a str,
    /// Where scripts and what it writes go.
    pub(crate) work: &'a Path,
}

impl Emulator<'_> {
    /// The median of so many init phases, in milliseconds. Under a quota it is the function that has it, not the emulator.
    ///
    /// # Errors
    /// When the emulator does not start, or reports no init within half a minute.
    pub(crate) async fn milliseconds(&self, around: &Around, runs: usize, quota: Option<&Quota>) -> Result<f64> {
        let bootstrap = self.bootstrap(quota)?;
        let mut times = Vec::new();
        for _ in 0..runs {
            times.push(self.once(around, &bootstrap).await?);
        }
        Ok(median(&mut times))
    }

    async fn once(&self, around: &Around, bootstrap: &Path) -> Result<f64> {
        let log = self.work.join("emulator.log");
        // What an earlier run wrote must not be read as this one's.
        drop(fs::remove_file(&log));
        let (door, api) = (free_address().await?, free_address().await?);
        let program: Program = vec![
            self.binary.into(),
            "--runtime-interface-emulator-address".into(),
            (&door).into(),
            "--runtime-api-address".into(),
            (&api).into(),
            bootstrap.into(),
        ];
        let variables = around.environment(self.function, &api, Secrets::Fetched)?;
        let mut emulator = Process::ready(&program, &variables, &log)?;
        emulator.go()?;
        answers(&door).await?;
        // It starts the function at the first event. What the function makes of that is not looked at.
        let event = Request::post(format!("http://{door}/{INVOKE}")).body(Bytes::from_static(b"{}"))?;
        let call = tokio::spawn(Reqwest::new()?.send(event));
        let told = reported(&log).await;
        call.abort();
        // Asked to end it takes the function along.
        emulator.end()?;
        told
    }

    /// What the emulator runs: a script that joins the control group, if there is one, and becomes the program.
    fn bootstrap(&self, quota: Option<&Quota>) -> Result<PathBuf> {
        let path = self.work.join("bootstrap");
        let join = quota.map_or(String::new(), |it| format!("echo $$ > {}\n", it.door().display()));
        let words: Vec<String> = self
            .program
            .iter()
            .map(|it| format!("'{}'", it.to_string_lossy()))
            .collect();
        fs::write(&path, format!("#!/bin/sh\n{join}exec {}\n", words.join(" ")))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }
}

async fn free_address() -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(listener.local_addr()?.to_string())
}

async fn answers(door: &str) -> Result<()> {
    for _ in 0..LOOKS {
        if TcpStream::connect(door).await.is_ok() {
            return Ok(());
        }
        sleep(LOOK).await;
    }
    bail!("the runtime interface emulator does not answer")
}

async fn reported(log: &Path) -> Result<f64> {
    for _ in 0..LOOKS {
        if let Some(time) = init(&fs::read_to_string(log)?) {
            return Ok(time);
        }
        sleep(LOOK).await;
    }
    bail!("the runtime interface emulator reports no init: see {}", log.display())
}

/// The time of the init phase in what the emulator wrote. (The `Init Duration` of its last line is something else.)
fn init(log: &str) -> Option<f64> {
    let (_, rest) = log.split_once("INIT REPORT(durationMs: ")?;
    rest.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_init_phase_is_read() {
        let log =
            "INIT RTDONE(status: success)\n (rapid) INIT REPORT(durationMs: 9.063000)\nEND\nInit Duration: 0.06 ms";
        assert_eq!(init(log), Some(9.063));
        assert_eq!(init("INIT START"), None);
    }
}
