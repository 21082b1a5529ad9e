//! `GET` and `HEAD` (docs/vendors.md §4.3).

use bytes::Bytes;
use http::Response;

use super::error::Failure;
use super::prefer::Asked;
use super::query::unsatisfiable;
use super::rows::Row;
use super::select::select;
use super::turn::{Turn, content_range};
use crate::answer;

/// Reads rows. The project's cap on rows holds whatever was asked for.
pub(crate) fn read(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.query.range(turn.headers)?;
    let query = &turn.query;
    let length = query.limit.unwrap_or(usize::MAX).min(turn.settings.max_rows);
    let most = (!turn.prefer.count).then(|| query.offset.saturating_add(length));
    let found = select(turn.rows()?, &query.filter, &query.order, most);
    let total = turn.prefer.count.then_some(found.len());
    let page: Vec<&Row> = found
        .into_iter()
        .skip(query.offset)
        .take(length)
        .map(|(_, row)| row)
        .collect();
    let range = content_range(query.offset, page.len(), total);
    if let Some(total) = total.filter(|total| query.offset > *total) {
        let details = format!(
            "An offset of {} was requested, but there are only {total} rows.",
            query.offset
        );
        let mut response = unsatisfiable(&details).response();
        answer::set(&mut response, "content-range", &range);
        return Ok(response);
    }
    turn.media.check(page.len())?;
    let status = if total.is_some_and(|total| page.len() < total) {
        206
    } else {
        200
    };
    let mut response = turn.media.response(status, &query.shown, &page);
    if turn.method.as_str() == "HEAD" {
        *response.body_mut() = Bytes::new();
    }
    Ok(turn.finish(response, Some(&range), Asked::Read))
}
