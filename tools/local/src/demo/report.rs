//! The demonstration's result: numbers, and what they say. Pure.

use super::leads::Way;
use crate::run::sent::Found;
use crate::run::table;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// All numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Report {
    /// Leads that were sent and taken.
    pub(super) leads: usize,
    /// Leads that were refused.
    pub(super) refused: usize,
    /// The people behind the leads.
    pub(super) people: usize,
    pub(super) seconds: f64,
    pub(super) ways: Vec<Line>,
    /// Fields that wait for a person, with their reason.
    pub(super) held_fields: Vec<String>,
    pub(super) systems: Vec<Content>,
    pub(super) edits: Edits,
}

/// One way in, in one system.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Line {
    pub(super) way: &'static str,
    pub(super) system: &'static str,
    pub(super) leads: usize,
    pub(super) synced: usize,
    pub(super) pending: usize,
    pub(super) held: usize,
    pub(super) failed: usize,
    /// Milliseconds from sending to the system's confirmation.
    pub(super) p50_ms: Option<i64>,
    pub(super) p99_ms: Option<i64>,
}

/// One system, as it shows itself.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Content {
    pub(super) system: &'static str,
    pub(super) name: &'static str,
    pub(super) found: Found,
    pub(super) calls: BTreeMap<&'static str, usize>,
    /// Limits of the system that were broken.
    pub(super) violations: Vec<String>,
}

/// Leads that a person changed in Zoho CRM.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Edits {
    pub(super) made: usize,
    /// Those that the back office shows.
    pub(super) came_back: usize,
    /// Milliseconds until the last one did.
    pub(super) ms: Option<i64>,
    /// Writes to Zoho CRM meanwhile: a change that came from there must not go back.
    pub(super) sent_back: usize,
}

impl Line {
    pub(super) fn new(way: Way, system: &'static str) -> Self {
        Self {
            way: way.name(),
            system,
            ..Self::default()
        }
    }

    /// Counts one lead's link, as `GET /leads/{id}` shows it.
    pub(super) fn count(&mut self, link: &Value) {
        self.leads += 1;
        match link["status"].as_str().unwrap_or_default() {
            "synced" => self.synced += 1,
            "held" => self.held += 1,
            "failed" | "skipped" => self.failed += 1,
            _ => self.pending += 1,
        }
    }

    pub(super) fn times(&mut self, mut times: Vec<i64>) {
        times.sort_unstable();
        self.p50_ms = percentile(&times, 50);
        self.p99_ms = percentile(&times, 99);
    }
}

/// By nearest rank; `times` are sorted.
fn percentile(times: &[i64], percent: usize) -> Option<i64> {
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.max(1) - 1).copied()
}

impl Report {
    /// Whether all of it adds up.
    pub(super) fn holds(&self) -> bool {
        let lines = self.ways.iter().all(|it| it.synced == it.leads);
        let whole = |it: &Content| it.found.is_whole(self.people) && it.violations.is_empty();
        let edits = self.edits.came_back == self.edits.made && self.edits.sent_back == 0;
        self.refused == 0 && self.leads > 0 && lines && edits && self.systems.iter().all(whole)
    }

    /// The line at the end.
    pub(super) fn verdict(&self) -> String {
        let mut verdict = format!("{} leads in, {} people", self.leads, self.people);
        for it in &self.systems {
            // Writing to a text can't fail.
            let _ = write!(verdict, ", {} in {}", it.found.once, it.name);
        }
        let troubles = self.troubles();
        match (self.holds(), troubles.is_empty()) {
            (true, _) => verdict + "; nothing lost, nothing doubled",
            (false, true) => verdict + "; but some are not synced",
            (false, false) => format!("{verdict}; but {}", troubles.join(", ")),
        }
    }

    fn troubles(&self) -> Vec<String> {
        let mut troubles = vec![(self.refused, "refused".to_owned())];
        for it in &self.systems {
            let found = &it.found;
            troubles.push((found.lost, format!("lost in {}", it.name)));
            troubles.push((found.doubled, format!("doubled in {}", it.name)));
            troubles.push((found.extra, format!("in {} that nobody sent", it.name)));
            troubles.push((found.different, format!("different in {}", it.name)));
            troubles.push((it.violations.len(), format!("limits of {} broken", it.name)));
        }
        let edits = &self.edits;
        troubles.push((edits.made - edits.came_back, "edits that did not come back".to_owned()));
        troubles.push((edits.sent_back, "writes of what came from Zoho CRM itself".to_owned()));
        let real = troubles.into_iter().filter(|it| it.0 > 0);
        real.map(|(count, what)| format!("{count} {what}")).collect()
    }

