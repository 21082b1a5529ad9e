//! The people of the workload, and what each system was last told of them.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// By which doors a person's data comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The leads' API only.
    Api,
    /// The portal's table only.
    Table,
    /// The table, and the API with the same lead: one lead through two doors.
    Both,
    /// Sales makes the lead in Zoho.
    Zoho,
    /// The API, once, without an id and an e-mail address.
    Phone,
    /// A row of the portal's that was there before Concord was.
    Old,
}

/// A field that people change, with its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field {
    /// Concord's and the portal's name.
    pub name: &'static str,
    /// Zoho's name.
    pub zoho: &'static str,
    /// Whether Zoho owns it once it knows the lead (else the portal does).
    pub zoho_owns: bool,
    /// Whether it holds an amount.
    pub amount: bool,
}

/// Fields that people change in both systems.
pub const FIELDS: [Field; 3] = [
    Field {
        name: "notes",
        zoho: "Description",
        zoho_owns: true,
        amount: false,
    },
    Field {
        name: "street",
        zoho: "Street",
        zoho_owns: true,
        amount: false,
    },
    Field {
        name: "total_price",
        zoho: "Quote_Amount",
        zoho_owns: false,
        amount: true,
    },
];

impl Field {
    /// A value that nobody else gives.
    #[must_use]
    pub fn value(&self, number: u64) -> String {
        if self.amount {
            format!("{}.5", 1000 + number)
        } else {
            format!("{} {number}", self.name)
        }
    }

    /// A value as JSON carries it.
    #[must_use]
    pub fn json(&self, value: &str) -> Value {
        if self.amount {
            serde_json::from_str(value).unwrap_or_default()
        } else {
            json!(value)
        }
    }

    /// A value that JSON carried.
    #[must_use]
    pub fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) if !self.amount => Some(text.clone()),
            Value::String(text) => Some(amount(text)),
            Value::Number(number) => Some(amount(&number.to_string())),
            _ => None,
        }
    }
}

/// An amount without the zeros at its end.
fn amount(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// A person of the workload.
#[derive(Debug)]
pub struct Person {
    /// A number.
    pub number: u64,
    /// Their doors.
    pub style: Style,
    /// Their row's id in the portal.
    pub portal_id: String,
    /// What the portal holds of them now. One deed at a time.
    pub form: tokio::sync::Mutex<Map<String, Value>>,
}

impl Person {
    /// The name by which the history speaks of them.
    #[must_use]
    pub fn name(&self) -> String {
        format!("p{}", self.number)
    }

    /// Their e-mail address, which may have changed. That of every second person differs from that of the one before
    /// only in where the `@` stands.
    #[must_use]
    pub fn email(&self, generation: u64) -> String {
        match self.number % 2 {
            0 => format!("p{}g{generation}e@xample.com", self.number - 1),
            _ => format!("p{}g{generation}@example.com", self.number),
        }
    }

    /// Their telephone number.
    #[must_use]
    pub fn phone(&self) -> String {
        format!("+3569900{:04}", self.number)
    }

    /// Whether the portal's table has a row of them.
    #[must_use]
    pub fn has_row(&self) -> bool {
        matches!(self.style, Style::Table | Style::Both | Style::Old)
    }
}

/// All people.
#[derive(Debug, Default)]
pub struct People(Mutex<BTreeMap<u64, Arc<Person>>>);

impl People {
    /// One more person.
    pub fn add(&self, style: Style) -> Arc<Person> {
        let mut all = self.all();
        let number = all.len() as u64 + 1;
        let person = Arc::new(Person {
            number,
            style,
            portal_id: format!("0d9fe6c8-6a2b-4c3c-9f5e-{number:012}"),
            form: tokio::sync::Mutex::default(),
        });
        all.insert(number, person.clone());
        person
    }

    /// All of a style.
    pub fn of(&self, style: Style) -> Vec<Arc<Person>> {
        self.all().values().filter(|it| it.style == style).cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Person>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom an e-mail address belongs to (`p7g2@example.com` is the third address of `p7`).
#[must_use]
pub(super) fn of_email(email: &str) -> Option<String> {
    let (local, domain) = email.split_once('@')?;
    let (number, _) = local.strip_prefix('p')?.split_once('g')?;
    let number: u64 = number.parse().ok()?;
    match domain {
        "example.com" => Some(format!("p{number}")),
        "xample.com" => Some(format!("p{}", number + 1)),
        _ => None,
    }
}

/// Whom a telephone number belongs to.
fn of_phone(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let number: u64 = digits.strip_prefix("3569900")?.parse().ok()?;
    Some(format!("p{number}"))
}

/// Whom a lead is about, by its e-mail address or its telephone number.
#[must_use]
pub fn of_lead(email: &Value, phone: &Value) -> Option<String> {
    email.as_str().and_then(of_email).or_else(|| of_phone(phone.as_str()?))
}

/// Whom a record is about, as it stands in the table.
#[must_use]
pub(super) fn of_record(record: &Value) -> Option<String> {
    of_lead(&record["keys"]["email"], &record["fields"]["phone"]["text"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_differ_only_in_where_the_at_sign_stands() {
        let people = People::default();
        let (one, two) = (people.add(Style::Api), people.add(Style::Phone));
        assert_eq!(one.email(0).replace('@', ""), two.email(0).replace('@', ""));
        for person in [one, two] {
            assert_eq!(of_lead(&json!(person.email(3)), &Value::Null), Some(person.name()));
            assert_eq!(of_lead(&Value::Null, &json!(person.phone())), Some(person.name()));
        }
    }
}
