//! A failing history made as short as it can be while the same rule is still broken.

mod ddmin;

use crate::guarded::run_guarded;
use crate::run::{Plan, Report};
use crate::weather::Fault;
use anyhow::Result;
use ddmin::ddmin;
use shared::planted::Bug;
use std::collections::BTreeSet;
use std::time::Duration;

/// Histories that shrinking may run.
pub const TRIES: u32 = 300;

/// A shrunk history.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The rule that is broken.
    pub rule: &'static str,
    /// The shortest plan that still breaks it.
    pub plan: Plan,
    /// What comes of that, with its timeline.
    pub report: Report,
    /// Histories that were run for it.
    pub tries: u32,
}

/// One shrinking.
struct Shrink<'a> {
    rule: &'static str,
    bug: Option<Bug>,
    plan: Plan,
    report: Report,
    tries: u32,
    told: &'a mut dyn FnMut(&str),
}

/// Makes a plan shorter; none: it breaks nothing. Each stage is told.
///
/// # Errors
/// When a world can't be built.
pub fn shrink(plan: &Plan, bug: Option<Bug>, told: &mut dyn FnMut(&str)) -> Result<Option<Shrunk>> {
    let mut plan = plan.clone();
    plan.manner.keep_log = true;
    let report = run_guarded(&plan, bug)?;
    let Some(first) = report.breaches.first() else {
        return Ok(None);
    };
    let rule = first.rule;
    let mut shrink = Shrink {
        rule,
        bug,
        plan,
        report,
        tries: 0,
        told,
    };
    shrink.all();
    let Shrink {
        plan, report, tries, ..
    } = shrink;
    Ok(Some(Shrunk {
        rule,
        plan,
        report,
        tries,
    }))
}

impl Shrink<'_> {
    fn all(&mut self) {
        self.tell("at first");
        self.steps();
        self.tell("without needless steps");
        self.sorts();
        self.tell("without needless sorts of faults");
        self.faults();
        self.tell("without needless faults");
        self.conditions();
        // What fewer faults made needless.
        self.steps();
        self.tell("in calmer conditions");
    }

    /// Whether this plan breaks the same rule; if so, it is the one to go on with.
    fn try_plan(&mut self, plan: Plan) -> bool {
        if self.tries >= TRIES {
            return false;
        }
        self.tries += 1;
        let Ok(report) = run_guarded(&plan, self.bug) else {
            return false;
        };
        let broken = report.breaches.iter().any(|it| it.rule == self.rule);
        if broken {
            (self.plan, self.report) = (plan, report);
        }
        broken
    }

    fn steps(&mut self) {
        let all: BTreeSet<usize> = (0..self.report.steps).collect();
        let left: Vec<usize> = all.difference(&self.plan.without).copied().collect();
        ddmin(&left, |kept| {
            let mut plan = self.plan.clone();
            plan.without = all.iter().filter(|it| !kept.contains(it)).copied().collect();
            self.try_plan(plan)
        });
    }

    fn sorts(&mut self) {
        let happened: Vec<Fault> = self.report.faults.keys().copied().collect();
        ddmin(&happened, |kept| {
            let mut plan = self.plan.clone();
            let muted = Fault::ALL.iter().filter(|it| !kept.contains(it));
            plan.manner.muted_sorts = muted.copied().collect();
            self.try_plan(plan)
        });
    }

    fn faults(&mut self) {
        // With fewer faults a history goes another way, on which others would happen: those are muted as well.
        let most = 4 * self.report.fired;
        let all: Vec<u64> = (0..self.report.fired).collect();
        ddmin(&all, |kept| {
            let mut plan = self.plan.clone();
            plan.manner.muted = (0..most).filter(|it| !kept.contains(it)).collect();
            self.try_plan(plan)
        });
    }

    fn conditions(&mut self) {
        let calmer: [fn(&mut Plan); 5] = [
            |plan| plan.weather.behind = Duration::ZERO,
            |plan| plan.weather.ahead_ms = 0,
            |plan| plan.weather.drift_ms = 0,
            |plan| plan.span /= 4,
            |plan| plan.span /= 2,
        ];
        for change in calmer {
            let mut plan = self.plan.clone();
            change(&mut plan);
            self.try_plan(plan);
        }
    }

    fn tell(&mut self, stage: &str) {
        let text = format!(
            "{stage}: {}, after {} tries",
            size(&self.plan, &self.report),
            self.tries
        );
        (self.told)(&text);
    }
}

/// How long a history is.
fn size(plan: &Plan, report: &Report) -> String {
    let steps = report.steps - plan.without.len();
    let faults: u64 = report.faults.values().sum();
    format!("{steps} steps, {faults} faults, {} lines", report.lines.len())
}

impl Shrunk {
    /// The steps and the faults that are left, as the timeline has them, and the conditions.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        let is_cause = |it: &&String| {
            let actor = it.split_whitespace().nth(1);
            matches!(actor, Some("person" | "fault"))
        };
        let mut left: Vec<String> = self.report.lines.iter().filter(is_cause).cloned().collect();
        let weather = &self.plan.weather;
        for (name, is_there) in [
            ("clocks of ours and of the systems differ", weather.ahead_ms != 0),
            ("clocks of our machines differ", weather.drift_ms != 0),
            ("reads and indexes may be behind", !weather.behind.is_zero()),
        ] {
            left.extend(is_there.then(|| format!("{name}, and that matters")));
        }
        left
    }
}
