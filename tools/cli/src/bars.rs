//! Progress bars, on standard error; none where JSON is asked for.

use crate::backfill::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::sync::run::Run;
use std::collections::BTreeMap;
use std::time::Duration;

/// The bars of one verb.
#[derive(Debug)]
pub struct Bars {
    all: MultiProgress,
    bars: BTreeMap<String, ProgressBar>,
    /// A program reads along: it finds everything in the JSON.
    is_read: bool,
}

impl Bars {
    /// Hidden where a program reads along (or standard error is no terminal).
    #[must_use]
    pub fn new(hidden: bool) -> Self {
        let target = if hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        Self {
            all: MultiProgress::with_draw_target(target),
            bars: BTreeMap::new(),
            is_read: hidden,
        }
    }

    fn bar(&mut self, name: &str, template: &str, length: Option<u64>) -> ProgressBar {
        let make = || {
            let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = self.all.add(bar.with_style(style).with_prefix(name.to_owned()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        };
        self.bars.entry(name.to_owned()).or_insert_with(make).clone()
    }

    /// How far the links of a retry are opened.
    pub fn retry(&mut self, done: usize, of: usize) {
        let template = "{prefix} {wide_bar} {pos}/{len} {eta}";
        let bar = self.bar("retry", template, u64::try_from(of).ok());
        bar.set_position(u64::try_from(done).unwrap_or(0));
        if done == of {
            bar.finish_and_clear();
        }
    }

    /// How far a backfill is.
    pub fn backfill(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Warns(text) => self.warn(text),
            Progress::Reads(runs) => self.runs(runs),
            Progress::Writes(done, of) => {
                let template = "zoho_billing     {wide_bar} {pos}/{len} {per_sec} {eta}";
                let bar = self.bar("writes", template, u64::try_from(of).ok());
                bar.set_length(u64::try_from(of).unwrap_or(0));
                bar.set_position(u64::try_from(done).unwrap_or(0));
                if done == of {
                    bar.finish();
                }
            }
        }
    }

    /// Says it at once, also where standard error is no terminal.
    fn warn(&self, text: &str) {
        if !self.is_read {
            self.all.suspend(|| eprintln!("{text}"));
        }
    }

    /// How far runs are. Nobody knows beforehand how many rows a source has.
    pub fn runs(&mut self, runs: &[Run]) {
        for run in runs {
            let bar = self.bar(&run.job, "{spinner} {prefix:16} {msg} {elapsed}", None);
            let counts = &run.counts;
            let waits = run.error.as_ref().map(|it| format!("; waits: {it}"));
            bar.set_message(format!(
                "{} read, {} created, {} updated, {} held, {} failed{}",
                counts.read,
                counts.created,
                counts.updated,
                counts.held,
                counts.failed,
                waits.unwrap_or_default()
            ));
            if run.finished_at.is_some() {
                bar.finish();
            }
        }
    }
}
