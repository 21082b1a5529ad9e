//! Conditions on rows, in SQL's three-valued logic.

use std::ops::Bound;

use super::cell::Cell;
use super::rows::Row;
use crate::pattern::like;

/// A comparison of a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Equal(Cell),
    NotEqual(Cell),
    Greater(Cell),
    GreaterEqual(Cell),
    Less(Cell),
    LessEqual(Cell),
    In(Vec<Cell>),
    Like { pattern: String, fold: bool },
    Null,
    NotNull,
    Is(bool),
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Test { place: usize, test: Test },
}

impl Filter {
    /// Whether a row is wanted: an unknown answer is no.
    pub(crate) fn wants(&self, row: &Row) -> bool {
        self.holds(row) == Some(true)
    }

    fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Filter::All(parts) => decided(parts.iter().map(|part| part.holds(row)), false),
            Filter::Any(parts) => decided(parts.iter().map(|part| part.holds(row)), true),
            Filter::Not(part) => part.holds(row).map(|holds| !holds),
            Filter::Test { place, test } => test.holds(&row[*place]),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Filter::All(parts) if parts.is_empty())
    }

    fn conjuncts(&self) -> &[Filter] {
        match self {
            Filter::All(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    /// The values that a column must have one of, if that is said: `(place, values)`.
    pub(crate) fn pinned(&self) -> impl Iterator<Item = (usize, &[Cell])> {
        self.conjuncts().iter().filter_map(|part| match part {
            Filter::Test {
                place,
                test: Test::Equal(cell),
            } => Some((*place, std::slice::from_ref(cell))),
            Filter::Test {
                place,
                test: Test::In(cells),
            } => Some((*place, cells.as_slice())),
            _ => None,
        })
    }

    /// The bounds between which a column must lie.
    pub(crate) fn bounds(&self, column: usize) -> (Bound<Cell>, Bound<Cell>) {
        let (mut low, mut high) = (Bound::Unbounded, Bound::Unbounded);
        for part in self.conjuncts() {
            let Filter::Test { place, test } = part else {
                continue;
            };
            if *place != column {
                continue;
            }
            match test {
                Test::Greater(cell) => low = Bound::Excluded(cell.clone()),
                Test::GreaterEqual(cell) => low = Bound::Included(cell.clone()),
                Test::Less(cell) => high = Bound::Excluded(cell.clone()),
                Test::LessEqual(cell) => high = Bound::Included(cell.clone()),
                _ => {}
            }
        }
        (low, high)
    }
}

/// `or` is decided by a true, `and` by a false; with neither, one unknown makes all unknown.
fn decided(parts: impl Iterator<Item = Option<bool>>, by: bool) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part {
            Some(answer) if answer == by => return Some(by),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!by)
}

impl Test {
    fn holds(&self, cell: &Cell) -> Option<bool> {
        match self {
            Test::Null => return Some(*cell == Cell::Null),
            Test::NotNull => return Some(*cell != Cell::Null),
            Test::Is(wanted) => return Some(*cell == Cell::Bool(*wanted)),
            _ if *cell == Cell::Null => return None,
            _ => {}
        }
        Some(match self {
            Test::Equal(other) => cell == other,
            Test::NotEqual(other) => cell != other,
            Test::Greater(other) => cell > other,
            Test::GreaterEqual(other) => cell >= other,
            Test::Less(other) => cell < other,
            Test::LessEqual(other) => cell <= other,
            Test::In(others) => others.contains(cell),
            Test::Like { pattern, fold } => resembles(cell, pattern, *fold),
            Test::Null | Test::NotNull | Test::Is(_) => false,
        })
    }
}

fn resembles(cell: &Cell, pattern: &str, fold: bool) -> bool {
    let Cell::Text(text) = cell else { return false };
    if fold {
        like(&pattern.to_lowercase(), &text.to_lowercase(), true)
    } else {
        like(pattern, text, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_make_a_comparison_unknown() {
        let test = |test| Filter::Test { place: 0, test };
        let row = vec![Cell::Null];
        let five = || Cell::Int(5);
        assert!(!test(Test::Equal(five())).wants(&row));
        assert!(!test(Test::NotEqual(five())).wants(&row));
        assert!(!Filter::Not(Box::new(test(Test::Equal(five())))).wants(&row));
        assert!(test(Test::Null).wants(&row));
        assert!(Filter::Any(vec![test(Test::Equal(five())), test(Test::Null)]).wants(&row));
    }
}
