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

    /// Their e-mail address, which may have changed.
    #[must_use]
    pub fn email(&self, generation: u64) -> String {
        format!("p{}g{generation}@example.com", self.number)
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

    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Person>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom an e-mail address belongs to (`p7g2@example.com` is the second address of `p7`).
#[must_use]
pub fn of_email(email: &str) -> Option<String> {
    let (name, rest) = email.split_once('g')?;
    let is_person = rest.ends_with("@example.com") && name.starts_with('p');
    is_person.then(|| name.to_owned())
}
