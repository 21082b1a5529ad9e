//! Finding rows: by an index where one helps, else by looking at all.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::cell::Cell;
use super::filter::Filter;
use super::query::Sort;
use super::rows::{Row, Rows};

/// A row and its place in the heap.
pub(crate) type Found<'t> = (u64, &'t Row);

/// The rows that a filter wants, in order; no more than `most`, if that is said.
pub(crate) fn select<'t>(rows: &'t Rows, filter: &Filter, order: &[Sort], most: Option<usize>) -> Vec<Found<'t>> {
    if let Some(ids) = pinned(rows, filter) {
        let found = ids.into_iter().filter_map(|id| rows.get(id).map(|row| (id, row)));
        return sorted(found.filter(|(_, row)| filter.wants(row)).collect(), order, most);
    }
    match order {
        [] => {
            let found = rows.all().filter(|(_, row)| filter.wants(row));
            found.take(most.unwrap_or(usize::MAX)).collect()
        }
        // In an index nulls stand last, and first when it is read backwards: Postgres's own default.
        [first, rest @ ..] if rows.is_ordered(first.place) && first.nulls_first == first.descending => {
            walked(rows, filter, *first, rest, most)
        }
        _ => sorted(rows.all().filter(|(_, row)| filter.wants(row)).collect(), order, most),
    }
}

/// The few rows that an equality on an indexed column leaves.
fn pinned(rows: &Rows, filter: &Filter) -> Option<BTreeSet<u64>> {
    use std::ops::Bound::Included;
    let (place, cells) = filter.pinned().find(|(place, _)| rows.is_ordered(*place))?;
    let of_cell = |cell: &Cell| {
        let bounds = (Included(cell.clone()), Included(cell.clone()));
        rows.range(place, bounds).map(|(_, id)| id).collect::<Vec<_>>()
    };
    Some(cells.iter().flat_map(of_cell).collect())
}

/// Walks an index and sorts only rows with one and the same value among themselves.
fn walked<'t>(rows: &'t Rows, filter: &Filter, first: Sort, rest: &[Sort], most: Option<usize>) -> Vec<Found<'t>> {
    let range = rows.range(first.place, filter.bounds(first.place));
    let walk: Box<dyn Iterator<Item = (&Cell, u64)>> = if first.descending {
        Box::new(range.rev())
    } else {
        Box::new(range)
    };
    let (mut found, mut group): (Vec<Found<'t>>, Vec<Found<'t>>) = (Vec::new(), Vec::new());
    let mut value: Option<&Cell> = None;
    for (cell, id) in walk {
        if value != Some(cell) {
            found.extend(sorted(std::mem::take(&mut group), rest, None));
            value = Some(cell);
            if most.is_some_and(|most| found.len() >= most) {
                break;
            }
        }
        group.extend(rows.get(id).filter(|row| filter.wants(row)).map(|row| (id, row)));
    }
    found.extend(sorted(group, rest, None));
    found.truncate(most.unwrap_or(usize::MAX));
    found
}

fn sorted<'t>(mut found: Vec<Found<'t>>, order: &[Sort], most: Option<usize>) -> Vec<Found<'t>> {
    found.sort_by(|(a_id, a), (b_id, b)| {
        let parts = order.iter().map(|sort| compare(*sort, &a[sort.place], &b[sort.place]));
        parts.fold(Ordering::Equal, Ordering::then).then(a_id.cmp(b_id))
    });
    found.truncate(most.unwrap_or(usize::MAX));
    found
}

fn compare(sort: Sort, a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => {
            if sort.nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (_, Cell::Null) => {
            if sort.nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        _ if sort.descending => b.cmp(a),
        _ => a.cmp(b),
    }
}
