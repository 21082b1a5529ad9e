//! A record as Zoho shows it.

use super::times;
use crate::systems::zoho_accounts::id;
use crate::systems::{BadRow, CallError, Gone, Seen};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// Asked for with every read, beside the caller's fields. `id` comes unasked.
const ALWAYS: [&str; 2] = ["Created_Time", "Modified_Time"];
/// Leads' own field for "was converted"; asked for in lists only, as COQL is reported to refuse it (INVALID_QUERY).
const CONVERTED: &str = "Converted__s";

/// The fields to ask of a COQL query.
pub(super) fn query_fields<'a>(fields: &[&'a str]) -> Vec<&'a str> {
    with(fields, &["id", ALWAYS[0], ALWAYS[1]])
}

/// The fields to ask of a list of this module, comma-separated.
pub(super) fn list_fields(module: &str, fields: &[&str]) -> String {
    let extra: &[&str] = match module {
        "Leads" => &[ALWAYS[0], ALWAYS[1], CONVERTED],
        _ => &ALWAYS,
    };
    with(fields, extra).join(",")
}

fn with<'a>(fields: &[&'a str], extra: &[&'a str]) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for field in fields.iter().chain(extra) {
        if !all.contains(field) {
            all.push(field);
        }
    }
    all
}

/// The rows under `data`, each readable or not.
pub(super) fn seen(body: &Json) -> Result<Vec<Result<Seen, BadRow>>, CallError> {
    let rows = body["data"].as_array();
    let rows = rows.ok_or_else(|| CallError::Later("an answer without a list of rows".to_owned()))?;
    Ok(rows.iter().map(record).collect())
}

/// The rows under `data` where each one matters: a row that can't be read must not look like an absent one.
pub(super) fn all_seen(body: &Json) -> Result<Vec<Seen>, CallError> {
    let whole = |row: Result<Seen, BadRow>| row.map_err(|bad| CallError::Later(format!("unreadable row: {}", bad.why)));
    seen(body)?.into_iter().map(whole).collect()
}

fn record(row: &Json) -> Result<Seen, BadRow> {
    let (id, fields) = identified(row)?;
    let time = |name: &str| time(fields, name).map_err(|why| bad(&id, why));
    Ok(Seen {
        modified: time("Modified_Time")?,
        created: time("Created_Time")?,
        asked: None,
        gone: is_converted(fields).then_some(Gone::Converted),
        fields: fields.clone(),
        id,
    })
}

/// A row of the list of deleted records; its modified time is that of the deletion.
pub(super) fn deleted(row: &Json) -> Result<Seen, BadRow> {
    let (id, fields) = identified(row)?;
    let time = |name: &str| time(fields, name).map_err(|why| bad(&id, why));
    Ok(Seen {
        modified: time("deleted_time")?,
        created: None,
        asked: None,
        gone: Some(Gone::Deleted),
        fields: fields.clone(),
        id,
    })
}

fn identified(row: &Json) -> Result<(String, &Map<String, Json>), BadRow> {
    let nameless = || BadRow {
        id: None,
        why: "a row without an id".to_owned(),
    };
    let fields = row.as_object().ok_or_else(nameless)?;
    let id = fields.get("id").and_then(id).ok_or_else(nameless)?;
    Ok((id, fields))
}

fn time(fields: &Map<String, Json>, name: &str) -> Result<Option<Timestamp>, String> {
    match fields.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => match value.as_str().and_then(times::read) {
            Some(time) => Ok(Some(time)),
            None => Err(format!("{name} is not a time with an offset")),
        },
    }
}

fn bad(id: &str, why: String) -> BadRow {
    BadRow {
        id: Some(id.to_owned()),
        why,
    }
}

/// `$converted` is how versions before v3 named it.
fn is_converted(fields: &Map<String, Json>) -> bool {
    let says = |name: &str| {
        matches!(fields.get(name), Some(Json::Bool(true))) || fields.get(name).is_some_and(|v| v == "true")
    };
    says(CONVERTED) || says("$converted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_text_and_keep_every_digit() {
        let body: Json = serde_json::from_str(r#"{"data":[{"id":3652397000000186011},{"id":"7"}]}"#).unwrap();
        let ids: Vec<String> = all_seen(&body).unwrap().into_iter().map(|seen| seen.id).collect();
        assert_eq!(ids, ["3652397000000186011", "7"]);
    }

    #[test]
    fn one_bad_row_leaves_the_others() {
        let body = json!({"data": [{"id": "1", "Modified_Time": "yesterday"}, {"Email": "x"}, {"id": "3"}]});
        let rows = seen(&body).unwrap();
        assert_eq!(rows[0].as_ref().unwrap_err().id.as_deref(), Some("1"));
        assert_eq!(rows[1].as_ref().unwrap_err().id, None);
        assert!(rows[2].is_ok());
        assert!(matches!(all_seen(&body), Err(CallError::Later(_))));
    }

    #[test]
    fn a_converted_lead_is_marked() {
        for (row, gone) in [
            (json!({"id": "1", "Converted__s": true}), Some(Gone::Converted)),
            (json!({"id": "1", "$converted": true}), Some(Gone::Converted)),
            (json!({"id": "1", "Converted__s": "true"}), Some(Gone::Converted)),
            (json!({"id": "1", "Converted__s": false}), None),
            (json!({"id": "1"}), None),
        ] {
            assert_eq!(record(&row).unwrap().gone, gone, "{row}");
        }
    }

    #[test]
    fn each_field_is_asked_for_once() {
        assert_eq!(
            list_fields("Leads", &["Email", "Modified_Time"]),
            "Email,Modified_Time,Created_Time,Converted__s"
        );
        assert_eq!(list_fields("Contacts", &["Email"]), "Email,Created_Time,Modified_Time");
    }
}
