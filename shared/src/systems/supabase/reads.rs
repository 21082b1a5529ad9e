//! Reading rows (docs/vendors.md §4.3).

use super::Supabase;
use super::filters::{self, Wanted};
use super::rows::{Cursor, Row, Table};
use crate::systems::CallError;
use crate::systems::http::Response;
use jiff::Timestamp;
use serde_json::Value as Json;

impl Supabase {
    /// The next rows in the order of (modified, id): those after `after`, and not before `since`. `columns` may be
    /// empty for all; id and times are always among them.
    ///
    /// **Only an empty page is the end**: a project caps the rows of an answer below `limit` (its setting "Max rows",
    /// 1,000 unless changed).
    ///
    /// # Errors
    /// As any read.
    pub async fn page(
        &self,
        table: &Table<'_>,
        columns: &[&str],
        after: Option<&Cursor>,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Row>, CallError> {
        let order = format!("{}.asc,{}.asc", table.modified, table.id);
        let (select, limit) = (table.select(columns), limit.to_string());
        let after = after.map(|cursor| filters::after(table.modified, table.id, cursor));
        let since = since.map(|since| format!("gte.{since}"));
        let mut query = vec![("select", select.as_str()), ("order", &order), ("limit", &limit)];
        query.extend(after.as_deref().map(|after| ("or", after)));
        query.extend(since.as_deref().map(|since| (table.modified, since)));
        rows(&self.read(self.get(table.name).query(&query)).await?)
    }

    /// The rows with these ids. One that is missing from the answer is not there.
    ///
    /// One call for each 4.5 kB of ids.
    ///
    /// # Errors
    /// As any read.
    pub async fn by_id(&self, table: &Table<'_>, columns: &[&str], ids: &[String]) -> Result<Vec<Row>, CallError> {
        self.find(table, columns, &[(table.id, ids.to_vec())]).await
    }

    /// The rows in which any of these columns has any of its values, each once. Postgres compares exactly: letter case
    /// matters. It reads what is committed at that moment: a row that is not found is not there.
    ///
    /// One call for each 4.5 kB of values; more where an answer was cut off by the project's cap on rows.
    ///
    /// # Errors
    /// As any read; `Rejected` for all where one value does not fit its column's type (22P02).
    pub async fn find(
        &self,
        table: &Table<'_>,
        columns: &[&str],
        any_of: &[(&str, Vec<String>)],
    ) -> Result<Vec<Row>, CallError> {
        let select = table.select(columns);
        let mut found: Vec<Row> = Vec::new();
        let mut open = filters::slices(any_of);
        while let Some(wanted) = open.pop() {
            let (rows, is_whole) = self.slice(table.name, &select, &wanted).await?;
            if !is_whole && wanted.len() > 1 {
                let (left, right) = wanted.split_at(wanted.len() / 2);
                open.extend([left.to_vec(), right.to_vec()]);
                continue;
            }
            for row in rows {
                if !found.contains(&row) {
                    found.push(row);
                }
            }
        }
        Ok(found)
    }

    async fn slice(&self, table: &str, select: &str, wanted: &[Wanted<'_>]) -> Result<(Vec<Row>, bool), CallError> {
        let any_of = filters::any_of(wanted);
        let request = self.get(table).query(&[("select", select), ("or", &any_of)]);
        // The count tells a whole answer from one that the cap on rows cut off.
        let answer = self.read(request.header("prefer", "count=exact")).await?;
        let rows = rows(&answer)?;
        let is_whole = total(&answer).is_none_or(|total| rows.len() >= total);
        Ok((rows, is_whole))
    }
}

fn rows(answer: &Response) -> Result<Vec<Row>, CallError> {
    let not_rows = || CallError::Later("an answer that is no list of rows".to_owned());
    match answer.json() {
        Ok(Some(Json::Array(rows))) => {
            let row = |row| match row {
                Json::Object(row) => Ok(row),
                _ => Err(not_rows()),
            };
            rows.into_iter().map(row).collect()
        }
        _ => Err(not_rows()),
    }
}

/// The total of `Content-Range: 0-24/573`; `*` is none.
fn total(answer: &Response) -> Option<usize> {
    answer.header("content-range")?.rsplit_once('/')?.1.parse().ok()
}