    /// Everything, for people.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.ways_table(), self.systems_table());
        let edits = &self.edits;
        // Writing to a text can't fail.
        let _ = writeln!(
            text,
            "{} leads edited in Zoho CRM, {} back in the back office{}",
            edits.made,
            edits.came_back,
            edits.ms.map_or(String::new(), |it| format!(" after {}", seconds(it)))
        );
        for held in &self.held_fields {
            let _ = writeln!(text, "held: {held}");
        }
        let _ = writeln!(text, "{:.1} s\n\n{}", self.seconds, self.verdict());
        text
    }

    fn ways_table(&self) -> comfy_table::Table {
        let numbers = ["leads", "synced", "pending", "held", "failed", "p50", "p99"];
        let mut table = table::new(&["way in", "system"], &numbers);
        for it in &self.ways {
            let mut row = vec![it.way.to_owned(), it.system.to_owned()];
            row.extend([it.leads, it.synced, it.pending, it.held, it.failed].map(|it| it.to_string()));
            row.extend([it.p50_ms, it.p99_ms].map(|it| it.map_or("–".to_owned(), seconds)));
            table.add_row(row);
        }
        table
    }

    fn systems_table(&self) -> comfy_table::Table {
        let numbers = ["once", "lost", "doubled", "extra", "different"];
        let mut table = table::new(&["system", "calls"], &numbers);
        for it in &self.systems {
            let calls: Vec<String> = it.calls.iter().map(|(name, count)| format!("{count} {name}")).collect();
            let mut row = vec![it.system.to_owned(), calls.join(", ")];
            let found = &it.found;
            let numbers = [found.once, found.lost, found.doubled, found.extra, found.different];
            row.extend(numbers.map(|it| it.to_string()));
            table.add_row(row);
        }
        table
    }
}

fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content(once: usize, doubled: usize) -> Content {
        Content {
            system: "zoho_crm",
            name: "Zoho CRM",
            found: Found {
                once,
                doubled,
                ..Found::default()
            },
            calls: BTreeMap::new(),
            violations: Vec::new(),
        }
    }

    fn report(once: usize, doubled: usize) -> Report {
        Report {
            leads: 3,
            people: 2,
            systems: vec![content(once, doubled)],
            ..Report::default()
        }
    }

    #[test]
    fn the_verdict_is_good_only_if_everything_adds_up() {
        let good = report(2, 0);
        assert!(good.holds());
        assert_eq!(
            good.verdict(),
            "3 leads in, 2 people, 2 in Zoho CRM; nothing lost, nothing doubled"
        );
        let bad = report(1, 1);
        assert!(!bad.holds());
        assert!(
            bad.verdict().ends_with("; but 1 doubled in Zoho CRM"),
            "{}",
            bad.verdict()
        );
    }

    #[test]
    fn what_was_sent_back_to_zoho_or_never_came_from_it_fails() {
        let mut report = report(2, 0);
        report.edits = Edits {
            made: 2,
            came_back: 1,
            ms: None,
            sent_back: 1,
        };
        assert!(!report.holds());
        assert!(report.verdict().contains("1 edits that did not come back"));
    }

    #[test]
    fn a_lead_that_is_not_synced_fails() {
        let mut report = report(2, 0);
        let mut line = Line::new(Way::Api, "zoho_crm");
        line.count(&json!({ "status": "retrying" }));
        report.ways.push(line);
        assert!(!report.holds());
        assert!(report.verdict().ends_with("not synced"));
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let times: Vec<i64> = (1..=100).collect();
        assert_eq!((percentile(&times, 50), percentile(&times, 99)), (Some(50), Some(99)));
        assert_eq!(percentile(&[7], 99), Some(7));
        assert_eq!(percentile(&[], 50), None);
    }
}
