//! A request's query: what to show, which rows, in which order, from where to where.

use http::HeaderMap;

use super::error::Failure;
use super::filter::Filter;
use super::parse;
use super::schema::Table;

/// A column of the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) label: String,
    pub(crate) place: usize,
    /// Cast with `::text`.
    pub(crate) as_text: bool,
}

/// A part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) place: usize,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

/// A query, understood.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) shown: Vec<Shown>,
    pub(crate) filter: Filter,
    /// The names of the columns with filters of their own, and the texts: `PUT` looks at them.
    pub(crate) named: Vec<(String, String)>,
    pub(crate) order: Vec<Sort>,
    pub(crate) offset: usize,
    pub(crate) limit: Option<usize>,
    /// Whether limit or offset stood in the query.
    pub(crate) ranged: bool,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) on_conflict: Option<Vec<String>>,
}

impl Query {
    /// Reads a query string. A plus sign is a space, as everywhere in forms.
    pub(crate) fn read(table: &Table, text: &str) -> Result<Self, Failure> {
        let mut query = Self {
            shown: all(table),
            filter: Filter::All(Vec::new()),
            named: Vec::new(),
            order: Vec::new(),
            offset: 0,
            limit: None,
            ranged: false,
            columns: None,
            on_conflict: None,
        };
        let mut filters = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "select" => query.shown = select(table, &value)?,
                "order" => query.order = order(table, &value)?,
                "limit" => query.limit = Some(number("limit", &value, &mut query.ranged)?),
                "offset" => query.offset = number("offset", &value, &mut query.ranged)?,
                "columns" => query.columns = Some(names("columns parameter", &value)?),
                "on_conflict" => query.on_conflict = Some(names("on_conflict parameter", &value)?),
                "and" | "or" | "not.and" | "not.or" => filters.push(parse::tree(table, &name, &value)?),
                _ => {
                    filters.push(parse::column(table, &name, &value)?);
                    query.named.push((name.into_owned(), value.into_owned()));
                }
            }
        }
        query.filter = Filter::All(filters);
        Ok(query)
    }

    /// Narrows the range by the `Range` header (`0-199`, `200-`), which only reads have.
    pub(crate) fn range(&mut self, headers: &HeaderMap) -> Result<(), Failure> {
        let Some(range) = headers.get("range").and_then(|value| value.to_str().ok()) else {
            return Ok(());
        };
        let range = range.trim().trim_start_matches("items=");
        // What is not a range is not looked at, as in PostgREST.
        let Some((from, to)) = range.split_once('-') else {
            return Ok(());
        };
        let Ok(from) = from.trim().parse::<usize>() else {
            return Ok(());
        };
        let last = to.trim().parse::<usize>().ok();
        if last.is_some_and(|last| last < from) {
            let details = "The lower boundary must be lower than or equal to the upper boundary in the Range header.";
            return Err(unsatisfiable(details));
        }
        let end = match (last.map(|last| last + 1), self.limit.map(|limit| self.offset + limit)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.offset = self.offset.max(from);
        self.limit = end.map(|end| end.saturating_sub(self.offset));
        Ok(())
    }
}

/// 416 with its reason.
pub(crate) fn unsatisfiable(details: &str) -> Failure {
    Failure::new(416, "PGRST103", "Requested range not satisfiable").details(details)
}

fn all(table: &Table) -> Vec<Shown> {
    let shown = |(place, column): (usize, &super::schema::Column)| Shown {
        label: column.name.clone(),
        place,
        as_text: false,
    };
    table.columns.iter().enumerate().map(shown).collect()
}

fn number(what: &str, text: &str, ranged: &mut bool) -> Result<usize, Failure> {
    *ranged = true;
    if text.starts_with('-') && what == "limit" {
        return Err(unsatisfiable("Limit should be greater than or equal to zero."));
    }
    text.parse()
        .map_err(|_| Failure::parse(what, text, 1, "expecting digit"))
}

fn names(what: &str, text: &str) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = text
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect();
    if names.iter().any(String::is_empty) {
        let details = "unexpected end of input expecting field name (* or [a..z0..9_$])";
        return Err(Failure::parse(what, text, 1, details));
    }
    Ok(names)
}

/// `a,label:b,c::text,*`. Embedding needs a foreign key, and no table here has one.
fn select(table: &Table, text: &str) -> Result<Vec<Shown>, Failure> {
    if text.is_empty() {
        return Ok(all(table));
    }
    let mut shown = Vec::new();
    for item in text.split(',').map(str::trim) {
        if item == "*" {
            shown.extend(all(table));
            continue;
        }
        if let Some((other, _)) = item.split_once('(') {
            let message = format!(
                "Could not find a relationship between '{}' and '{other}' in the schema cache",
                table.name
            );
            return Err(Failure::new(400, "PGRST200", &message));
        }
        let (item, as_text) = match item.split_once("::") {
            Some((item, "text")) => (item, true),
            Some(_) => {
                return Err(Failure::parse("select parameter", text, 1, "unexpected cast"));
            }
            None => (item, false),
        };
        let (label, name) = item.split_once(':').unwrap_or((item, item));
        let name = name.trim_matches('"');
        if name.is_empty() {
            let details = "unexpected end of input expecting field name (* or [a..z0..9_$])";
            return Err(Failure::parse("select parameter", text, 1, details));
        }
        let place = table.place(name).ok_or_else(|| Failure::no_column(table, name))?;
        shown.push(Shown {
            label: label.trim_matches('"').to_owned(),
            place,
            as_text,
        });
    }
    Ok(shown)
}

/// `a.asc,b.desc.nullslast`
fn order(table: &Table, text: &str) -> Result<Vec<Sort>, Failure> {
    let part = |part: &str| {
        let mut words = part.trim().split('.');
        let name = words.next().unwrap_or_default().trim_matches('"');
        let (mut descending, mut nulls_first) = (false, None);
        for word in words {
            match word {
                "asc" => descending = false,
                "desc" => descending = true,
                "nullsfirst" => nulls_first = Some(true),
                "nullslast" => nulls_first = Some(false),
                _ => {
                    let details = format!("unexpected \"{word}\" expecting \",\" or end of input");
                    return Err(Failure::parse("order", text, 1, &details));
                }
            }
        }
        let place = table.place(name).ok_or_else(|| Failure::no_column(table, name))?;
        Ok(Sort {
            place,
            descending,
            nulls_first: nulls_first.unwrap_or(descending),
        })
    };
    text.split(',').filter(|p| !p.is_empty()).map(part).collect()
}
