//! Reading leads: the list with its two kinds of paging, and one by id (docs/vendors.md §1.3, §1.5).

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::error::{Failure, body};
use super::fields::Field;
use super::lead::Lead;
use super::leads::{Key, Order};
use super::page_token::{self, Place};
use super::settings::Settings;
use super::turn::Turn;
use crate::answer;
use crate::params::Params;
use crate::times::with_offset;

const PER_PAGE: usize = 200;
const FIELDS: usize = 50;
const IDS: usize = 100;
/// Rows that `page` reaches.
const PAGED: usize = 2_000;
/// Rows that a chain of page tokens reaches.
const CHAINED: usize = 100_000;
const PARAMS: [&str; 13] = [
    "fields",
    "ids",
    "page",
    "per_page",
    "page_token",
    "sort_by",
    "sort_order",
    "converted",
    "approved",
    "cvid",
    "territory_id",
    "include_child",
    "on_demand_properties",
];

/// What a list asks for.
struct Wanted<'a> {
    fields: Vec<&'a Field>,
    ids: Option<BTreeSet<u64>>,
    per_page: usize,
    order: Order,
    descending: bool,
    converted: &'static str,
    since: Option<i64>,
    /// What a page token is bound to.
    bound: String,
}

/// `GET /Leads`.
pub(crate) fn list(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&PARAMS)?;
    let wanted = Wanted::read(turn, &params)?;
    let (place, skipped) = start(turn, &params, &wanted)?;
    let mut rows = wanted.rows(turn, wanted.descending, place.after).skip(skipped);
    let shown: Vec<&Lead> = rows.by_ref().take(wanted.per_page).collect();
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        let status = if wanted.since.is_some() { 304 } else { 204 };
        return Ok(answer::bare(status));
    };
    let more = rows.next().is_some();
    let next = more.then(|| Place {
        after: Some(wanted.order.key(last)),
        page: place.page + 1,
    });
    let previous = wanted.previous(turn, first, place.page);
    let info = wanted.info(turn, shown.len(), place.page, next, previous);
    let data: Vec<Value> = shown
        .iter()
        .map(|lead| show(turn.settings, lead, &wanted.fields))
        .collect();
    Ok(body(200, &json!({ "data": data, "info": info })))
}

/// Where the page starts: at a token's place, or so many rows from the top.
fn start(turn: &Turn<'_>, params: &Params, wanted: &Wanted<'_>) -> Result<(Place, usize), Failure> {
    let Some(token) = params.get("page_token") else {
        let page = params.number("page", 1, usize::MAX)?;
        if page.saturating_mul(wanted.per_page) > PAGED {
            let details = json!({ "param_name": "page", "limit": PAGED });
            return Err(Failure::new("DISCRETE_PAGINATION_LIMIT_EXCEEDED", details));
        }
        return Ok((Place { after: None, page }, (page - 1) * wanted.per_page));
    };
    if params.get("page").is_some() {
        let details = json!({ "param_names": ["page", "page_token"] });
        return Err(Failure::new("AMBIGUITY_DURING_PROCESSING", details));
    }
    let place = page_token::read(token, &wanted.bound, turn.now)?;
    if (place.page - 1) * wanted.per_page >= CHAINED {
        let details = json!({ "param_name": "page_token", "limit": CHAINED });
        return Err(Failure::new("PAGINATION_LIMIT_EXCEEDED", details));
    }
    Ok((place, 0))
}

impl<'a> Wanted<'a> {
    fn read(turn: &Turn<'a>, params: &Params) -> Result<Self, Failure> {
        let fields = fields(turn.settings, params.need("fields")?)?;
        if params.get("cvid").is_some() && params.get("sort_by").is_some() {
            let details = json!({ "param_names": ["cvid", "sort_by"] });
            return Err(Failure::new("AMBIGUITY_DURING_PROCESSING", details));
        }
        let order = match params.word("sort_by", &["id", "Created_Time", "Modified_Time"])? {
            "Created_Time" => Order::Created,
            "Modified_Time" => Order::Modified,
            _ => Order::Id,
        };
        let since = turn.since("if-modified-since")?;
        Ok(Self {
            fields,
            ids: params.get("ids").map(ids).transpose()?,
            per_page: params.number("per_page", PER_PAGE, PER_PAGE)?,
            order,
            descending: params.word("sort_order", &["desc", "asc"])? == "desc",
            converted: params.word("converted", &["false", "true", "both"])?,
            since,
            bound: format!("{}{since:?}", params.but(&["page", "page_token"])),
        })
    }

    fn wants(&self, lead: &Lead) -> bool {
        let converted = match self.converted {
            "both" => true,
            "true" => lead.converted,
            _ => !lead.converted,
        };
        let named = self.ids.as_ref().is_none_or(|ids| ids.contains(&lead.id));
        converted && named && self.since.is_none_or(|since| lead.modified > since)
    }

