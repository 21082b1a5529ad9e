//! Progress on standard error: bars on a terminal, else a backfill's line now and then; none where JSON is asked for.

use crate::backfill::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::sync::run::Run;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// The bars of one verb.
#[derive(Debug)]
pub struct Bars {
    all: MultiProgress,
    bars: BTreeMap<String, ProgressBar>,
    /// A program reads along: it finds everything in the JSON.
    is_read: bool,
    lines: Lines,
}

/// What is said where there is no terminal to draw on.
#[derive(Debug, Default)]
struct Lines {
    said: String,
    stood: String,
    looks: u32,
}

/// A line for so many looks at most: one in ten seconds.
const LOOKS: u32 = 5;
/// Of a retry's links every so many are one look.
const STEP: usize = 50;

impl Lines {
    /// The line, if it is due: the first one, then whatever is new, now and then; at once when it `stands` differently.
    fn due<'a>(&mut self, line: &'a str, stands: &str) -> Option<&'a str> {
        self.looks += 1;
        let is_due = self.said.is_empty() || self.stood != stands || self.looks >= LOOKS;
        if self.said == line || !is_due {
            return None;
        }
        (self.said, self.stood, self.looks) = (line.to_owned(), stands.to_owned(), 0);
        Some(line)
    }
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
            lines: Lines::default(),
        }
    }

    /// Says how far it is, where no bar can be drawn.
    fn say(&mut self, line: &str, stands: &str) {
        if self.is_read || std::io::stderr().is_terminal() {
            return;
        }
        if let Some(line) = self.lines.due(line, stands) {
            // Nobody reads any more (`|& head`): that is no failure.
            let _ = writeln!(std::io::stderr(), "{line}");
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
        if done == of || done > 0 && done.is_multiple_of(STEP) {
            self.say(
                &format!("{done} of {of} looked at"),
                if done == of { "all" } else { "" },
            );
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
                self.say(&format!("zoho_billing: {done} of {of} no longer open"), "");
            }
        }
    }

    /// Says it at once, also where standard error is no terminal.
    fn warn(&self, text: &str) {
        if !self.is_read {
            self.all.suspend(|| drop(writeln!(std::io::stderr(), "{text}")));
        }
    }

    /// How far runs are. Nobody knows beforehand how many rows a source has.
    pub fn runs(&mut self, runs: &[Run]) {
        let mut told = Vec::new();
        for run in runs {
            let bar = self.bar(&run.job, "{spinner} {prefix:16} {msg} {elapsed}", None);
            let message = message(run);
            bar.set_message(message.clone());
            if run.finished_at.is_some() {
                bar.finish();
            }
            told.push(format!("{}: {message}", run.job));
        }
        let stands = |it: &Run| format!("{:?} {:?}", it.finished_at, it.error);
        let stands: Vec<String> = runs.iter().map(stands).collect();
        self.say(&told.join("\n"), &stands.join(" "));
    }
}

/// How far a run is; one that nobody has taken up yet waits for the sweep, which comes each minute.
fn message(run: &Run) -> String {
    if run.worked_from.is_none() && run.finished_at.is_none() && run.error.is_none() {
        return "begins within a minute".to_owned();
    }
    let counts = &run.counts;
    let waits = run.error.as_ref().map(|it| format!("; waits: {it}"));
    format!(
        "{} read, {} created, {} updated, {} held, {} failed{}",
        counts.read,
        counts.created,
        counts.updated,
        counts.held,
        counts.failed,
        waits.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_a_line_comes_now_and_then_and_trouble_at_once() {
        let mut lines = Lines::default();
        assert_eq!(lines.due("0 read", ""), Some("0 read"));
        let quiet: Vec<_> = (1..=3).map(|it| format!("{it} read")).collect();
        assert!(quiet.iter().all(|it| lines.due(it, "").is_none()));
        assert_eq!(lines.due("3 read; waits", "refused"), Some("3 read; waits"));
        assert_eq!(
            lines.due("4 read; waits", "refused"),
            None,
            "only what is new comes at once"
        );
        let later: Vec<_> = (0..LOOKS).filter_map(|_| lines.due("9 read", "refused")).collect();
        assert_eq!(later, ["9 read"]);
    }
}
