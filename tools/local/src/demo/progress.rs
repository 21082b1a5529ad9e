//! Bars while people watch; nothing where nobody does.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for each thing that fills up.
pub(crate) struct Progress {
    all: MultiProgress,
    bars: Vec<ProgressBar>,
}

impl Progress {
    /// A bar of this length for each name; none of them is drawn where `hidden`, or where nobody watches.
    pub(crate) fn new(names: &[&str], length: usize, hidden: bool) -> Self {
        let target = match hidden {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let all = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{prefix:<16} {bar:40} {pos:>4}/{len}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = |name: &&str| {
            let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
            let bar = all.add(bar.with_style(style.clone()));
            bar.set_prefix((*name).to_owned());
            bar
        };
        let bars = names.iter().map(bar).collect();
        Self { all, bars }
    }

    /// Another length for the bar of this place.
    pub(crate) fn length(&self, place: usize, length: usize) {
        if let Some(bar) = self.bars.get(place) {
            bar.set_length(u64::try_from(length).unwrap_or(u64::MAX));
        }
    }

    /// How far the bar of this place is.
    pub(crate) fn set(&self, place: usize, position: usize) {
        if let Some(bar) = self.bars.get(place) {
            bar.set_position(u64::try_from(position).unwrap_or(u64::MAX));
        }
    }

    /// Takes the bars away.
    pub(crate) fn end(&self) {
        // A terminal that is gone needs no clearing.
        drop(self.all.clear());
    }
}
