//! A share of one processor, as Lambda gives it to a function with little memory: a control group with a CFS quota.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

/// The period in which a share is given out. Lambda's own is not documented; 20 ms is what others found.
const PERIOD_US: u64 = 20_000;
/// 128 MB of the 1,769 MB at which Lambda gives a whole processor, in thousandths.
pub(crate) const SHARE: u64 = 72;

/// A control group. It ends with this value, when its processes have.
pub(crate) struct Quota(PathBuf);

impl Quota {
    /// A group with the share of 128 MB.
    ///
    /// # Errors
    /// Where this user may make none: it needs root, and version 1 or 2 of control groups.
    pub(crate) fn new() -> Result<Self> {
        let name = format!("concord-measure-{}", process::id());
        let quota = PERIOD_US * SHARE / 1000;
        let first = Path::new("/sys/fs/cgroup/cpu");
        let made = match first.is_dir() {
            true => Self::make(
                &first.join(name),
                &[
                    ("cpu.cfs_period_us", PERIOD_US.to_string()),
                    ("cpu.cfs_quota_us", quota.to_string()),
                ],
            ),
            false => Self::make(
                &Path::new("/sys/fs/cgroup").join(name),
                &[("cpu.max", format!("{quota} {PERIOD_US}"))],
            ),
        };
        made.context("make a control group with a CPU quota (needs root)")
    }

    fn make(group: &Path, settings: &[(&str, String)]) -> Result<Self> {
        if !group.is_dir() {
            fs::create_dir(group)?;
        }
        for (name, value) in settings {
            fs::write(group.join(name), value)?;
        }
        Ok(Self(group.to_owned()))
    }

    /// Where a process writes its id to join.
    pub(crate) fn door(&self) -> PathBuf {
        self.0.join("cgroup.procs")
    }

    /// Lets a process join.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn add(&self, id: u32) -> Result<()> {
        fs::write(self.door(), id.to_string()).context("put a process into the control group")
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // A group that stays costs nothing.
        drop(fs::remove_dir(&self.0));
    }
}
