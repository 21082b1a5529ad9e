//! Looking records up by the values of their fields, in bulk, by COQL (docs/vendors.md §1.6).

use super::limits::{ROWS_PER_LOOK_UP, ROWS_PER_QUERY, VALUES_PER_QUERY};
use super::{Access, ZohoCrm, rows};
use crate::systems::{CallError, Seen};
use serde_json::json;

impl ZohoCrm {
    /// The records in which any of these fields has any of its values, each once, under `fields` and their times.
    ///
    /// Zoho compares in its own way (letter case, blanks): compare the found values with the wanted ones again.
    /// COQL reads the records themselves, not the lagging search index, as far as known; it shows no converted
    /// lead, as far as known, so that "not found" may mean "converted".
    ///
    /// One call for each 50 values of the longest list and 200 rows found; a credit each.
    ///
    /// # Errors
    /// `Rejected` where more than 2,000 records match one query; else as any read.
    pub async fn find(
        &self,
        access: &Access,
        module: &str,
        fields: &[&str],
        by: &[(&str, Vec<String>)],
    ) -> Result<Vec<Seen>, CallError> {
        let mut found: Vec<Seen> = Vec::new();
        for condition in conditions(by) {
            let select = format!(
                "select {} from {module} where {condition}",
                rows::query_fields(fields).join(", ")
            );
            for seen in self.query(access, &select).await? {
                if !found.iter().any(|other| other.id == seen.id) {
                    found.push(seen);
                }
            }
        }
        Ok(found)
    }

    async fn query(&self, access: &Access, select: &str) -> Result<Vec<Seen>, CallError> {
        let mut found = Vec::new();
        while found.len() < ROWS_PER_LOOK_UP {
            let offset = found.len();
            let query = format!("{select} order by id asc limit {offset}, {ROWS_PER_QUERY}");
            let request = self.ask(access, &["coql"]).json(&json!({ "select_query": query }));
            let Some(body) = self.read_json(request).await? else {
                return Ok(found);
            };
            let page = rows::all_seen(&body)?;
            let more = body["info"]["more_records"]
                .as_bool()
                .unwrap_or(page.len() >= ROWS_PER_QUERY);
            let empty = page.is_empty();
            found.extend(page);
            if !more || empty {
                return Ok(found);
            }
        }
        Err(CallError::Rejected(format!(
            "more than {ROWS_PER_LOOK_UP} records match one look-up"
        )))
    }
}

/// One condition for each slice of at most 50 values per field.
fn conditions(by: &[(&str, Vec<String>)]) -> Vec<String> {
    let longest = by.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let slices = (0..longest).step_by(VALUES_PER_QUERY);
    slices.map(|start| condition(by, start)).collect()
}

/// More than two criteria must be bracketed in pairs: `((A or B) or C)` ("COQL Limitations").
fn condition(by: &[(&str, Vec<String>)], start: usize) -> String {
    let lists = by.iter().filter_map(|(field, values)| {
        let values = values.get(start..)?;
        let texts: Vec<String> = values
            .iter()
            .take(VALUES_PER_QUERY)
            .map(|value| literal(value))
            .collect();
        (!texts.is_empty()).then(|| format!("{field} in ({})", texts.join(", ")))
    });
    let joined = lists.reduce(|left, right| format!("({left} or {right})"));
    joined.unwrap_or_default()
}

/// A text in quotes. Zoho takes either kind and doubles one inside itself (Kaizen #171), so the kind that the text
/// does not hold needs no escape at all. What a backslash means is not documented: doubled, no reading of it can
/// end the text early.
fn literal(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let body = text.replace('\\', "\\\\").replace(quote, &format!("{quote}{quote}"));
    format!("{quote}{body}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_quotes() {
        for (text, expected) in [
            ("a@b.mt", "'a@b.mt'"),
            ("o'neil@b.mt", "\"o'neil@b.mt\""),
            ("a\"b@b.mt", "'a\"b@b.mt'"),
            ("a'\"b", "'a''\"b'"),
            ("a\\' or id is not null", "\"a\\\\' or id is not null\""),
        ] {
            assert_eq!(literal(text), expected);
        }
    }

    #[test]
    fn lists_are_sliced_and_paired() {
        let values = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert!(conditions(&[]).is_empty());
        assert!(conditions(&[("A", vec![])]).is_empty());
        let three = conditions(&[("A", values(1)), ("B", values(1)), ("C", values(1))]);
        assert_eq!(three, ["((A in ('0') or B in ('0')) or C in ('0'))"]);
        let sliced = conditions(&[("A", values(60)), ("B", values(50))]);
        assert_eq!(sliced.len(), 2);
        assert!(sliced[0].contains("B in ('0'"));
        assert!(sliced[1].starts_with("A in ('50'") && !sliced[1].contains('B'));
    }
}
