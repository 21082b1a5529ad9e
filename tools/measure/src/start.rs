//! From the start of a process to the first event that it asks for.

use crate::api::RuntimeApi;
use crate::around::{Around, Secrets};
use crate::process::{Process, Program};
use crate::quota::Quota;
use crate::stats::median;
use anyhow::Result;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

/// Long enough for the control group to have a whole share again.
const REST: Duration = Duration::from_millis(60);

/// What is started, and how.
pub(crate) struct Start<'a> {
    /// The program.
    pub(crate) program: &'a Program,
    /// Whose variables it has.
    pub(crate) function: &'a str,
    /// Where its secrets are.
    pub(crate) secrets: Secrets,
    /// Where it writes.
    pub(crate) log: &'a Path,
}

impl Start<'_> {
    /// A process at its gate, and its Runtime API.
    ///
    /// # Errors
    /// When it can't be started.
    pub(crate) async fn ready(&self, around: &Around) -> Result<(RuntimeApi, Process)> {
        let api = RuntimeApi::open().await?;
        let variables = around.environment(self.function, &api.address, self.secrets)?;
        Ok((api, Process::ready(self.program, &variables, self.log)?))
    }

    /// The median of so many starts, in milliseconds.
    ///
    /// # Errors
    /// When one fails.
    pub(crate) async fn milliseconds(&self, around: &Around, runs: usize, quota: Option<&Quota>) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..runs {
            let (mut api, mut process) = self.ready(around).await?;
            if let Some(quota) = quota {
                quota.add(process.id())?;
            }
            sleep(REST).await;
            let begun = process.go()?;
            let poll = api.poll().await?;
            times.push(poll.at.duration_since(begun).as_secs_f64() * 1000.0);
        }
        Ok(median(&mut times))
    }
}

/// The most memory that a process held after these events, in kB.
///
/// # Errors
/// When an event fails.
pub(crate) async fn peak(start: &Start<'_>, around: &Around, events: &[String]) -> Result<u64> {
    let (mut api, mut process) = start.ready(around).await?;
    process.go()?;
    for event in events {
        api.invoke(event).await?;
    }
    api.poll().await?;
    process.peak()
}
