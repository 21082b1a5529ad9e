//! A history whose panics are breaches like others, with a bug planted or without.

use crate::check::breach;
use crate::run::{Plan, Report, run};
use anyhow::Result;
use shared::planted::{Asked, Bug, plant};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a history.
///
/// # Errors
/// When its world can't be built.
pub fn run_guarded(plan: &Plan, bug: Option<Bug>) -> Result<Report> {
    let (_planted, _) = (bug.map(plant), Asked::take());
    // Nothing of a world outlives its history, so nothing half-done is seen.
    catch_unwind(AssertUnwindSafe(|| run(plan))).unwrap_or_else(|panic| {
        Ok(Report {
            seed: plan.seed,
            breaches: vec![breach("panicked", words(&*panic))],
            ..Report::default()
        })
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a word".to_owned())
}
