//! What an arrival changes in a record: a three-way merge against the source's receipt. Pure.
//!
//! A field that the source shows as before is no change. A one-sided change is accepted from either side. Ownership
//! decides only where both sides changed; what it can't decide is held with both values.

use super::fields::{FieldSpec, KindSpec, Owner, ToldOf, project, to_hub};
use crate::lead::status::StatusMap;
use crate::model::{Field, Fields, Held, Patches, Receipt, Record, System, Value};
use crate::planted::{Bug, planted};
use std::collections::BTreeMap;

/// What is known before the merge.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The table.
    pub spec: &'a KindSpec,
    /// The status words.
    pub words: &'a StatusMap,
    /// The source.
    pub source: &'a System,
    /// The record, if there is one.
    pub record: Option<&'a Record>,
    /// What the source last showed and confirmed.
    pub receipt: &'a Receipt,
    /// The record's links.
    pub told: &'a ToldOf,
    /// Whether the row carries the very time of our last write: it then tells what became of our values.
    pub own_write: bool,
}

/// What a merge comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// The record's fields after it.
    pub fields: Fields,
    /// Whether they differ from before.
    pub changed: bool,
    /// Fields that wait for a person.
    pub held: BTreeMap<Field, Held>,
    /// Fields that no longer wait.
    pub freed: Vec<Field>,
    /// What the source shows now.
    pub seen: Fields,
    /// Whether it shows something else where a value was known.
    pub differs: bool,
}

enum Decision {
    /// As it was shown before: what waits for a person goes on waiting.
    NoNews,
    Keep,
    Take(Value),
    Hold(Held),
}

/// Merges what `patches` says (in the source's words) into the record.
#[must_use]
pub fn merge(known: Known<'_>, patches: &Patches) -> Merged {
    let before = known.record.map(|it| it.fields.clone()).unwrap_or_default();
    let mut merged = Merged {
        fields: before.clone(),
        ..Merged::default()
    };
    let projected = known
        .record
        .map(|it| project(known.spec, known.source, it, known.told, known.words).0);
    for (name, patch) in patches {
        let (Some(field), Some(shown)) = (known.spec.field(name), patch.value()) else {
            continue;
        };
        if is_unticked(known, field, &shown) && !before.contains_key(name) {
            continue;
        }
        merged.seen.insert(name.clone(), shown.clone());
        let decision = decide(known, field, &shown, projected.as_ref());
        let is_known_otherwise = known.receipt.base(name).is_some_and(|it| *it != shown);
        merged.differs |= is_known_otherwise && !matches!(decision, Decision::NoNews);
        match decision {
            Decision::NoNews => {}
            Decision::Keep => merged.freed.push(name.clone()),
            Decision::Hold(held) => _ = merged.held.insert(name.clone(), held),
            Decision::Take(value) => {
                merged.freed.push(name.clone());
                set(&mut merged.fields, name, value);
            }
        }
    }
    merged.changed = merged.fields != before;
    merged
}

fn set(fields: &mut Fields, name: &str, value: Value) {
    if value.is_empty() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
}

fn decide(known: Known<'_>, field: &FieldSpec, shown: &Value, projected: Option<&Fields>) -> Decision {
    let nothing = Value::Empty;
    let ours = known
        .record
        .and_then(|it| it.fields.get(field.name))
        .unwrap_or(&nothing);
    if *known.source == System::OPERATOR || System::GATEWAYS.contains(known.source) {
        // A person's word, and a gateway's of its own payment, are in Concord's own words and come before every owner's.
        return Decision::Take(shown.clone());
    }
    let receipt = known.receipt;
    let fills_seen = known.own_write
        && !receipt.seen.contains_key(field.name)
        && receipt.sent.get(field.name).is_some_and(|it| shown.is_form_of(it));
    let as_before = receipt.base(field.name) == Some(shown) && !planted(Bug::TwoWayMerge);
    // What a call of ours without an answer brought is our own word.
    if fills_seen || as_before || receipt.may_be_ours(field.name, shown) {
        return Decision::NoNews;
    }
    let Ok(value) = to_hub(field, known.source, shown, known.words) else {
        return Decision::Hold(Held {
            theirs: shown.clone(),
            ours: ours.clone(),
            why: "word".into(),
        });
    };
    if value == *ours || (value.is_empty() && !clears(field, receipt)) || is_unticked(known, field, &value) {
        return Decision::Keep;
    }
    let wanted = projected.and_then(|it| it.get(field.name));
    let theirs_alone = match receipt.base(field.name) {
        // An object that a call of ours without an answer made was made with our values: who changed them came later.
        None => ours.is_empty() || wanted.is_some_and(|it| receipt.may_be_ours(field.name, it)),
        Some(_) => wanted.is_some_and(|it| receipt.agrees(field.name, it)),
    };
    if theirs_alone {
        return Decision::Take(value);
    }
    match owner(known, field) {
        Some(owner) if owner == *known.source => Decision::Take(value),
        Some(_) => Decision::Keep,
        None => Decision::Hold(Held {
            theirs: shown.clone(),
            ours: ours.clone(),
            why: "conflict".into(),
        }),
    }
}

/// An empty value says something only where the source showed one before.
fn clears(field: &FieldSpec, receipt: &Receipt) -> bool {
    field.clears && receipt.base(field.name).is_some()
}

/// A system that is written to shows a box that nobody ever ticked as "no": that is its default, and no answer.
fn is_unticked(known: Known<'_>, field: &FieldSpec, value: &Value) -> bool {
    known.spec.writes_to(known.source) && *value == Value::Boolean(false) && known.receipt.base(field.name).is_none()
}

fn owner(known: Known<'_>, field: &FieldSpec) -> Option<System> {
    match &field.owner {
        Owner::Is(system) => Some(system.clone()),
        Owner::OnceKnown(first, then) => {
            let knows = known.source == then || known.told.get(then).is_some_and(|it| it.remote_id.is_some());
            Some(if knows { then.clone() } else { first.clone() })
        }
        Owner::Nobody => None,
    }
}

#[cfg(test)]
mod tests;
