//! A summary for people.

use super::{Summary, Times};
use crate::page;
use crate::weather::Fault;
use comfy_table::Table;
use local::run::table;

/// The summary in tables and sentences.
#[must_use]
pub fn text(summary: &Summary) -> String {
    let mut lines = vec![
        faults(summary).to_string(),
        totals(summary).to_string(),
        covered(summary),
    ];
    for (seed, breaches) in &summary.failed {
        lines.push(format!("seed {seed} broke {}", breaches.join("; ")));
    }
    lines.push(verdict(summary));
    lines.join("\n")
}

/// Faults by sort: how often, and in how many histories.
#[must_use]
pub(super) fn faults(summary: &Summary) -> Table {
    let mut shown = table::new(&["fault"], &["times", "in histories"]);
    for (fault, it) in &summary.faults {
        shown.add_row([fault.told().to_owned(), grouped(it.times), grouped(it.histories)]);
    }
    shown
}

/// The totals, and how many of each in a second.
#[must_use]
pub(super) fn totals(summary: &Summary) -> Table {
    let mut shown = table::new(&["totals"], &["in all", "a second"]);
    for (name, count) in counts(summary) {
        let rate = format!("{:.1}", summary.per_second(count));
        shown.add_row([name.to_owned(), grouped(count), rate]);
    }
    shown
}

/// The summary for a page.
#[must_use]
pub fn page(summary: &Summary) -> String {
    let fault = |(fault, it): (&Fault, &Times)| vec![fault.told().to_owned(), grouped(it.times), grouped(it.histories)];
    let faults = page::table(&["fault", "#times", "#in histories"], summary.faults.iter().map(fault));
    let total = |(name, count): &(&str, u64)| {
        let rate = format!("{:.1}", summary.per_second(*count));
        vec![(*name).to_owned(), grouped(*count), rate]
    };
    let totals = page::table(&["totals", "#in all", "#a second"], counts(summary).iter().map(total));
    [faults, totals, covered(summary), String::new(), verdict(summary)].join("\n")
}

fn counts(summary: &Summary) -> [(&'static str, u64); 5] {
    [
        ("seeds", summary.seeds),
        ("steps of people and of troubles", summary.steps),
        ("deliveries", summary.deliveries),
        ("external calls", summary.called),
        ("faults", summary.faults.values().map(|it| it.times).sum()),
    ]
}

fn covered(summary: &Summary) -> String {
    format!(
        "covered: {} branches, {} sorts of external calls by {} functions, {} of {} sorts of faults",
        summary.branches.len(),
        summary.sorts.len(),
        summary.functions().len(),
        summary.fault_sorts(),
        summary.faults.len()
    )
}

fn verdict(summary: &Summary) -> String {
    let span = format!("--seeds {} --from {}", summary.seeds, summary.from);
    let held = format!("{} seeds in {:.1} s", grouped(summary.seeds), summary.seconds);
    match summary.failed.keys().next() {
        None => format!("{held}: nothing broken. The same seeds again: {span}"),
        Some(seed) => format!(
            "{held}: {} of them broke something. The same seeds again: {span}; the first of them: --seed {seed}",
            summary.failed.len()
        ),
    }
}

/// 12,345,678.
#[must_use]
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let places = digits.chars().enumerate();
    let comma = |place: usize| place > 0 && (digits.len() - place).is_multiple_of(3);
    places.fold(String::new(), |text, (place, digit)| match comma(place) {
        true => format!("{text},{digit}"),
        false => format!("{text}{digit}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}
