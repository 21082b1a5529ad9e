//! Every call of the functions, harmed at every point: the calls are those that the code makes in a few histories.

mod baseline;
mod table;

pub use baseline::{AMONG, Among, Baseline, Search, call_site, search};
pub use table::{page, text, word};

use crate::guarded::run_guarded;
use crate::pool::{News, each};
use crate::sim::{Aimed, Point};
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One harm to one call of one baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Where the baseline stands in the search.
    pub baseline: usize,
    /// The sort of the call.
    pub sort: String,
    /// Which call, and which harm.
    pub aimed: Aimed,
}

/// A cell that broke something.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The cell, in words.
    pub cell: String,
    /// What it broke.
    pub breaches: Vec<String>,
}

/// What came of the matrix.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// Cells by point.
    pub cells: BTreeMap<Point, u64>,
    /// Sorts of calls that were harmed.
    pub sorts: BTreeSet<String>,
    /// Baselines, in words.
    pub baselines: Vec<String>,
    /// Cells that broke something.
    pub broken: Vec<Broken>,
}

/// Which calls are harmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Each call that the code makes, by one of the functions that make it.
    OfCode,
    /// Each by each of its functions: the first and the last of its baseline.
    OfFunctions,
}

impl Calls {
    /// At which points each is harmed. Of the code in general: before the call, after its effect (the answer is lost), and
    /// after its answer.
    #[must_use]
    pub fn points(self) -> &'static [Point] {
        match self {
            Self::OfCode => &[Point::DiesBefore, Point::AnswerLost, Point::DiesWithAnswer],
            Self::OfFunctions => &Point::ALL,
        }
    }
}

/// Every cell: each of these calls at each of its points.
#[must_use]
pub fn cells(search: &Search, calls: Calls) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (sort, place) in chosen(search, calls) {
        let sorts = search.baselines.get(place).map_or(&[][..], |it| &it.sorts);
        let first = sorts.iter().position(|it| it == sort);
        let last = sorts.iter().rposition(|it| it == sort);
        let ends = first.into_iter().chain(last.filter(|_| calls == Calls::OfFunctions));
        for call in ends.collect::<BTreeSet<usize>>() {
            let call = u64::try_from(call).unwrap_or(u64::MAX);
            cells.extend(calls.points().iter().map(|point| Cell {
                baseline: place,
                sort: sort.clone(),
                aimed: Aimed { call, point: *point },
            }));
        }
    }
    cells
}

/// The sorts that are harmed, with their baselines.
fn chosen(search: &Search, calls: Calls) -> Vec<(&String, usize)> {
    let all = search.covered.iter().map(|(sort, place)| (sort, *place));
    if calls == Calls::OfFunctions {
        return all.collect();
    }
    let length = |place: usize| search.baselines.get(place).map_or(0, |it| it.sorts.len());
    let mut shortest = BTreeMap::<&str, (&String, usize)>::new();
    for (sort, place) in all {
        let best = shortest.entry(call_site(sort)).or_insert((sort, place));
        if length(place) < length(best.1) {
            *best = (sort, place);
        }
    }
    shortest.into_values().collect()
}

/// Runs every cell.
///
/// # Errors
/// When a world can't be built.
pub fn run(search: &Search, calls: Calls, jobs: usize, mut told: impl FnMut(Option<&Broken>)) -> Result<Matrix> {
    let cells = cells(search, calls);
    let next = AtomicUsize::new(0);
    let supply = || cells.get(next.fetch_add(1, Ordering::Relaxed));
    let mut matrix = Matrix {
        sorts: cells.iter().map(|it| it.sort.clone()).collect(),
        baselines: search.baselines.iter().map(ToString::to_string).collect(),
        ..Matrix::default()
    };
    let mut failed = None;
    each(
        jobs,
        supply,
        |cell| Ok((cell.aimed.point, one(search, cell)?)),
        |news| match news {
            News::Done(Ok((point, broken))) => {
                *matrix.cells.entry(point).or_default() += 1;
                told(broken.as_ref());
                matrix.broken.extend(broken);
            }
            News::Done(Err(error)) => failed = Some(error),
            News::Long(_) | News::Nothing => {}
        },
    )?;
    matrix.broken.sort_by(|a, b| a.cell.cmp(&b.cell));
    failed.map_or(Ok(matrix), Err)
}

fn one(search: &Search, cell: &Cell) -> Result<Option<Broken>> {
    let baseline = &search.baselines[cell.baseline];
    let mut plan = baseline.plan.clone();
    plan.manner.aimed = Some(cell.aimed);
    let report = run_guarded(&plan, None)?;
    let broken = !report.breaches.is_empty();
    Ok(broken.then(|| Broken {
        cell: format!("{cell} of {baseline}"),
        breaches: report.breaches.iter().map(ToString::to_string).collect(),
    }))
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} at call {}", self.sort, self.aimed.point, self.aimed.call)
    }
}

impl Matrix {
    /// How many cells.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.cells.values().sum()
    }

    /// The calls that the code makes, whichever function makes them.
    #[must_use]
    pub fn call_sites(&self) -> BTreeSet<&str> {
        self.sorts.iter().map(|it| call_site(it)).collect()
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let broken = |it: &Broken| json!({ "cell": it.cell, "breaches": it.breaches });
        json!({
            "cells": self.count(),
            "sorts": self.sorts,
            "baselines": self.baselines,
            "broken": self.broken.iter().map(broken).collect::<Vec<_>>(),
        })
    }
}
