//! The desk's rows in the table of fields: what an office says of callers, tickets and notes.

use jiff::Timestamp;
use shared::model::{Arrival, Class, Kind, Patch, System, Value};
use shared::sync::fields::{FieldSpec, KindSpec, Origin, Owner, Parent, Route, Shape};

/// Where callers, tickets and notes come from: read, never written.
pub const OFFICE: System = System::of("office");
/// The help desk: written, no source.
pub const DESK: System = System::of("desk");
/// Somebody who asks.
pub const CALLER: Kind = Kind::of("caller");
/// What a caller asks.
pub const TICKET: Kind = Kind::of("ticket");
/// What is added to a ticket.
pub const NOTE: Kind = Kind::of("note");

/// The key of a record at the office; the desk shows it as `ref`.
pub(super) const OWN_KEY: &str = "office_id";

/// The three kinds, parents before children.
#[must_use]
pub fn kinds() -> Vec<KindSpec> {
    [CALLER, TICKET, NOTE].map(spec).into()
}

/// What the office says of one record: `parent` is its parent's id there, an empty text clears a field.
#[must_use]
pub fn arrival(
    kind: &Kind,
    id: &str,
    parent: Option<&str>,
    fields: &[(&str, &str)],
    modified: Option<Timestamp>,
) -> Arrival {
    let mut keys = vec![(OWN_KEY.to_owned(), id.to_owned())];
    let named = parent_of(kind).map(|it| it.key).zip(parent);
    keys.extend(named.map(|(key, parent)| (key.to_owned(), parent.to_owned())));
    let patch = |(name, value): &(&str, &str)| ((*name).to_owned(), Patch::from(Value::text(value)));
    Arrival {
        source: OFFICE,
        kind: kind.clone(),
        source_id: Some(id.to_owned()),
        keys,
        fields: fields.iter().map(patch).collect(),
        modified,
        made: None,
        asked: None,
        confirmed: true,
        new_id: Some(id.to_owned()),
    }
}

/// The kind that must be there first, and the key that names it; by that key it must be the parent record's own id.
pub(super) fn parent_of(kind: &Kind) -> Option<Parent> {
    match kind.as_str() {
        "ticket" => Some(Parent::of(CALLER, "caller")),
        "note" => Some(Parent::of(TICKET, "ticket")),
        _ => None,
    }
}

fn spec(kind: Kind) -> KindSpec {
    let parent = parent_of(&kind);
    let both = |name: &str| vec![(OFFICE, name.to_owned()), (DESK, name.to_owned())];
    let mut fields = vec![
        field("name", Origin::Field, both("name")),
        field("body", Origin::Field, both("body")),
        field(OWN_KEY, Origin::Key, vec![(DESK, "ref".to_owned())]),
    ];
    // No column: the desk names a parent by its own id of it, which is no value of this record.
    fields.extend(parent.as_ref().map(|it| field(it.key, Origin::Key, Vec::new())));
    KindSpec {
        kind,
        fields,
        routes: vec![
            Route {
                system: OFFICE,
                written: false,
                source: true,
                parents: Vec::new(),
            },
            Route {
                system: DESK,
                written: true,
                source: false,
                parents: parent.into_iter().collect(),
            },
        ],
        class: Class::LIVE,
        calls: 1,
    }
}

fn field(name: &'static str, origin: Origin, columns: Vec<(System, String)>) -> FieldSpec {
    FieldSpec {
        name,
        shape: Shape::Text,
        owner: Owner::Is(OFFICE),
        clears: true,
        origin,
        columns,
    }
}
