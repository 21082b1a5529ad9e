//! What the app leaves unsaid and what follows from the rest: a customer's name, an invoice's number and lines, a day.
//! An edit tells only what changes, so that what is known already is read first: an edit of the phone is no new name.

use super::said;
use crate::app::App;
use crate::billing::{lines, words};
use crate::model::{Arrival, Fields, Kind, Patch, Patches, Record, RecordKey, Value};
use crate::store::keys;
use anyhow::Result;

/// Fills what the arrival leaves unsaid.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn derive(app: &App, arrival: &mut Arrival) -> Result<()> {
    let Some(id) = arrival.new_id.clone() else {
        return Ok(());
    };
    let known = known(app, &arrival.kind, &id).await?.unwrap_or_default();
    let (fields, today) = (&mut arrival.fields, app.billing_day());
    match arrival.kind.as_str() {
        "customer" => derived(fields, &known, "name", &name),
        "invoice" => {
            derived(fields, &known, "lines", &summary);
            kept(fields, &known, "number", &id);
            kept(fields, &known, "date", &today.to_string());
        }
        "payment" => kept(fields, &known, "date", &today.to_string()),
        _ => {}
    }
    Ok(())
}

/// What is known of a record's fields; `None`: nothing is known of it.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn known(app: &App, kind: &Kind, id: &str) -> Result<Option<Fields>> {
    let key = RecordKey::new(kind.clone(), id);
    let found = app.store.get::<Record>(&keys::record(&key)).await?;
    Ok(found.map(|it| it.body.fields))
}

/// A field that follows from others, unless somebody has stated it: then it stays as stated.
fn derived(fields: &mut Patches, known: &Fields, field: &str, of: &dyn Fn(&Fields) -> Option<String>) {
    if said(fields, field).is_some() {
        return;
    }
    let is_stated = known.get(field).is_some_and(|it| it.as_text() != of(known).as_deref());
    if is_stated && fields.get(field) != Some(&Patch::Clear) {
        return;
    }
    match of(&after(fields, known)) {
        Some(text) => _ = fields.insert(field.to_owned(), Patch::from(Value::text(&text))),
        // Nothing to derive it of is no reason to take it away.
        None if fields.get(field) != Some(&Patch::Clear) => _ = fields.remove(field),
        None => {}
    }
}

/// A field with a usual value, which is given once.
fn kept(fields: &mut Patches, known: &Fields, field: &str, usual: &str) {
    if said(fields, field).is_some() {
        return;
    }
    if known.get(field).is_some_and(|it| !it.is_empty()) {
        fields.remove(field);
        return;
    }
    fields.insert(field.to_owned(), Patch::from(Value::text(usual)));
}

/// The fields as they will be.
fn after(fields: &Patches, known: &Fields) -> Fields {
    let mut all = known.clone();
    for (name, patch) in fields {
        if let Some(value) = patch.value() {
            all.insert(name.clone(), value);
        }
    }
    all
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let text = fields.get(name).and_then(Value::as_text);
    text.filter(|it| !it.is_empty())
}

/// The name under which a customer is shown: the company's, else the person's, else the e-mail.
fn name(fields: &Fields) -> Option<String> {
    let person = ["first_name", "last_name"]
        .into_iter()
        .filter_map(|it| text(fields, it));
    let person = person.collect::<Vec<_>>().join(" ");
    let company = text(fields, "company_name").map(str::to_owned);
    company
        .or(Some(person).filter(|it| !it.is_empty()))
        .or(text(fields, "email").map(str::to_owned))
}

/// One line for an invoice that came without any.
fn summary(fields: &Fields) -> Option<String> {
    let (_, product) = words::product_of(text(fields, "type")?)?;
    let Some(Value::Decimal(price)) = fields.get("amount") else {
        return None;
    };
    let line = lines::Line {
        name: product.to_owned(),
        description: text(fields, "description").unwrap_or_default().to_owned(),
        price: price.normalize(),
        quantity: 1,
    };
    Some(lines::write(&[line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(parts: &[(&str, &str)]) -> Fields {
        let field = |it: &(&str, &str)| (it.0.to_owned(), Value::text(it.1));
        parts.iter().map(field).collect()
    }

    fn patches(parts: &[(&str, &str)]) -> Patches {
        let patch = |it: &(&str, &str)| (it.0.to_owned(), Patch::from(Value::text(it.1)));
        parts.iter().map(patch).collect()
    }

    /// What is known, what is said, the name that is set by it (none: it stays).
    #[test]
    fn a_name_follows_what_it_is_derived_of_until_somebody_states_one() {
        let zulu = [("name", "Zulu"), ("company_name", "Zulu"), ("email", "a@b.c")];
        let stated = [("name", "Nandi's"), ("company_name", "Zulu")];
        for (known, says, name) in [
            (&[][..], &[("email", "a@b.c")][..], Some("a@b.c")),
            (
                &[],
                &[("first_name", "N"), ("last_name", "Z"), ("email", "a@b.c")],
                Some("N Z"),
            ),
            (&[], &[("name", "N"), ("company_name", "Z")], Some("N")),
            (&zulu, &[("phone", "1")], Some("Zulu")),
            (&zulu, &[("company_name", "Zulu & Sons")], Some("Zulu & Sons")),
            (&zulu, &[("company_name", "")], Some("a@b.c")),
            (&zulu, &[("name", "Other")], Some("Other")),
            (&stated, &[("company_name", "Other")], None),
            (&stated, &[("name", ""), ("company_name", "Other")], Some("Other")),
        ] {
            let mut says = patches(says);
            derived(&mut says, &fields(known), "name", &super::name);
            let set = says.get("name").and_then(Patch::value);
            assert_eq!(set.as_ref().and_then(Value::as_text), name, "{known:?}");
        }
    }

    #[test]
    fn a_summary_line_follows_the_amount_and_lines_that_were_sent_stay() {
        let amount = |it: &str| ("amount".to_owned(), Value::Decimal(it.parse().unwrap()));
        let mut known = fields(&[("type", "equipment")]);
        known.extend([amount("5.00")]);
        let summary_of = summary(&known).unwrap();
        let of = |known: &Fields| {
            let mut says = Patches::from([("amount".to_owned(), Patch::Set(amount("7").1))]);
            derived(&mut says, known, "lines", &summary);
            said(&says, "lines")
        };
        assert!(of(&known).unwrap().contains("\"7\""));
        known.insert("lines".into(), Value::text(&summary_of));
        assert!(of(&known).unwrap().contains("\"7\""));
        known.insert("lines".into(), Value::text("[{\"price\":\"5\",\"quantity\":1}]"));
        assert_eq!(of(&known), None);
    }
}
