//! What kinds whose objects are rows of a Supabase project have in common.

use super::Results;
use crate::sync::budget::Limits;
use crate::systems::supabase::{Row, Supabase, Table};
use crate::systems::{CallError, Seen, Written};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};

/// PATCH calls at once.
pub(super) const AT_ONCE: usize = 5;

/// Supabase states none for its data API (docs/vendors.md §4.4); calls at once are kept modest.
pub(super) fn limits() -> Limits {
    Limits {
        windows: Vec::new(),
        concurrency: 10,
    }
}

/// A row as an object; one that can't be read now may be mended.
pub(super) fn seen(table: &Table<'_>, row: &Row) -> Result<Seen, CallError> {
    table.seen(row).map_err(|it| CallError::Later(it.why))
}

/// The row with this id; `None` if it is not there.
pub(super) async fn read(
    client: &Supabase,
    table: &Table<'_>,
    columns: &[&str],
    id: &str,
) -> Result<Option<Seen>, CallError> {
    let rows = client.by_id(table, columns, &[id.to_owned()]).await?;
    rows.first().map(|row| seen(table, row)).transpose()
}

/// The answers of one call for each row, some of them at once.
pub(super) async fn each<'a>(calls: impl Iterator<Item = BoxFuture<'a, Result<Written, CallError>>>) -> Results {
    // Collected: the compiler can't see through a stream of borrowing futures that it is `Send`.
    let calls: Vec<_> = calls.collect();
    Ok(stream::iter(calls).buffered(AT_ONCE).collect().await)
}
