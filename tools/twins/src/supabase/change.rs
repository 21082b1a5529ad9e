//! `PATCH`, `DELETE` and `PUT` (docs/vendors.md §4.2).

use bytes::Bytes;
use http::Response;

use super::cell::Cell;
use super::error::Failure;
use super::payload::Payload;
use super::prefer::{Asked, Return};
use super::rows::Row;
use super::select::select;
use super::state::micros;
use super::turn::{Turn, content_range};
use super::write::{check_nulls, insert, make};
use crate::answer;

/// `PATCH`: sets columns of the rows that the filters want.
pub(crate) fn patch(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let payload = Payload::read(&turn.table, turn.headers, turn.body, turn.query.columns.as_deref())?;
    need_filter(turn, "UPDATE")?;
    let Some(object) = payload.objects.first().filter(|object| !object.is_empty()) else {
        return answer(turn, &[], Asked::Update);
    };
    let mut changed = Vec::new();
    for (id, mut row) in wanted(turn)? {
        for place in &payload.places {
            let column = turn.table.columns[*place].clone();
            row[*place] = match object.get(&column.name) {
                Some(value) => Cell::from_json(column.kind, value)?,
                None if turn.prefer.defaults => turn.state.default(turn.settings, column.default, turn.now),
                None => Cell::Null,
            };
        }
        changed.push((id, row));
    }
    turn.prefer.check_affected(changed.len())?;
    let mut rows = Vec::new();
    for (id, row) in changed {
        let id = update(turn, id, row)?;
        rows.extend(id.and_then(|id| turn.rows().ok()?.get(id).cloned()));
    }
    answer(turn, &rows, Asked::Update)
}

/// `DELETE`: takes away the rows that the filters want.
pub(crate) fn delete(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    need_filter(turn, "DELETE")?;
    let wanted = wanted(turn)?;
    turn.prefer.check_affected(wanted.len())?;
    let table = turn.table.name.clone();
    for (id, _) in &wanted {
        turn.state.replace(&table, Some(*id), None);
    }
    let rows: Vec<Row> = wanted.into_iter().map(|(_, row)| row).collect();
    answer(turn, &rows, Asked::Delete)
}

/// `PUT`: one row, named by its whole primary key, set in all its columns.
pub(crate) fn put(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    if turn.query.ranged {
        let message = "limit/offset querystring parameters are not allowed for PUT";
        return Err(Failure::new(400, "PGRST114", message));
    }
    let named = &turn.query.named;
    let by_key = named.len() == turn.table.primary_key.len()
        && named
            .iter()
            .all(|(name, value)| turn.table.primary_key.contains(name) && value.starts_with("eq."));
    if !by_key {
        let message = "Filters must include all and only primary key columns with 'eq' operators";
        return Err(Failure::new(405, "PGRST105", message));
    }
    let payload = Payload::read(&turn.table, turn.headers, turn.body, turn.query.columns.as_deref())?;
    let mismatch = || {
        Failure::new(
            400,
            "PGRST115",
            "Payload values do not match URL in primary key column(s)",
        )
    };
    let [object] = payload.objects.as_slice() else {
        return Err(mismatch());
    };
    let row = make(turn, &payload.places, object)?;
    if !turn.query.filter.wants(&row) {
        return Err(mismatch());
    }
    let old = wanted(turn)?.into_iter().next();
    let status = if old.is_some() { 200 } else { 201 };
    let id = match old {
        Some((id, _)) => update(turn, id, row)?,
        None => insert(turn, row)?,
    };
    let row = id.and_then(|id| turn.rows().ok()?.get(id).cloned()).unwrap_or_default();
    let response = match turn.prefer.returned {
        Some(Return::Representation) => turn.media.response(status, &turn.query.shown, &[&row]),
        _ => answer::bare(204),
    };
    Ok(turn.finish(response, None, Asked::Create))
}

/// Supabase loads `safeupdate` for its API role: a write to all rows must say so.
fn need_filter(turn: &Turn<'_>, word: &str) -> Result<(), Failure> {
    if turn.query.filter.is_empty() {
        return Err(Failure::new(400, "21000", &format!("{word} requires a WHERE clause")));
    }
    Ok(())
}

fn wanted(turn: &Turn<'_>) -> Result<Vec<(u64, Row)>, Failure> {
    let found = select(turn.rows()?, &turn.query.filter, &[], None);
    Ok(found.into_iter().map(|(id, row)| (id, row.clone())).collect())
}

/// Replaces a row; the trigger touches its column whatever the writer said.
pub(crate) fn update(turn: &mut Turn<'_>, id: u64, mut row: Row) -> Result<Option<u64>, Failure> {
    if let Some(place) = turn.table.touched.as_deref().and_then(|name| turn.table.place(name)) {
        row[place] = Cell::Time(micros(turn.now));
    }
    check_nulls(turn, &row)?;
    if let Some(broken) = turn.rows()?.broken(&row, Some(id)) {
        return Err(broken);
    }
    let table = turn.table.name.clone();
    Ok(turn.state.replace(&table, Some(id), Some(row)))
}

fn answer(turn: &Turn<'_>, rows: &[Row], asked: Asked) -> Result<Response<Bytes>, Failure> {
    let response = match turn.prefer.returned {
        Some(Return::Representation) => {
            turn.media.check(rows.len())?;
            turn.media
                .response(200, &turn.query.shown, &rows.iter().collect::<Vec<_>>())
        }
        _ => answer::bare(204),
    };
    let total = turn.prefer.count.then_some(rows.len());
    let shown = if asked == Asked::Update { rows.len() } else { 0 };
    Ok(turn.finish(response, Some(&content_range(0, shown, total)), asked))
}
