//! Many seeds side by side, and what came of them.

mod bar;
mod summary;
mod tables;

pub use bar::Bar;
pub use summary::{Summary, Times};
pub(crate) use tables::grouped;
pub use tables::{page, text};

use crate::guarded::run_guarded;
use crate::pool::{News, each, lock};
use crate::run::{Plan, Report};
use anyhow::Result;
use shared::planted::Bug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a fleet runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many seeds.
    Seeds(u64),
    /// As many seeds as end in this time, and those that were then under way.
    Time(Duration),
}

/// Seeds to run.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    /// The first.
    pub from: u64,
    /// How many.
    pub length: Length,
    /// Threads.
    pub jobs: usize,
    /// A bug that stands in each history.
    pub bug: Option<Bug>,
}

impl Fleet {
    /// Runs all seeds; failing ones are told as they are found.
    ///
    /// # Errors
    /// When a world can't be built.
    pub fn run(&self, bar: &Bar) -> Result<Summary> {
        let begun = Instant::now();
        let next = AtomicU64::new(self.from);
        let failed = Mutex::new(None);
        let supply = || {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            (self.is_wanted(seed, begun) && lock(&failed).is_none()).then_some(seed)
        };
        let mut summary = Summary::new(self.from);
        each(
            self.jobs,
            supply,
            |seed| run_guarded(&Plan::of(seed), self.bug),
            |news| {
                match news {
                    News::Done(Ok(report)) => take(&mut summary, &report, bar),
                    News::Done(Err(error)) => *lock(&failed) = Some(error),
                    News::Long(seed) => bar.line(&format!("seed {seed} has been under way for half a minute")),
                    News::Nothing => {}
                }
                summary.seconds = begun.elapsed().as_secs_f64();
                bar.show(&summary);
            },
        )?;
        bar.end();
        lock(&failed).take().map_or(Ok(summary), Err)
    }

    /// Seeds are taken in order, so that those that were run are all from the first to the last.
    fn is_wanted(&self, seed: u64, begun: Instant) -> bool {
        match self.length {
            Length::Seeds(count) => seed - self.from < count,
            Length::Time(time) => begun.elapsed() < time,
        }
    }
}

fn take(summary: &mut Summary, report: &Report, bar: &Bar) {
    summary.add(report);
    for breach in &report.breaches {
        bar.line(&format!("seed {}: {breach}", report.seed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_runs_its_seeds_and_adds_them_up() {
        let fleet = Fleet {
            from: 7,
            length: Length::Seeds(4),
            jobs: 2,
            bug: None,
        };
        let summary = fleet.run(&Bar::hidden()).unwrap();
        assert_eq!((summary.from, summary.seeds), (7, 4));
        assert!(summary.deliveries > 10 && summary.called > 50, "{summary:?}");
        assert!(summary.sorts.values().sum::<u64>() == summary.called);
        let text = text(&summary);
        assert!(text.contains("external calls") && text.contains("429 storm"), "{text}");
    }
}
