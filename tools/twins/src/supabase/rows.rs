//! The rows of a table, with an index for each constraint and for each column that is read in order.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::cell::Cell;
use super::error::Failure;
use super::schema::{Kind, Table};

/// A row, in the order of the table's columns.
pub(crate) type Row = Vec<Cell>;

/// A unique constraint.
#[derive(Debug)]
struct Unique {
    name: String,
    places: Vec<usize>,
    rows: BTreeMap<Row, u64>,
}

#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) table: Table,
    /// By place in the heap: an update moves a row to the end, so that reading without an order is unsafe.
    rows: BTreeMap<u64, Row>,
    unique: Vec<Unique>,
    ordered: BTreeMap<usize, BTreeSet<(Cell, u64)>>,
    next: u64,
}

impl Rows {
    pub(crate) fn new(table: Table) -> Self {
        let places = |columns: &[String]| columns.iter().filter_map(|c| table.place(c)).collect::<Vec<_>>();
        let constraint = |name: String, columns: &[String]| Unique {
            name,
            places: places(columns),
            rows: BTreeMap::new(),
        };
        let mut unique = vec![constraint(format!("{}_pkey", table.name), &table.primary_key)];
        for columns in &table.unique {
            unique.push(constraint(format!("{}_{}_key", table.name, columns.join("_")), columns));
        }
        let times = (0..table.columns.len()).filter(|place| table.columns[*place].kind == Kind::Timestamp);
        let singles = unique
            .iter()
            .filter(|u| u.places.len() == 1)
            .flat_map(|u| u.places.clone());
        let ordered = times.chain(singles).map(|place| (place, BTreeSet::new())).collect();
        Self {
            table,
            rows: BTreeMap::new(),
            unique,
            ordered,
            next: 1,
        }
    }

    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Row> {
        self.rows.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (u64, &Row)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    pub(crate) fn put(&mut self, id: u64, row: Row) {
        self.next = self.next.max(id + 1);
        for unique in &mut self.unique {
            if let Some(key) = key(&row, &unique.places) {
                unique.rows.insert(key, id);
            }
        }
        for (place, index) in &mut self.ordered {
            index.insert((row[*place].clone(), id));
        }
        self.rows.insert(id, row);
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Row> {
        let row = self.rows.remove(&id)?;
        for unique in &mut self.unique {
            if let Some(key) = key(&row, &unique.places) {
                unique.rows.remove(&key);
            }
        }
        for (place, index) in &mut self.ordered {
            index.remove(&(row[*place].clone(), id));
        }
        Some(row)
    }

    /// The first constraint that a row would break beside any row but its own old one.
    pub(crate) fn broken(&self, row: &Row, own: Option<u64>) -> Option<Failure> {
        let other = |unique: &Unique| unique.rows.get(&key(row, &unique.places)?).copied();
        let broken = self
            .unique
            .iter()
            .find(|unique| other(unique).is_some_and(|id| Some(id) != own))?;
        let columns: Vec<&str> = broken
            .places
            .iter()
            .map(|place| self.table.columns[*place].name.as_str())
            .collect();
        let values: Vec<String> = broken.places.iter().map(|place| row[*place].text()).collect();
        let details = format!("Key ({})=({}) already exists.", columns.join(", "), values.join(", "));
        let message = format!("duplicate key value violates unique constraint \"{}\"", broken.name);
        Some(Failure::new(409, "23505", &message).details(&details))
    }

    /// The constraint on exactly these columns.
    pub(crate) fn constraint(&self, places: &[usize]) -> Option<usize> {
        let wanted: BTreeSet<&usize> = places.iter().collect();
        self.unique
            .iter()
            .position(|unique| unique.places.iter().collect::<BTreeSet<_>>() == wanted)
    }

    /// The row that has this row's values in a constraint's columns.
    pub(crate) fn conflict(&self, constraint: usize, row: &Row) -> Option<u64> {
        let unique = self.unique.get(constraint)?;
        unique.rows.get(&key(row, &unique.places)?).copied()
    }

    pub(crate) fn is_ordered(&self, place: usize) -> bool {
        self.ordered.contains_key(&place)
    }

    /// Rows by the values of an ordered column, within bounds.
    pub(crate) fn range(
        &self,
        place: usize,
        bounds: (Bound<Cell>, Bound<Cell>),
    ) -> impl DoubleEndedIterator<Item = (&Cell, u64)> {
        let low = match bounds.0 {
            Bound::Included(cell) => Bound::Included((cell, 0)),
            Bound::Excluded(cell) => Bound::Excluded((cell, u64::MAX)),
            Bound::Unbounded => Bound::Unbounded,
        };
        let high = match bounds.1 {
            Bound::Included(cell) => Bound::Included((cell, u64::MAX)),
            Bound::Excluded(cell) => Bound::Excluded((cell, 0)),
            Bound::Unbounded => Bound::Unbounded,
        };
        // A range from high to low is a panic in std, and simply empty in SQL.
        let empty = match (&low, &high) {
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
            _ => false,
        };
        let index = self.ordered.get(&place).filter(|_| !empty);
        index
            .into_iter()
            .flat_map(move |index| index.range((low.clone(), high.clone())).map(|(cell, id)| (cell, *id)))
    }
}

/// A row's values in some columns; none where one is null, as nulls are distinct.
fn key(row: &Row, places: &[usize]) -> Option<Row> {
    let key: Row = places.iter().map(|place| row[*place].clone()).collect();
    (!key.contains(&Cell::Null)).then_some(key)
}
