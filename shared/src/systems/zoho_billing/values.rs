//! Values as Zoho Billing writes them (docs/vendors.md §2.1, §2.4): ids, times, dates, money, custom fields. Pure.

use super::objects::Kind;
use crate::model::{Value, decimal};
use crate::systems::zoho_accounts::id;
use crate::systems::{BadRow, Seen};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

/// Two names for one thing: invoices tell their last change apart from the others when they were written to (§2.4).
const MODIFIED: [&str; 2] = ["updated_time", "last_modified_time"];

/// An object as Zoho shows it, whole or as a row of a list.
pub(super) fn seen(kind: &Kind, object: &Json) -> Result<Seen, BadRow> {
    let fields = object.as_object();
    let found = fields.and_then(|fields| Some((id(fields.get(kind.id)?)?, fields)));
    let (id, fields) = found.ok_or_else(|| BadRow {
        id: None,
        why: format!("a {} without {}", kind.one, kind.id),
    })?;
    let times = (first_time(fields, &MODIFIED), first_time(fields, &["created_time"]));
    match times {
        (Ok(modified), Ok(created)) => Ok(Seen {
            id,
            modified,
            created,
            asked: None,
            fields: fields.clone(),
            gone: None,
        }),
        (Err(why), _) | (_, Err(why)) => Err(BadRow { id: Some(id), why }),
    }
}

fn first_time(fields: &Map<String, Json>, names: &[&str]) -> Result<Option<Timestamp>, String> {
    let mut named = names.iter().filter_map(|name| Some((name, fields.get(*name)?)));
    match named.find(|(_, value)| **value != Json::Null && **value != "") {
        None => Ok(None),
        Some((name, value)) => match value.as_str().and_then(time) {
            Some(time) => Ok(Some(time)),
            None => Err(format!("{name} is not a time with an offset")),
        },
    }
}

/// A time such as `2016-06-05T02:30:08-0700`; one without an offset is none, since its zone would be a guess.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// An amount as a JSON number with its own digits.
pub(super) fn number(amount: Decimal) -> Json {
    Value::Decimal(amount).to_json()
}

/// A decimal field of an object: a JSON number, or digits in a text (transactions and lines have these). `None` where
/// it is missing or neither.
#[must_use]
pub fn money(seen: &Seen, name: &str) -> Option<Decimal> {
    decimal(seen.fields.get(name)?)
}

/// A date field of an object, such as `2016-06-05`.
#[must_use]
pub fn date(seen: &Seen, name: &str) -> Option<Date> {
    seen.fields.get(name)?.as_str()?.parse().ok()
}

/// A text field of an object, trimmed; `None` where it is missing or empty.
#[must_use]
pub fn text<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    trimmed(seen.fields.get(name)?)
}

pub(super) fn trimmed(value: &Json) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The value of a custom field, which is found by its label (§2.4). Rows of lists have no custom fields.
#[must_use]
pub fn custom_value<'a>(seen: &'a Seen, label: &str) -> Option<&'a str> {
    let fields = seen.fields.get("custom_fields")?.as_array()?;
    let field = fields.iter().find(|field| field["label"] == label)?;
    trimmed(&field["value"])
}

/// An invoice's number. It is `number` where an invoice is read and `invoice_number` where one was written (§2.4).
#[must_use]
pub fn invoice_number(invoice: &Seen) -> Option<&str> {
    text(invoice, "number").or_else(|| text(invoice, "invoice_number"))
}

/// Whether Zoho's own synchronisation has tied a customer to Zoho CRM (§2.6): two on one pair make duplicates.
#[must_use]
pub fn is_linked_with_crm(customer: &Seen) -> bool {
    let linked = customer.fields.get("is_linked_with_zohocrm") == Some(&Json::Bool(true));
    linked
        || ["zcrm_account_id", "zcrm_contact_id"]
            .iter()
            .any(|name| text(customer, name).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::objects::{CUSTOMERS, INVOICES};
    use super::*;
    use serde_json::json;

    fn customer(fields: Json) -> Seen {
        let mut object = json!({"customer_id": "7"});
        object
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        seen(&CUSTOMERS, &object).unwrap()
    }

    #[test]
    fn times_have_an_offset_without_a_colon() {
        let zohos = time("2016-06-05T02:30:08-0700");
        assert_eq!(zohos, Some("2016-06-05T09:30:08Z".parse().unwrap()));
        assert_eq!(time("2016-06-05T02:30:08-07:00"), zohos);
        assert_eq!(time("2016-06-05T02:30:08"), None);
        assert_eq!(time("2016-06-05"), None);
    }

    #[test]
    fn money_keeps_every_digit() {
        let object: Json =
            serde_json::from_str(r#"{"customer_id":"7","a":599.10,"b":"20.50","c":0.1,"d":"R 5","e":1e2}"#).unwrap();
        let seen = seen(&CUSTOMERS, &object).unwrap();
        for (name, expected) in [
            ("a", Some("599.10")),
            ("b", Some("20.50")),
            ("c", Some("0.1")),
            ("d", None),
            ("e", Some("100")),
            ("f", None),
        ] {
            let expected = expected.map(|it| it.parse::<Decimal>().unwrap());
            assert_eq!(money(&seen, name), expected, "{name}");
        }
        assert_eq!(number("599.10".parse().unwrap()).to_string(), "599.1");
        assert_eq!(
            number("12345678901234.56".parse().unwrap()).to_string(),
            "12345678901234.56"
        );
    }

    #[test]
    fn a_row_needs_its_id_and_readable_times() {
        assert_eq!(seen(&CUSTOMERS, &json!({"email": "a@b.c"})).unwrap_err().id, None);
        let row = json!({"customer_id": 903_000_000_000_099_i64, "updated_time": "yesterday"});
        assert_eq!(
            seen(&CUSTOMERS, &row).unwrap_err().id.as_deref(),
            Some("903000000000099")
        );
        let row = json!({"invoice_id": "1", "last_modified_time": "2013-12-18T02:02:51-0800", "created_time": ""});
        let invoice = seen(&INVOICES, &row).unwrap();
        assert_eq!(invoice.modified, Some("2013-12-18T10:02:51Z".parse().unwrap()));
        assert_eq!(invoice.created, None);
    }

    #[test]
    fn custom_fields_are_found_by_label() {
        let fields = json!({"custom_fields": [{"label": "X", "value": "1"}, {"label": "App ID", "value": " u-7 "}]});
        assert_eq!(custom_value(&customer(fields), "App ID"), Some("u-7"));
        assert_eq!(custom_value(&customer(json!({"custom_fields": []})), "App ID"), None);
        assert_eq!(custom_value(&customer(json!({})), "App ID"), None);
    }

    #[test]
    fn zohos_own_link_to_the_crm_is_seen() {
        for (fields, expected) in [
            (json!({"is_linked_with_zohocrm": true}), true),
            (json!({"zcrm_account_id": "903000800069001"}), true),
            (
                json!({"zcrm_contact_id": "903000000098214", "is_linked_with_zohocrm": false}),
                true,
            ),
            (
                json!({"zcrm_account_id": "", "zcrm_contact_id": "", "is_linked_with_zohocrm": false}),
                false,
            ),
            (json!({}), false),
        ] {
            assert_eq!(is_linked_with_crm(&customer(fields.clone())), expected, "{fields}");
        }
    }
}
