//! `POST`: insert and upsert (docs/vendors.md §4.2). All or nothing.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use super::cell::Cell;
use super::error::Failure;
use super::payload::Payload;
use super::prefer::{Asked, Resolution, Return};
use super::rows::Row;
use super::turn::{Turn, content_range};
use crate::answer;

/// Inserts rows, or merges or ignores those whose key is there.
pub(crate) fn post(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let payload = Payload::read(&turn.table, turn.headers, turn.body, turn.query.columns.as_deref())?;
    let target = target(turn)?;
    let (mut touched, mut inserted) = (BTreeSet::new(), 0);
    for object in &payload.objects {
        let row = make(turn, &payload.places, object)?;
        let other = match target {
            Some(target) => turn.rows()?.conflict(target, &row),
            None => None,
        };
        let id = match (other, turn.prefer.resolution) {
            (Some(_), Some(Resolution::Ignore)) => None,
            (Some(other), _) if touched.contains(&other) => return Err(second_time()),
            (Some(other), _) => merge(turn, other, &row, &payload.places)?,
            (None, _) => {
                inserted += 1;
                insert(turn, row)?
            }
        };
        touched.extend(id);
    }
    answer(turn, &touched, inserted)
}

/// The constraint on which an upsert finds its row: that of `on_conflict`, else the primary key.
fn target(turn: &Turn<'_>) -> Result<Option<usize>, Failure> {
    let columns = match (&turn.query.on_conflict, turn.prefer.resolution) {
        (_, None) => return Ok(None),
        (Some(columns), _) => columns,
        (None, _) => &turn.table.primary_key,
    };
    let place = |name: &String| {
        let message = format!("column \"{name}\" does not exist");
        turn.table
            .place(name)
            .ok_or_else(|| Failure::new(400, "42703", &message))
    };
    let places = columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let none = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
    let constraint = turn.rows()?.constraint(&places);
    constraint.map(Some).ok_or_else(|| Failure::new(400, "42P10", none))
}

fn second_time() -> Failure {
    let failure = Failure::new(
        500,
        "21000",
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
    );
    failure
        .hint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
}

/// A row for insertion: columns that are set take the object's value, null (or, with `missing=default`,
/// the default) where it has none; columns that are not set take their default.
pub(crate) fn make(turn: &mut Turn<'_>, places: &[usize], object: &Map<String, Value>) -> Result<Row, Failure> {
    let columns = turn.table.columns.clone();
    let mut row = Row::with_capacity(columns.len());
    for (place, column) in columns.iter().enumerate() {
        let set = places.contains(&place);
        row.push(match object.get(&column.name).filter(|_| set) {
            Some(value) => Cell::from_json(column.kind, value)?,
            None if set && !turn.prefer.defaults => Cell::Null,
            None => turn.state.default(turn.settings, column.default, turn.now),
        });
    }
    check_nulls(turn, &row)?;
    Ok(row)
}

/// No null in a column that takes none.
pub(crate) fn check_nulls(turn: &Turn<'_>, row: &Row) -> Result<(), Failure> {
    let mut cells = turn.table.columns.iter().zip(row);
    let Some((column, _)) = cells.find(|(column, cell)| column.not_null && **cell == Cell::Null) else {
        return Ok(());
    };
    let message = format!(
        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
        column.name, turn.table.name
    );
    let values: Vec<String> = row.iter().map(Cell::text).collect();
    let details = format!("Failing row contains ({}).", values.join(", "));
    Err(Failure::new(400, "23502", &message).details(&details))
}

pub(crate) fn insert(turn: &mut Turn<'_>, row: Row) -> Result<Option<u64>, Failure> {
    if let Some(broken) = turn.rows()?.broken(&row, None) {
        return Err(broken);
    }
    let table = turn.table.name.clone();
    Ok(turn.state.replace(&table, None, Some(row)))
}

fn merge(turn: &mut Turn<'_>, id: u64, row: &Row, places: &[usize]) -> Result<Option<u64>, Failure> {
    let mut merged = turn.rows()?.get(id).cloned().unwrap_or_default();
    for place in places {
        merged[*place] = row[*place].clone();
    }
    super::change::update(turn, id, merged)
}

fn answer(turn: &Turn<'_>, touched: &BTreeSet<u64>, inserted: usize) -> Result<Response<Bytes>, Failure> {
    let rows: Vec<&Row> = touched.iter().filter_map(|id| turn.rows().ok()?.get(*id)).collect();
    let merges = turn.prefer.resolution == Some(Resolution::Merge);
    let status = if merges && inserted == 0 { 200 } else { 201 };
    let mut response = answer::bare(status);
    if turn.prefer.returned == Some(Return::Representation) {
        turn.media.check(rows.len())?;
        response = turn.media.response(status, &turn.query.shown, &rows);
    }
    if let (Some(Return::HeadersOnly), [row]) = (turn.prefer.returned, rows.as_slice()) {
        answer::set(&mut response, "location", &location(turn, row));
    }
    let range = content_range(0, 0, turn.prefer.count.then_some(touched.len()));
    Ok(turn.finish(response, Some(&range), Asked::Create))
}

fn location(turn: &Turn<'_>, row: &Row) -> String {
    let key = |name: &String| {
        let place = turn.table.place(name).unwrap_or_default();
        format!("{name}=eq.{}", row[place].text())
    };
    let keys: Vec<String> = turn.table.primary_key.iter().map(key).collect();
    format!("/{}?{}", turn.table.name, keys.join("&"))
}