    fn rows<'t>(
        &'t self,
        turn: &'t Turn<'_>,
        descending: bool,
        after: Option<Key>,
    ) -> Box<dyn Iterator<Item = &'t Lead> + 't> {
        if let Some(ids) = &self.ids {
            return Box::new(self.named(turn, ids, descending, after).into_iter());
        }
        // Rows that nobody asked for must not be walked over page after page.
        let newer = self.since.filter(|_| self.order == Order::Modified);
        let start = after.or_else(|| newer.filter(|_| !descending).map(|since| (since, u64::MAX)));
        let rows = turn.state.leads.ordered(self.order, descending, start);
        let rows = rows.take_while(move |lead| !descending || newer.is_none_or(|since| lead.modified > since));
        Box::new(rows.filter(|lead| self.wants(lead)))
    }

    fn named<'t>(
        &self,
        turn: &'t Turn<'_>,
        ids: &BTreeSet<u64>,
        descending: bool,
        after: Option<Key>,
    ) -> Vec<&'t Lead> {
        let leads = ids
            .iter()
            .filter_map(|id| turn.state.leads.get(*id))
            .filter(|lead| self.wants(lead));
        let mut leads: Vec<&Lead> = leads.collect();
        leads.sort_by_key(|lead| self.order.key(lead));
        if descending {
            leads.reverse();
        }
        let passed = |key: Key, after: Key| if descending { key < after } else { key > after };
        leads.retain(|lead| after.is_none_or(|after| passed(self.order.key(lead), after)));
        leads
    }

    /// The page before this one, found by walking back over as many rows.
    fn previous(&self, turn: &Turn<'_>, first: &Lead, page: usize) -> Option<Place> {
        let page = page.checked_sub(1).filter(|page| *page > 0)?;
        let mut back = self.rows(turn, !self.descending, Some(self.order.key(first)));
        let after = back.nth(self.per_page).map(|lead| self.order.key(lead));
        Some(Place { after, page })
    }

    fn info(&self, turn: &Turn<'_>, count: usize, page: usize, next: Option<Place>, previous: Option<Place>) -> Value {
        let token = |place: &Place| page_token::write(place, &self.bound, turn.now);
        let (next, previous) = (next.as_ref().map(token), previous.as_ref().map(token));
        let expiry = next.as_ref().or(previous.as_ref()).map(|(_, at)| *at);
        let order = match self.order {
            Order::Id => "id",
            Order::Created => "Created_Time",
            Order::Modified => "Modified_Time",
        };
        json!({
            "per_page": self.per_page,
            "count": count,
            "page": page,
            "sort_by": order,
            "sort_order": if self.descending { "desc" } else { "asc" },
            "more_records": next.is_some(),
            "next_page_token": next.map(|(token, _)| token),
            "previous_page_token": previous.map(|(token, _)| token),
            "page_token_expiry": expiry.map(|at| with_offset(at, turn.settings.offset_seconds)),
        })
    }
}

/// The fields named in a query: known ones, at most 50.
pub(crate) fn fields<'a>(settings: &'a Settings, names: &str) -> Result<Vec<&'a Field>, Failure> {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if names.len() > FIELDS {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "param_name": "fields", "limit": FIELDS }),
        ));
    }
    let unknown = |name| Failure::new("INVALID_DATA", json!({ "param_name": "fields", "api_name": name }));
    names
        .into_iter()
        .map(|name| settings.field(name).ok_or_else(|| unknown(name)))
        .collect()
}

fn ids(text: &str) -> Result<BTreeSet<u64>, Failure> {
    let ids: Option<BTreeSet<u64>> = text.split(',').map(|id| id.trim().parse().ok()).collect();
    let ids = ids.ok_or_else(|| Failure::param("INVALID_DATA", "ids"))?;
    if ids.len() > IDS {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "param_name": "ids", "limit": IDS }),
        ));
    }
    Ok(ids)
}

/// A lead with its id and these fields.
pub(crate) fn show(settings: &Settings, lead: &Lead, fields: &[&Field]) -> Value {
    let mut shown: serde_json::Map<String, Value> = fields
        .iter()
        .map(|field| (field.api_name.clone(), lead.show(settings, field)))
        .collect();
    shown.insert("id".to_owned(), json!(lead.id.to_string()));
    Value::Object(shown)
}

/// `GET /Leads/{id}`: 204 without a body when there is none.
pub(crate) fn get(turn: &Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&[
        "fields",
        "converted",
        "approved",
        "cvid",
        "territory_id",
        "include_child",
    ])?;
    let converted = params.word("converted", &["false", "true", "both"])?;
    let since = turn.since("if-modified-since")?;
    let lead = id.parse().ok().and_then(|id| turn.state.leads.get(id));
    let Some(lead) = lead.filter(|lead| converted == "both" || lead.converted == (converted == "true")) else {
        return Ok(answer::bare(204));
    };
    if since.is_some_and(|since| lead.modified <= since) {
        return Ok(answer::bare(304));
    }
    let shown = match params.get("fields") {
        Some(names) => show(turn.settings, lead, &fields(turn.settings, names)?),
        None => lead.whole(turn.settings),
    };
    Ok(body(200, &json!({ "data": [shown] })))
}
