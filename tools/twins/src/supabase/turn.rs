//! One request while it is carried out.

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use jiff::Timestamp;

use super::error::Failure;
use super::prefer::{Asked, Prefer};
use super::query::Query;
use super::rows::Rows;
use super::schema::Table;
use super::settings::Settings;
use super::show::Media;
use super::state::State;
use crate::answer;

/// A request at work.
pub(crate) struct Turn<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) state: &'a mut State,
    pub(crate) now: Timestamp,
    pub(crate) table: Table,
    pub(crate) query: Query,
    pub(crate) prefer: Prefer,
    pub(crate) media: Media,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) method: &'a Method,
    pub(crate) body: &'a Bytes,
}

impl Turn<'_> {
    pub(crate) fn rows(&self) -> Result<&Rows, Failure> {
        self.state
            .rows(&self.table.name)
            .ok_or_else(|| Failure::no_table(&self.table.name))
    }

    /// Adds `Content-Range` and `Preference-Applied`.
    pub(crate) fn finish(&self, mut response: Response<Bytes>, range: Option<&str>, asked: Asked) -> Response<Bytes> {
        if let Some(range) = range {
            answer::set(&mut response, "content-range", range);
        }
        if let Some(applied) = self.prefer.applied(asked) {
            answer::set(&mut response, "preference-applied", &applied);
        }
        response
    }
}

/// `0-9/*`, `*/0`, `*/*`: from the first row to the last, and the total if it was asked for.
pub(crate) fn content_range(offset: usize, count: usize, total: Option<usize>) -> String {
    let total_text = total.map_or("*".to_owned(), |total| total.to_string());
    if count == 0 || total == Some(0) {
        return format!("*/{total_text}");
    }
    format!("{offset}-{}/{total_text}", offset + count - 1)
}
