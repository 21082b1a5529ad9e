//! Instructions, counted by callgrind: the same binary comes to the same number within a few in a thousand, on any machine
//! with the same processor features, whatever else runs there.

use crate::around::{Around, Secrets};
use crate::process::Program;
use crate::start::Start;
use anyhow::{Context as _, Result};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// How many events a warm function is given. The first opens connections and is not counted.
const WARM: usize = 10;

/// Counts for one program.
pub(crate) struct Counter<'a> {
    /// The program.
    pub(crate) program: &'a Program,
    /// Whose variables it has.
    pub(crate) function: &'a str,
    /// Where callgrind writes.
    pub(crate) work: &'a Path,
}

impl Counter<'_> {
    /// Instructions from the start to the first event that is asked for, after these events if there are any.
    ///
    /// # Errors
    /// When valgrind is missing, or the function fails.
    pub(crate) async fn run(&self, around: &Around, secrets: Secrets, events: &[String]) -> Result<u64> {
        let out = self.work.join("callgrind.out");
        // What an earlier run left must not be read as this one's.
        drop(fs::remove_file(&out));
        let mut under = OsString::from("--callgrind-out-file=");
        under.push(&out);
        let mut program: Program = vec!["valgrind".into(), "--tool=callgrind".into(), under];
        program.extend(self.program.iter().cloned());
        let log = self.work.join("callgrind.log");
        let start = Start {
            program: &program,
            function: self.function,
            secrets,
            log: &log,
        };
        let (mut api, mut process) = start.ready(around).await?;
        process.go()?;
        for event in events {
            api.invoke(event).await?;
        }
        api.poll().await.with_context(|| format!("see {}", log.display()))?;
        process.end()?;
        let told = fs::read_to_string(&out).context("callgrind wrote nothing: is valgrind installed?")?;
        total(&told).context("callgrind tells no total")
    }

    /// Instructions of one event, once the first has been seen.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) async fn warm(&self, around: &Around, events: &[String]) -> Result<u64> {
        let (first, all) = events.split_at(1);
        let one = self.run(around, Secrets::Fetched, first).await?;
        let many = self.run(around, Secrets::Fetched, all).await?;
        Ok(many.saturating_sub(one) / u64::try_from(all.len() - 1)?)
    }

    /// How many events [`Self::warm`] needs: one for the first run, and for the second its own first and the counted ones.
    pub(crate) const EVENTS: usize = 2 + WARM;
}

/// The total in callgrind's output.
fn total(told: &str) -> Option<u64> {
    let line = told
        .lines()
        .find_map(|it| it.strip_prefix("totals:").or_else(|| it.strip_prefix("summary:")))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read() {
        let told = "# callgrind format\nevents: Ir\n\nfn=(1) main\n12 345\n\ntotals: 2023456\n";
        assert_eq!(total(told), Some(2_023_456));
        assert_eq!(total("summary: 7\n"), Some(7));
        assert_eq!(total("events: Ir\n"), None);
    }
}
