//! One process under measurement. It is held at a gate until it is told to go, so that nobody's start-up but its own counts.

use anyhow::{Context as _, Result, ensure};
use shared::config::environment;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Reads a line, and becomes the program.
const GATE: &str = "read -r _ && exec \"$@\"";

/// A program with its arguments.
pub(crate) type Program = Vec<OsString>;

/// A process. It ends with this value.
pub(crate) struct Process(Child);

impl Process {
    /// A process at its gate, with these variables and no others but `PATH`. What it writes goes to `log`.
    ///
    /// # Errors
    /// When it can't be started.
    pub(crate) fn ready(program: &Program, variables: &BTreeMap<String, String>, log: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let child = Command::new("/bin/sh")
            .args(["-c", GATE, "gate"])
            .args(program)
            .env_clear()
            .env("PATH", environment("PATH").unwrap_or_default())
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn();
        Ok(Self(child.context("start a process")?))
    }

    /// Its id, which stays the same behind the gate.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Opens the gate; the moment at which it was opened.
    ///
    /// # Errors
    /// When the process is gone.
    pub(crate) fn go(&mut self) -> Result<Instant> {
        let mut gate = self.0.stdin.take().context("the gate is open")?;
        let begun = Instant::now();
        gate.write_all(b"\n")?;
        Ok(begun)
    }

    /// The most memory that it held so far, in kB.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn peak(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).context("the process is gone")?;
        peak(&status).context("the system tells no VmHWM")
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    /// When it can't be asked.
    pub(crate) fn end(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.id().to_string()]).status()?;
        ensure!(asked.success(), "the process is gone");
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already needs no killing.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The peak in the text of `/proc/PID/status`.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read() {
        let status = "Name:\tapi\nVmPeak:\t   20000 kB\nVmHWM:\t   11264 kB\nVmRSS:\t    9000 kB\n";
        assert_eq!(peak(status), Some(11_264));
        assert_eq!(peak("Name:\tapi\n"), None);
    }
}
