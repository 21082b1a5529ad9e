//! The matrix in words.

use super::{Matrix, call_site};
use crate::fleet::grouped;
use crate::page;
use crate::sim::Point;
use local::run::table;
use std::collections::{BTreeMap, BTreeSet};

/// How many cells each point has, and what broke.
#[must_use]
pub fn text(matrix: &Matrix) -> String {
    let mut shown = table::new(&["harm"], &["calls harmed"]);
    for (point, count) in &matrix.cells {
        shown.add_row([point.told().to_owned(), grouped(*count)]);
    }
    let broken = matrix.broken.iter();
    let broken: Vec<String> = broken
        .map(|it| format!("{}: {}", it.cell, it.breaches.join("; ")))
        .collect();
    [vec![shown.to_string()], broken, vec![word(matrix)]]
        .concat()
        .join("\n")
}

/// The same for a page, with all calls.
#[must_use]
pub fn page(matrix: &Matrix) -> String {
    let row = |(point, count): (&Point, &u64)| vec![point.told().to_owned(), grouped(*count)];
    let points = page::table(&["harm", "#calls harmed"], matrix.cells.iter().map(row));
    let mut sites: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sort in &matrix.sorts {
        let function = sort.split(' ').next().unwrap_or_default();
        sites.entry(call_site(sort)).or_default().insert(function);
    }
    let row = |(site, functions): (&str, BTreeSet<&str>)| {
        let functions: Vec<&str> = functions.into_iter().collect();
        vec![format!("`{site}`"), functions.join(", ")]
    };
    let calls = page::table(&["call", "made by"], sites.into_iter().map(row));
    [points, calls, word(matrix)].join("\n")
}

/// What was harmed, and whether all ended well.
#[must_use]
pub fn word(matrix: &Matrix) -> String {
    let broken = match matrix.broken.len() {
        0 => "nothing broken".to_owned(),
        count => format!("{count} of them broke something"),
    };
    format!(
        "{} histories with one harm each, to {} sorts of calls ({} calls, by the functions that make them), in {} \
         baselines: {broken}",
        grouped(matrix.count()),
        matrix.sorts.len(),
        matrix.call_sites().len(),
        matrix.baselines.len()
    )
}
