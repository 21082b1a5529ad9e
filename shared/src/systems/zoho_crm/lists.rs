//! Reading records by id and page by page (docs/vendors.md §1.3, §1.5).

use super::limits::{IDS_PER_CALL, ROWS_PER_PAGE};
use super::{Access, ZohoCrm, rows, times};
use crate::systems::http::Request;
use crate::systems::{BadRow, CallError, Seen};
use jiff::Timestamp;
use serde_json::Value as Json;

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The rows in the system's order; one that can't be read does not hide the others.
    pub rows: Vec<Result<Seen, BadRow>>,
    /// What to ask the next page with; `None` after the last one.
    pub next: Option<String>,
}

impl ZohoCrm {
    /// These records as they are now, converted ones too (marked); at most 100 ids. An id that is missing from the
    /// answer is deleted, or was never one.
    ///
    /// # Errors
    /// `Rejected` beyond 100 ids; `Later` where a row can't be read, since it would look deleted.
    pub async fn read(
        &self,
        access: &Access,
        module: &str,
        fields: &[&str],
        ids: &[String],
    ) -> Result<Vec<Seen>, CallError> {
        if ids.len() > IDS_PER_CALL {
            return Err(CallError::Rejected(format!("{} ids in one call", ids.len())));
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (fields, ids) = (rows::list_fields(module, fields), ids.join(","));
        let query = [("fields", fields.as_str()), ("ids", &ids), ("converted", "both")];
        match self.read_json(self.get(access, &[module]).query(&query)).await? {
            Some(body) => rows::all_seen(&body),
            None => Ok(Vec::new()),
        }
    }

    /// A page of the records modified since then (or of all), oldest change first, converted ones too (marked);
    /// deleted ones are in [`ZohoCrm::deleted`]. `since` is meant to overlap what was read before: Zoho's times are
    /// whole seconds. It must stay the same from page to page, to which `page_token` is bound.
    ///
    /// A token is good for 24 hours and 100,000 rows.
    ///
    /// # Errors
    /// `Restart` where the token is no longer good; else as any read.
    pub async fn list(
        &self,
        access: &Access,
        module: &str,
        fields: &[&str],
        since: Option<Timestamp>,
        page_token: Option<&str>,
    ) -> Result<Page, CallError> {
        let (fields, per_page) = (rows::list_fields(module, fields), ROWS_PER_PAGE.to_string());
        let mut query = vec![
            ("fields", fields.as_str()),
            ("sort_by", "Modified_Time"),
            ("sort_order", "asc"),
            ("per_page", per_page.as_str()),
            ("converted", "both"),
        ];
        query.extend(page_token.map(|token| ("page_token", token)));
        let request = modified_since(self.get(access, &[module]).query(&query), since);
        match self.read_json(request).await? {
            Some(body) => listed(&body),
            None => Ok(Page {
                rows: Vec::new(),
                next: None,
            }),
        }
    }

    /// A page of the records deleted since then (or of all), also those in the recycle bin: marked, with the time of
    /// the deletion as modified time. `page` is the `next` of the page before.
    ///
    /// Zoho has no page token here and stops at 2,000 rows.
    ///
    /// # Errors
    /// `Restart` beyond those rows, or for a `page` that is none; else as any read.
    pub async fn deleted(
        &self,
        access: &Access,
        module: &str,
        since: Option<Timestamp>,
        page: Option<&str>,
    ) -> Result<Page, CallError> {
        let number: usize = page
            .unwrap_or("1")
            .parse()
            .map_err(|_| CallError::Restart("not a page".to_owned()))?;
        let (page, per_page) = (number.to_string(), ROWS_PER_PAGE.to_string());
        let query = [("type", "all"), ("page", page.as_str()), ("per_page", &per_page)];
        let request = modified_since(self.get(access, &[module, "deleted"]).query(&query), since);
        let Some(body) = self.read_json(request).await? else {
            return Ok(Page {
                rows: Vec::new(),
                next: None,
            });
        };
        let found = body["data"].as_array();
        let found = found.ok_or_else(|| CallError::Later("an answer without a list of rows".to_owned()))?;
        Ok(Page {
            rows: found.iter().map(rows::deleted).collect(),
            next: has_more(&body).then(|| (number + 1).to_string()),
        })
    }
}

fn modified_since(request: Request, since: Option<Timestamp>) -> Request {
    match since {
        Some(since) => request.header("if-modified-since", &times::write(since)),
        None => request,
    }
}

/// More rows without a token to get them is no end: stopping there would lose them.
fn listed(body: &Json) -> Result<Page, CallError> {
    let next = match (has_more(body), body["info"]["next_page_token"].as_str()) {
        (false, _) => None,
        (true, Some(token)) => Some(token.to_owned()),
        (true, None) => return Err(CallError::Later("more rows, but no page token".to_owned())),
    };
    Ok(Page {
        rows: rows::seen(body)?,
        next,
    })
}

fn has_more(body: &Json) -> bool {
    body["info"]["more_records"].as_bool().unwrap_or(false)
}
