//! Inserting rows, so that one that is refused does not take the others along: a request is one transaction
//! (docs/vendors.md §4.2).

use super::rows::{Row, Table, text};
use super::writes::{returned, written};
use super::{Supabase, codes};
use crate::systems::http::{Effect, Response, WRITE_TIMEOUT};
use crate::systems::{Action, CallError, Written};
use http::Method;
use serde_json::Value as Json;
use tokio::time::Instant;

type Outcome = Result<Written, CallError>;

/// Why a call for several rows failed.
enum Failure {
    /// One of the rows, at least, is to blame, and nothing was inserted.
    OneOfThem,
    /// It stands for all.
    All(CallError),
}

impl Supabase {
    /// Inserts rows; the results are in their order. `same_by` names the columns that tell one row from another
    /// (`portal_lead_id`, …): by them the rows that come back are known again.
    ///
    /// Write class: **findable**, by [`Supabase::find`] on unique columns, as Postgres reads what it has committed: after
    /// an unknown outcome look first. Without a unique column it could not be told from its double.
    ///
    /// One call for each set of columns, as a call's rows must have the same (§4.2). Where a call is refused for what
    /// may be one row's fault, its rows are sent one by one. All of it ends within the timeout of one write; a row
    /// that was not sent by then is `Later`.
    ///
    /// # Errors
    /// The error stands for every row. Otherwise a row's own error is its result (`Exists`, `Rejected`, `Unknown` after a
    /// lost answer, …).
    pub async fn insert(&self, table: &Table<'_>, rows: &[Row], same_by: &[&str]) -> Result<Vec<Outcome>, CallError> {
        let until = Instant::now() + WRITE_TIMEOUT;
        let groups = groups(rows);
        if groups.len() == 1 {
            let members: Vec<&Row> = rows.iter().collect();
            return self.group(table, &members, same_by, until).await;
        }
        let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(rows.len());
        for group in groups {
            let members: Vec<&Row> = group.iter().map(|index| &rows[*index]).collect();
            let results = self.group(table, &members, same_by, until).await;
            let results = results.unwrap_or_else(|error| vec![Err(error); members.len()]);
            outcomes.extend(group.into_iter().zip(results));
        }
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }

    async fn group(
        &self,
        table: &Table<'_>,
        rows: &[&Row],
        same_by: &[&str],
        until: Instant,
    ) -> Result<Vec<Outcome>, CallError> {
        match self.together(table, rows, same_by, until).await {
            Ok(outcomes) => Ok(outcomes),
            Err(Failure::All(error)) => Err(error),
            Err(Failure::OneOfThem) => Ok(self.one_by_one(table, rows, same_by, until).await),
        }
    }

    /// A pause that is asked for, or a key that is refused, ends it: it stands for the rows that are left, too.
    async fn one_by_one(&self, table: &Table<'_>, rows: &[&Row], same_by: &[&str], until: Instant) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            let outcome = self.alone(table, row, same_by, until).await;
            if let Err(error @ (CallError::Wait { .. } | CallError::Forbidden(_))) = &outcome {
                outcomes.resize(rows.len(), Err(error.clone()));
                return outcomes;
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    async fn alone(&self, table: &Table<'_>, row: &Row, same_by: &[&str], until: Instant) -> Outcome {
        match self.together(table, &[row], same_by, until).await {
            Ok(mut outcomes) => outcomes
                .pop()
                .unwrap_or_else(|| Err(CallError::Unknown("no result".to_owned()))),
            Err(Failure::All(error)) => Err(error),
            Err(Failure::OneOfThem) => Err(CallError::Rejected("refused".to_owned())),
        }
    }

    async fn together(
        &self,
        table: &Table<'_>,
        rows: &[&Row],
        same_by: &[&str],
        until: Instant,
    ) -> Result<Vec<Outcome>, Failure> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failure::All(CallError::Later("not sent: no time left".to_owned())));
        }
        let body = Json::Array(rows.iter().map(|row| Json::Object((*row).clone())).collect());
        let request = self.change(Method::POST, table.name).within(left);
        let request = request
            .header("prefer", "return=representation, missing=default")
            .json(&body);
        let answer = self.http.send(request).await.map_err(Failure::All)?;
        refused(&answer, rows.len())?;
        let back = returned(&answer).map_err(Failure::All)?;
        Ok(matched(table, rows, &back, same_by))
    }
}

fn refused(answer: &Response, rows: usize) -> Result<(), Failure> {
    if answer.status().is_success() {
        return Ok(());
    }
    let body = answer.json().ok().flatten().unwrap_or(Json::Null);
    if rows > 1 && codes::is_of_a_row(codes::code(&body)) {
        return Err(Failure::OneOfThem);
    }
    let status = answer.status().as_u16();
    Err(Failure::All(codes::refusal(
        Effect::Writes,
        status,
        answer.retry_after(),
        &body,
    )))
}

/// The places of the rows that set the same columns, group by group.
fn groups(rows: &[Row]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Vec<&String>, Vec<usize>)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut columns: Vec<&String> = row.keys().collect();
        columns.sort();
        match groups.iter_mut().find(|(known, _)| *known == columns) {
            Some((_, members)) => members.push(index),
            None => groups.push((columns, vec![index])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

/// Each sent row's result. PostgREST returns rows in the order of sending, but promises it nowhere: the row in the same
/// place counts if it is the same, else one elsewhere that is.
fn matched(table: &Table<'_>, sent: &[&Row], back: &[Row], same_by: &[&str]) -> Vec<Outcome> {
    let found = |(index, row): (usize, &&Row)| {
        let here = back.get(index).filter(|other| is_same(row, other, same_by));
        // Without such columns every row looks the same, and only the place tells.
        let elsewhere = || {
            back.iter()
                .find(|other| has_any(row, same_by) && is_same(row, other, same_by))
        };
        match here.or_else(elsewhere) {
            Some(other) if back.len() == sent.len() => written(table, other, Action::Inserted),
            _ => Err(CallError::Unknown(
                "inserted rows that are not those that were sent".to_owned(),
            )),
        }
    };
    sent.iter().enumerate().map(found).collect()
}

/// Postgres writes a uuid in lower case, whatever was sent.
fn is_same(sent: &Row, back: &Row, same_by: &[&str]) -> bool {
    same_by.iter().all(|column| match sent.get(*column).and_then(text) {
        Some(wanted) => back
            .get(*column)
            .and_then(text)
            .is_some_and(|found| found.eq_ignore_ascii_case(&wanted)),
        None => true,
    })
}

fn has_any(row: &Row, columns: &[&str]) -> bool {
    columns.iter().any(|column| row.get(*column).and_then(text).is_some())
}
