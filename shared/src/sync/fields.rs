//! THE table: each field of each kind, its name and type in each system, who owns it, and what empty means.

mod billing;
mod lead;
mod told;
mod words;

pub use billing::{APP_ID, GATEWAY_KEY, PRODUCT_KEY, billing};
pub use lead::lead;
pub use told::{Says, Told, ToldOf, told_of};
pub(crate) use words::read;
pub use words::{Unmapped, project, read_row, to_hub};

use crate::config::Config;
use crate::model::{Class, Kind, System};

/// All kinds of records, as the settings have them.
#[must_use]
pub fn kinds(config: &Config) -> Vec<KindSpec> {
    let mut kinds = vec![lead(&config.zoho_fields)];
    kinds.extend(billing(&config.billing));
    kinds
}

/// Whether what is written back has columns of its own: one that is also read would be taken for the app's word.
///
/// # Errors
/// One line that names the variable and the column.
pub fn check_status_columns(kinds: &[KindSpec]) -> Result<(), String> {
    const NAME: &str = "APP_STATUS_COLUMNS";
    const OWN: [&str; 5] = ["", "id", "created_at", "updated_at", "paid_at"];
    for spec in kinds {
        let columns = spec.columns(&System::APP_STATUS);
        let read = spec.columns(&System::APP);
        for column in &columns {
            if OWN.contains(column) || read.contains(column) {
                let kind = &spec.kind;
                return Err(format!(
                    "{NAME}: {column:?} is a column of {kind}s that is read: name one of its own"
                ));
            }
            if columns.iter().filter(|it| it == &column).count() > 1 {
                return Err(format!("{NAME}: {column:?} is named twice"));
            }
        }
    }
    Ok(())
}

/// What a field's values look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text, trimmed.
    Text,
    /// An e-mail address, trimmed and in lower case inside Concord.
    Email,
    /// A whole number.
    Integer,
    /// An exact decimal number.
    Decimal,
    /// An amount of money, exact.
    Money,
    /// A day, `2026-11-21`: no instant.
    Date,
    /// The lines of an invoice, as one text (`billing::lines`).
    Lines,
    /// Yes or no.
    Boolean,
    /// A word of the status table.
    Status,
    /// A UUID: an unreadable one is left out of look-ups.
    Uuid,
}

/// Who decides where both sides changed a field since the receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This system.
    Is(System),
    /// The second system once it knows the record, the first until then.
    OnceKnown(System, System),
    /// Nobody: a person decides.
    Nobody,
}

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A field of the record.
    Field,
    /// A key of the record.
    Key,
    /// The record's remote id in a system.
    RemoteId(&'static str),
    /// How the record stands in a system.
    Standing(&'static str, Says),
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct FieldSpec {
    /// Concord's name.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// Its owner.
    pub owner: Owner,
    /// Whether a source's empty value clears it (else it says nothing).
    pub clears: bool,
    /// Where the value comes from.
    pub origin: Origin,
    /// The vendor's name of it, by system; not listed: that system does not have it.
    pub columns: Vec<(System, String)>,
}

/// One way to a system.
#[derive(Clone, Debug)]
pub struct Route {
    /// The system.
    pub system: System,
    /// Whether Concord writes to it (a source that is only read has a receipt only).
    pub written: bool,
    /// Whether its own changes come back.
    pub source: bool,
    /// What must be there first.
    pub parents: Vec<Parent>,
}

/// A record that must be in a system before its child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its kind.
    pub kind: Kind,
    /// The key under which the child names it. A child that names none goes without.
    pub key: &'static str,
    /// What stands for it where a rule keeps it out of the system: a kind, and the key under which *it* names that one.
    pub instead: Option<(Kind, &'static str)>,
    /// Whether a child can't be made without it: one that a rule keeps out is waited for, too.
    pub needed: bool,
    /// Whether the child waits for it; else it is only named.
    pub awaited: bool,
}

/// One kind of record.
#[derive(Clone, Debug)]
pub struct KindSpec {
    /// The kind.
    pub kind: Kind,
    /// Its fields.
    pub fields: Vec<FieldSpec>,
    /// Where it goes and comes from.
    pub routes: Vec<Route>,
    /// Which of a system's kinds goes first, while no backfill asks.
    pub class: Class,
    /// How many calls one record mostly takes, looking and writing, where a system takes one record in a call.
    pub calls: usize,
}

impl Parent {
    /// A parent that nothing else can stand for.
    #[must_use]
    pub fn of(kind: Kind, key: &'static str) -> Self {
        Self {
            kind,
            key,
            instead: None,
            needed: false,
            awaited: true,
        }
    }

    /// The same, without which its children can't be made.
    #[must_use]
    pub fn needed(kind: Kind, key: &'static str) -> Self {
        Self {
            needed: true,
            ..Self::of(kind, key)
        }
    }

    /// A record that is named and not waited for: many records share its key all the same.
    #[must_use]
    pub fn named(kind: Kind, key: &'static str) -> Self {
        Self {
            awaited: false,
            ..Self::of(kind, key)
        }
    }
}

impl FieldSpec {
    /// The vendor's name of the field.
    #[must_use]
    pub fn column(&self, system: &System) -> Option<&str> {
        self.columns.iter().find(|it| it.0 == *system).map(|it| it.1.as_str())
    }
}

impl KindSpec {
    /// The row of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|it| it.name == name)
    }

    /// The way to a system.
    #[must_use]
    pub fn route(&self, system: &System) -> Option<&Route> {
        self.routes.iter().find(|it| it.system == *system)
    }

    /// Whether Concord writes to a system.
    #[must_use]
    pub fn writes_to(&self, system: &System) -> bool {
        self.route(system).is_some_and(|it| it.written)
    }

    /// Whether `key` names the record's parent: many records share it, and it follows whatever source tells it last.
    #[must_use]
    pub fn names_a_parent(&self, key: &str) -> bool {
        let mut parents = self.routes.iter().flat_map(|it| &it.parents);
        parents.any(|it| it.key == key)
    }

    /// Whether `system` shows the record's remote id in `of`.
    #[must_use]
    pub fn shows_id(&self, system: &System, of: &System) -> bool {
        let is_id = |it: &&FieldSpec| matches!(it.origin, Origin::RemoteId(id) if id == of.as_str());
        self.fields.iter().filter(is_id).any(|it| it.column(system).is_some())
    }

    /// Whether `system` shows how the record stands in `of`.
    #[must_use]
    pub fn shows_standing(&self, system: &System, of: &System) -> bool {
        let is_standing = |it: &&FieldSpec| matches!(it.origin, Origin::Standing(other, _) if other == of.as_str());
        self.fields
            .iter()
            .filter(is_standing)
            .any(|it| it.column(system).is_some())
    }

    /// The vendor's names of all fields that a system has.
    #[must_use]
    pub fn columns(&self, system: &System) -> Vec<&str> {
        self.fields.iter().filter_map(|it| it.column(system)).collect()
    }
}
