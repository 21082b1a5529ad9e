//! The bar of a fleet, on standard error: a line each five minutes where that is no terminal; nothing where a program
//! reads along.

use super::{Length, Summary};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};

/// How far a fleet is.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    /// What it counts.
    unit: String,
    /// Whether it fills with seconds instead of seeds.
    by_time: bool,
    /// Whether nothing is shown at all.
    silent: bool,
    /// How many lines are told.
    lines: Cell<u64>,
}

/// A line for so many seconds.
const LINE: u64 = 300;

impl Bar {
    /// A bar for this length.
    #[must_use]
    pub fn new(length: Length, silent: bool) -> Self {
        match length {
            Length::Seeds(count) => Self::of(count, "seeds", false, silent),
            Length::Time(time) => Self::of(time.as_secs(), "s", true, silent),
        }
    }

    /// A bar for so many things of another sort.
    #[must_use]
    pub fn things(count: usize, name: &str, silent: bool) -> Self {
        Self::of(u64::try_from(count).unwrap_or(0), name, false, silent)
    }

    fn of(count: u64, unit: &str, by_time: bool, silent: bool) -> Self {
        let target = match silent {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(count), target);
        let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {unit}  {{msg}}"));
        Self {
            bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
            unit: unit.to_owned(),
            by_time,
            silent,
            lines: Cell::new(0),
        }
    }

    /// For tests and programs.
    #[must_use]
    pub fn hidden() -> Self {
        Self::new(Length::Seeds(0), true)
    }

    /// Shows how far it is.
    pub fn show(&self, summary: &Summary) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole seconds of a bar"
        )]
        let seconds = summary.seconds as u64;
        self.bar
            .set_position(if self.by_time { seconds } else { summary.seeds });
        self.bar.set_message(format!(
            "{:.1} seeds/s, {} seeds, {} deliveries, {} broken",
            summary.per_second(summary.seeds),
            summary.seeds,
            summary.deliveries,
            summary.failed.len()
        ));
        self.now_and_then();
    }

    /// One more thing is done.
    pub fn more(&self) {
        self.bar.inc(1);
        self.now_and_then();
    }

    /// Where no bar can be drawn, a line says how far it is.
    fn now_and_then(&self) {
        let due = self.bar.elapsed().as_secs() / LINE;
        if due > self.lines.get() && !std::io::stderr().is_terminal() {
            self.lines.set(due);
            let (done, of) = (self.bar.position(), self.bar.length().unwrap_or(0));
            let line = format!("{done}/{of} {}  {}", self.unit, self.bar.message());
            self.line(line.trim_end());
        }
    }

    /// A line above the bar.
    pub fn line(&self, text: &str) {
        if self.silent {
            return;
        }
        // A terminal that is gone needs no lines.
        self.bar.suspend(|| drop(writeln!(std::io::stderr(), "{text}")));
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
