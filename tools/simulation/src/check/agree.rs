//! What is said to agree does agree: each system holds the record's values, and the numbers are those of a recount.

use super::{Breach, Facts, breach};
use crate::sim::Sim;
use rust_decimal::Decimal;
use serde_json::Value;
use shared::model::{Link, Status, System};
use shared::sync::fields::{ToldOf, project, told_of};
use std::collections::BTreeMap;
use std::str::FromStr as _;

const RULE: &str = "the last accepted version is everywhere";

pub(super) fn all_agree(_: &Sim, facts: &Facts) -> Vec<Breach> {
    // What is gone is marked, and nothing is held against it any more.
    let synced = facts
        .written_links()
        .filter(|it| it.status == Status::Synced && it.gone.is_none());
    synced
        .flat_map(|it| disagreements(facts, it))
        .chain(missing_links(facts))
        .map(|it| breach(RULE, it))
        .collect()
}

/// Systems of which nobody knows that a record should be there.
fn missing_links(facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    for key in facts.records.keys() {
        let Ok(spec) = facts.app.kind(&key.kind) else { continue };
        let written = spec.routes.iter().filter(|it| it.written);
        let missing = written.filter(|it| facts.link(key, &it.system).is_none());
        found.extend(missing.map(|it| format!("{key} has no link to {}", it.system)));
    }
    found
}

fn disagreements(facts: &Facts, link: &Link) -> Vec<String> {
    let at = format!("{} in {}", link.record, link.system);
    let Some(record) = facts.records.get(&link.record) else {
        return vec![format!("{at}: there is no such record")];
    };
    let Some(object) = facts.object(link) else {
        return vec![format!(
            "{at} is said to be synced, and {:?} is not there",
            link.remote_id
        )];
    };
    let mut found = Vec::new();
    if link.synced_version != record.version {
        found.push(format!(
            "{at} is synced at version {}, and the record is at {}",
            link.synced_version, record.version
        ));
    }
    found.extend(
        differences(facts, link, object)
            .into_iter()
            .map(|it| format!("{at}: {it}")),
    );
    found
}

/// In what an object is not as its record would have it.
pub(super) fn differences(facts: &Facts, link: &Link, object: &Value) -> Vec<String> {
    let (record, spec) = (facts.records.get(&link.record), facts.app.kind(&link.record.kind));
    let (Some(record), Ok(spec)) = (record, spec) else {
        return vec!["there is no such record or kind".to_owned()];
    };
    let told = told(facts, link);
    let (wanted, _) = project(spec, &link.system, record, &told, &facts.app.config.statuses);
    let mut found = Vec::new();
    for field in &spec.fields {
        let Some((column, value)) = field.column(&link.system).zip(wanted.get(field.name)) else {
            continue;
        };
        let (ours, theirs) = (value.to_json(), &object[column]);
        // Of what the app says nothing, Zoho Billing decides: a due date, a plan's price.
        // Which invoice a payment pays is looked at with the money.
        let is_shown = object.get(column).is_some();
        if link.system == System::ZOHO_BILLING && (ours.is_null() || !is_shown) {
            continue;
        }
        if !link.held_fields.contains_key(field.name) && !same(&ours, theirs) {
            found.push(format!("{} is {ours} here and {theirs} there", field.name));
        }
    }
    found
}

fn told(facts: &Facts, link: &Link) -> ToldOf {
    told_of(facts.links.values().filter(|it| it.record == link.record))
}

fn same(ours: &Value, theirs: &Value) -> bool {
    let number = |it: &Value| match it {
        Value::Number(number) => Decimal::from_str(&number.to_string()).ok(),
        Value::String(text) => Decimal::from_str(text).ok(),
        _ => None,
    };
    let empty = |it: &Value| it.is_null() || *it == Value::Bool(false) || *it == "";
    let equal_numbers = number(ours).zip(number(theirs)).is_some_and(|(a, b)| a == b);
    ours == theirs || equal_numbers || (empty(ours) && empty(theirs))
}

/// Open counts come from the index: it holds exactly what the links say. Totals are those of the records.
pub(super) fn counts_equal_a_recount(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    const RULE: &str = "counts equal a recount";
    let (mut found, mut totals) = (Vec::new(), BTreeMap::new());
    let history = sim.history();
    for (key, link) in &facts.links {
        let stands = history.table.get(key).and_then(|it| it["due_pk"]["S"].as_str());
        let belongs = link.bucket().map(|it| format!("{}#{it}", link.system));
        if stands != belongs.as_deref() {
            found.push(breach(
                RULE,
                format!(
                    "{} in {} stands in {stands:?}, not in {belongs:?}",
                    link.record, link.system
                ),
            ));
        }
    }
    for record in facts.records.keys() {
        *totals.entry(record.kind.to_string()).or_insert(0) += 1;
    }
    for (kind, count) in totals {
        let at = (format!("counts#{kind}#all"), "counts".to_owned());
        let total = history
            .table
            .get(&at)
            .and_then(|it| it["total"]["N"].as_str()?.parse::<i64>().ok());
        if total != Some(count) {
            found.push(breach(
                RULE,
                format!("{count} records of kind {kind}, and the total says {total:?}"),
            ));
        }
    }
    found
}
