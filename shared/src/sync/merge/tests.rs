use super::*;
use crate::model::{Kind, Patch, RecordKey};
use crate::sync::fields::lead;
use jiff::Timestamp;

/// What a receipt says of a field: what was sent, what was seen.
type Was<'a> = (Option<&'a str>, Option<&'a str>);

/// One case: source, field, receipt, ours, whether Zoho knows the lead, own write, what is shown → what becomes of it.
struct Case<'a>(&'a str, &'a str, Was<'a>, &'a str, bool, bool, &'a str, &'a str);

fn value(text: &str) -> Value {
    if text.is_empty() {
        Value::Empty
    } else {
        Value::text(text)
    }
}

fn record(field: &str, ours: &str) -> Record {
    let mut fields = Fields::new();
    set(&mut fields, field, value(ours));
    Record {
        key: RecordKey::new(Kind::LEAD, "1"),
        version: 1,
        fields,
        keys: BTreeMap::new(),
        changed_at: Timestamp::UNIX_EPOCH,
        made_at: Timestamp::UNIX_EPOCH,
        origin: System::PORTAL,
        row_made: None,
        unconfirmed: false,
    }
}

fn receipt(field: &str, (sent, seen): Was<'_>) -> Receipt {
    let one = |known: Option<&str>| known.map(|it| (field.to_owned(), value(it))).into_iter().collect();
    Receipt {
        sent: one(sent),
        seen: one(seen),
        modified: None,
    }
}

/// `= x`: the record says x; `held`: the field waits for a person; `no news`: nothing is said of it.
fn becomes(case: &Case<'_>) -> String {
    let Case(source, field, was, ours, zoho_knows, own_write, shown, _) = case;
    let spec = lead(&BTreeMap::new());
    let (source, record, receipt) = (System::read(source), record(field, ours), receipt(field, *was));
    let ids = if *zoho_knows {
        BTreeMap::from([(System::ZOHO_CRM, "7".to_owned())])
    } else {
        BTreeMap::new()
    };
    let known = Known {
        spec: &spec,
        words: &StatusMap::shipped(),
        source: &source,
        record: Some(&record),
        receipt: &receipt,
        remote_ids: &ids,
        own_write: *own_write,
    };
    let merged = merge(
        known,
        &BTreeMap::from([((*field).to_owned(), Patch::from(value(shown)))]),
    );
    match (merged.held.get(*field), merged.freed.is_empty()) {
        (Some(held), _) => format!("held: {}", held.why),
        (None, true) => "no news".into(),
        (None, false) => format!(
            "= {}",
            merged.fields.get(*field).and_then(Value::as_text).unwrap_or_default()
        ),
    }
}

#[test]
fn what_an_arrival_changes() {
    let cases = [
        // Nothing known yet: a gap is filled, a value of ours stands against the one that is not the owner's.
        Case("zoho_crm", "city", (None, None), "", false, false, "Nadur", "= Nadur"),
        Case(
            "zoho_crm",
            "payment_method",
            (None, None),
            "loan",
            true,
            false,
            "cash",
            "= loan",
        ),
        Case(
            "zoho_crm",
            "city",
            (None, None),
            "Xagħra",
            true,
            false,
            "Nadur",
            "= Nadur",
        ),
        // One-sided changes are accepted from either side, whoever owns the field.
        Case(
            "zoho_crm",
            "payment_method",
            (Some("loan"), None),
            "loan",
            true,
            false,
            "cash",
            "= cash",
        ),
        Case("portal", "phone", (None, Some("1")), "1", true, false, "2", "= 2"),
        // Shown as before is no news, whatever we hold meanwhile.
        Case(
            "zoho_crm",
            "city",
            (None, Some("Nadur")),
            "Xagħra",
            true,
            false,
            "Nadur",
            "no news",
        ),
        Case("portal", "phone", (None, Some("1")), "2", true, false, "1", "no news"),
        // What came back to our own value is no change.
        Case(
            "zoho_crm",
            "city",
            (None, Some("Nadur")),
            "Xagħra",
            true,
            false,
            "Xagħra",
            "= Xagħra",
        ),
        // The row of our own write tells what became of our value: trimmed is no change.
        Case(
            "zoho_crm",
            "notes",
            (Some("a  b "), None),
            "a  b ",
            true,
            true,
            "a  b",
            "no news",
        ),
        Case(
            "zoho_crm",
            "notes",
            (Some("a  b "), Some("a  b")),
            "a  b ",
            true,
            false,
            "a  b",
            "no news",
        ),
        Case(
            "zoho_crm",
            "notes",
            (Some("a  b "), Some("a  b")),
            "a  b ",
            true,
            false,
            "c",
            "= c",
        ),
        // Both sides changed: the owner's stands.
        Case(
            "zoho_crm",
            "payment_method",
            (Some("loan"), None),
            "lease",
            true,
            false,
            "cash",
            "= lease",
        ),
        Case("zoho_crm", "phone", (Some("1"), None), "2", true, false, "3", "= 3"),
        Case("portal", "phone", (None, Some("1")), "2", true, false, "3", "= 2"),
        Case("portal", "phone", (None, Some("1")), "2", false, false, "3", "= 3"),
        // Empty says something only where there was something, and never takes a name, an e-mail or a status away.
        Case("zoho_crm", "city", (None, None), "Xagħra", true, false, "", "= Xagħra"),
        Case(
            "zoho_crm",
            "city",
            (Some("Xagħra"), None),
            "Xagħra",
            true,
            false,
            "",
            "= ",
        ),
        Case(
            "zoho_crm",
            "last_name",
            (Some("Borg"), None),
            "Borg",
            true,
            false,
            "",
            "= Borg",
        ),
        Case(
            "zoho_crm",
            "email",
            (Some("a@b.mt"), None),
            "a@b.mt",
            true,
            false,
            "",
            "= a@b.mt",
        ),
        // Words are compared as the system shows them, and one that stands in no table waits for a person.
        Case(
            "zoho_crm",
            "status",
            (Some("Not Contacted"), None),
            "new",
            true,
            false,
            "Contacted",
            "= contacted",
        ),
        Case(
            "zoho_crm",
            "status",
            (None, Some("Contacted")),
            "contacted",
            true,
            false,
            "Weird",
            "held: word",
        ),
        Case(
            "zoho_crm",
            "status",
            (None, Some("Weird")),
            "contacted",
            true,
            false,
            "Weird",
            "no news",
        ),
        // A person's word comes before every owner's.
        Case(
            "operator",
            "payment_method",
            (None, None),
            "loan",
            true,
            false,
            "cash",
            "= cash",
        ),
    ];
    for case in &cases {
        let Case(source, field, was, ours, .., shown, wanted) = case;
        assert_eq!(
            becomes(case),
            *wanted,
            "{source} {field} {was:?}, ours {ours:?}, shown {shown:?}"
        );
    }
}
