//! What was sent, and whether a system holds just that: counted in the system's own contents. Pure.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A lead as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// The portal's lead id.
    pub id: String,
    /// The row or body: columns as in the portal's table.
    pub row: Value,
}

/// A person: leads with one id, or one e-mail, are the same. The leads are in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    leads: Vec<Lead>,
}

/// The column names of a system.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    id: &'static str,
    email: &'static str,
    /// A field that the portal owns: no other system may change it.
    price: &'static str,
}

/// Zoho CRM's.
pub const ZOHO_CRM: Columns = Columns {
    id: "Portal_Lead_ID",
    email: "Email",
    price: "Quote_Amount",
};
/// The back office's.
pub const BACKOFFICE: Columns = Columns {
    id: "portal_lead_id",
    email: "email",
    price: "total_price",
};

/// What a system holds of what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// People who are there once.
    pub once: usize,
    /// People who are not there.
    pub lost: usize,
    /// People who are there more than once.
    pub doubled: usize,
    /// Rows of nobody who was sent.
    pub extra: usize,
    /// People whose quote is not the one that was made last.
    pub different: usize,
}

impl Found {
    /// Whether the system holds each of `people` once, as they were sent, and nothing else.
    #[must_use]
    pub fn is_whole(&self, people: usize) -> bool {
        let wrong = self.lost + self.doubled + self.extra + self.different;
        self.once == people && wrong == 0
    }
}

/// The people behind the leads.
#[must_use]
pub fn people(leads: &[Lead]) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for lead in leads {
        let keys = keys(&lead.id, lead.row["email"].as_str());
        let place = keys.iter().find_map(|it| known.get(it)).copied();
        let place = place.unwrap_or_else(|| {
            people.push(Person::default());
            people.len() - 1
        });
        known.extend(keys.into_iter().map(|it| (it, place)));
        people[place].leads.push(lead.clone());
    }
    people
}

fn keys(id: &str, email: Option<&str>) -> Vec<String> {
    let email = email.map(|it| it.trim().to_lowercase()).filter(|it| !it.is_empty());
    [Some(id.to_lowercase()), email].into_iter().flatten().collect()
}

/// Compares a system's rows with the people who were sent to it.
#[must_use]
pub fn compare(people: &[Person], rows: &[Value], columns: Columns) -> Found {
    let mut owner: BTreeMap<String, usize> = BTreeMap::new();
    for (place, person) in people.iter().enumerate() {
        for lead in &person.leads {
            owner.extend(
                keys(&lead.id, lead.row["email"].as_str())
                    .into_iter()
                    .map(|it| (it, place)),
            );
        }
    }
    let mut held: Vec<Vec<&Value>> = vec![Vec::new(); people.len()];
    let mut found = Found::default();
    for row in rows {
        let id = row[columns.id].as_str().unwrap_or_default();
        let keys = keys(id, row[columns.email].as_str());
        match keys.iter().find_map(|it| owner.get(it)) {
            Some(place) => held[*place].push(row),
            None => found.extra += 1,
        }
    }
    for (person, rows) in people.iter().zip(&held) {
        match rows.as_slice() {
            [] => found.lost += 1,
            [row] => {
                found.once += 1;
                found.different += usize::from(!person.agrees(&row[columns.price]));
            }
            _ => found.doubled += 1,
        }
    }
    found
}

impl Person {
    /// The leads that are this person.
    #[must_use]
    pub fn leads(&self) -> &[Lead] {
        &self.leads
    }

    fn agrees(&self, price: &Value) -> bool {
        let sent = self.leads.last().map(|it| &it.row["total_price"]);
        sent.is_some_and(|it| number(it) == number(price))
    }
}

/// A price as a number, whether it is written as a number or as a text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lead(id: &str, email: &str, price: &str) -> Lead {
        Lead {
            id: id.into(),
            row: json!({ "id": id, "email": email, "total_price": price }),
        }
    }

    fn row(id: &str, email: &str, price: f64) -> Value {
        json!({ "portal_lead_id": id, "email": email, "total_price": price })
    }

    #[test]
    fn one_email_is_one_person_and_none_is_nobody_in_common() {
        let leads = [
            lead("1", "A@x", "1"),
            lead("2", " a@X", "2"),
            lead("3", "", "3"),
            lead("4", "", "4"),
        ];
        let sizes: Vec<usize> = people(&leads).iter().map(|it| it.leads().len()).collect();
        assert_eq!(sizes, [2, 1, 1]);
    }

    #[test]
    fn whole_is_each_person_once_with_the_last_quote() {
        let people = people(&[
            lead("1", "a@x", "1.50"),
            lead("2", "a@x", "2.50"),
            lead("3", "c@x", "3"),
        ]);
        let good = [row("2", "a@x", 2.5), row("3", "c@x", 3.0)];
        assert!(compare(&people, &good, BACKOFFICE).is_whole(people.len()));
    }

    #[test]
    fn what_is_lost_doubled_foreign_or_different_is_counted() {
        let people = people(&[lead("1", "a@x", "1"), lead("2", "b@x", "2"), lead("3", "c@x", "3")]);
        let rows = [
            row("2", "b@x", 2.0),
            row("", "B@x", 2.0),
            row("3", "c@x", 9.0),
            row("9", "z@x", 1.0),
        ];
        let found = compare(&people, &rows, BACKOFFICE);
        let expected = Found {
            once: 1,
            lost: 1,
            doubled: 1,
            extra: 1,
            different: 1,
        };
        assert_eq!(found, expected);
        assert!(!found.is_whole(3));
    }
}
