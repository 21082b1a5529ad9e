use super::*;
use crate::model::{Kind, Link, Patch, RecordKey};
use crate::sync::fields::{Told, lead};
use jiff::Timestamp;

/// What a receipt says of a field: what was sent, what was seen.
type Was<'a> = (Option<&'a str>, Option<&'a str>);

/// One case: source, field, receipt, ours, whether Zoho knows the lead, own write, what is shown.
struct Case<'a>(&'a str, &'a str, Was<'a>, &'a str, bool, bool, &'a str);

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
        ..Receipt::default()
    }
}

/// `= x`: the record says x; `held`: the field waits for a person; `no news`: nothing is said of it.
fn becomes(case: &Case<'_>) -> String {
    let Case(source, field, was, ours, zoho_knows, own_write, shown) = case;
    let spec = lead(&BTreeMap::new());
    let (source, record, receipt) = (System::read(source), record(field, ours), receipt(field, *was));
    let mut there = Link::new(record.key.clone(), System::ZOHO_CRM);
    there.remote_id = zoho_knows.then(|| "7".to_owned());
    let told = BTreeMap::from([(System::ZOHO_CRM, Told::from(&there))]);
    let known = Known {
        spec: &spec,
        words: &StatusMap::shipped(),
        source: &source,
        record: Some(&record),
        receipt: &receipt,
        told: &told,
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

/// Source | field | sent | seen | ours | does Zoho know the lead | is it the row of our own write | shown | becomes.
/// `-` is not known; nothing between the bars is the empty value.
const TABLE: &str = "
# Nothing known yet: a gap is filled, a value of ours stands against the one that is not the owner's.
zoho_crm | city | - | - |  | no | no | Nadur | = Nadur
zoho_crm | payment_method | - | - | loan | yes | no | cash | = loan
zoho_crm | city | - | - | Xagħra | yes | no | Nadur | = Nadur
# One-sided changes are accepted from either side, whoever owns the field.
zoho_crm | payment_method | loan | - | loan | yes | no | cash | = cash
portal | phone | - | 1 | 1 | yes | no | 2 | = 2
# Shown as before is no news, whatever we hold meanwhile.
zoho_crm | city | - | Nadur | Xagħra | yes | no | Nadur | no news
portal | phone | - | 1 | 2 | yes | no | 1 | no news
# What came back to our own value is no change.
zoho_crm | city | - | Nadur | Xagħra | yes | no | Xagħra | = Xagħra
# The row of our own write tells what became of our value: trimmed is no change.
zoho_crm | notes | a  b. | - | a  b. | yes | yes | a  b | no news
zoho_crm | notes | a  b. | a  b | a  b. | yes | no | a  b | no news
zoho_crm | notes | a  b. | a  b | a  b. | yes | no | c | = c
# Both sides changed: the owner's stands.
zoho_crm | payment_method | loan | - | lease | yes | no | cash | = lease
zoho_crm | phone | 1 | - | 2 | yes | no | 3 | = 3
portal | phone | - | 1 | 2 | yes | no | 3 | = 2
portal | phone | - | 1 | 2 | no | no | 3 | = 3
# Empty says something only where there was something, and never takes a name, an e-mail or a status away.
zoho_crm | city | - | - | Xagħra | yes | no |  | = Xagħra
zoho_crm | city | Xagħra | - | Xagħra | yes | no |  | =
zoho_crm | last_name | Borg | - | Borg | yes | no |  | = Borg
zoho_crm | email | a@b.mt | - | a@b.mt | yes | no |  | = a@b.mt
# Words are compared as the system shows them, and one that stands in no table waits for a person.
zoho_crm | status | Not Contacted | - | new | yes | no | Contacted | = contacted
zoho_crm | status | - | Contacted | contacted | yes | no | Weird | held: word
zoho_crm | status | - | Weird | contacted | yes | no | Weird | no news
# A person's word comes before every owner's.
operator | payment_method | - | - | loan | yes | no | cash | = cash
";

#[test]
fn what_an_arrival_changes() {
    let is_row = |it: &&str| !it.is_empty() && !it.starts_with('#');
    let rows: Vec<&str> = TABLE.lines().filter(is_row).collect();
    assert_eq!(rows.len(), 23);
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let &[source, field, sent, seen, ours, knows, own, shown, wanted] = cells.as_slice() else {
            panic!("not nine cells: {row}");
        };
        let known = |it: &'static str| (it != "-").then_some(it);
        let was = (known(sent), known(seen));
        let case = Case(source, field, was, ours, knows == "yes", own == "yes", shown);
        assert_eq!(becomes(&case).trim(), wanted, "{row}");
    }
}
