//! Each accepted change ends, with its reason; each webhook is processed or set aside; no dead letter vanishes.

use super::agree::differences;
use super::{Breach, Facts, breach};
use crate::leads::of_lead;
use crate::sim::Sim;
use crate::weather::Fault;
use serde_json::Value;
use shared::model::{Link, Status, System};

pub(super) fn every_change_ends(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    const RULE: &str = "every change ends";
    let mut found = Vec::new();
    for link in facts.links.values() {
        if link.status.is_open() {
            let why = link.last_error.as_ref().map_or("", |it| it.why.as_str());
            found.push(breach(
                RULE,
                format!("{} in {} is {}: {why}", link.record, link.system, link.status.as_str()),
            ));
        }
        let needs_reason = matches!(link.status, Status::Failed | Status::Held | Status::Skipped);
        if needs_reason && link.last_error.is_none() && link.gone.is_none() {
            found.push(breach(
                RULE,
                format!(
                    "{} in {} is {} without a reason",
                    link.record,
                    link.system,
                    link.status.as_str()
                ),
            ));
        }
    }
    for (key, (intake, open)) in &facts.intakes {
        if *open || intake.processed_at.is_none() && intake.error.is_none() {
            found.push(breach(
                RULE,
                format!("{} is neither processed nor set aside: {:?}", key.0, intake.error),
            ));
        }
    }
    let history = sim.history();
    for (key, item) in history.table.now().filter(|(key, _)| key.1.starts_with("run#")) {
        if item["due_pk"]["S"] == "run#open" {
            found.push(breach(RULE, format!("{} {} has not ended", key.0, key.1)));
        }
    }
    found
}

/// Nothing waits for a person, fails or is left out unless something happened that accounts for it.
pub(super) fn no_needless_trouble(sim: &Sim, facts: &Facts) -> Vec<Breach> {
    const RULE: &str = "no needless trouble";
    let refused = sim.history().faults.contains_key(&Fault::RecordRefused) || sim.manner.aimed.is_some();
    let is_accounted_for = |link: &Link| match link.status {
        Status::Failed => refused && link.system == System::ZOHO_CRM,
        // A new object of unknown outcome that can't be looked up.
        Status::Held => link.record.kind.as_str() == "note" || is_blurred(sim, facts, link),
        Status::Skipped => link.gone.is_some(),
        _ => link.held_fields.is_empty(),
    };
    let of_its_flow = |link: &Link| sim.flows.iter().any(|it| it.accounts_for(facts, link));
    let needless = facts
        .links
        .values()
        .filter(|it| !is_accounted_for(it) && !of_its_flow(it));
    let told = needless.map(|it| {
        let why = it.last_error.as_ref().map_or("", |it| it.why.as_str());
        breach(
            RULE,
            format!(
                "{} in {} is {}: {why}; held {:?}",
                it.record,
                it.system,
                it.status.as_str(),
                it.held_fields
            ),
        )
    });
    told.collect()
}

/// Whether a link is about somebody who can't be told apart any more, by people's own mistake: a person must look.
fn is_blurred(sim: &Sim, facts: &Facts, link: &Link) -> bool {
    let email = facts.records.get(&link.record).and_then(|it| it.keys.get("email"));
    let person = email.and_then(|it| of_lead(&Value::from(it.as_str()), &Value::Null));
    person.is_some_and(|it| sim.history().blurred.contains(&it))
}

pub(super) fn dead_letters_kept(sim: &Sim, _: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let is_kept = |id: &str| {
        history
            .table
            .now()
            .any(|(key, _)| key.0.contains(id) || key.1.contains(id))
    };
    let lost = history.dead.iter().filter(|it| !is_kept(&it.1));
    lost.map(|(queue, id)| breach("dead letters are kept", format!("{id} of {queue} left no trace")))
        .collect()
}

/// Of whom we said that a person must choose, there is something to choose, or there was.
pub(super) fn held_arrivals_kept(sim: &Sim, _: &Facts) -> Vec<Breach> {
    let history = sim.history();
    let is_kept = |id: &str| {
        history
            .table
            .changes
            .iter()
            .any(|it| it.key.0.ends_with(&format!("#row#{id}")))
    };
    let lost = history.held.iter().filter(|it| !is_kept(it));
    lost.map(|it| {
        breach(
            "nothing acknowledged is lost",
            format!("row {it} was said to be held, and is kept nowhere"),
        )
    })
    .collect()
}

/// What is said to have been refused is not there as it should be, unless a call before it may have brought it.
pub(super) fn failures_are_real(_: &Sim, facts: &Facts) -> Vec<Breach> {
    let failed = facts
        .written_links()
        .filter(|it| it.status == Status::Failed && it.receipt.unsure.is_empty());
    let there = failed.filter(|link| {
        let objects = facts.objects.get(link.system.as_str()).into_iter().flatten();
        let mut of_its_kind = objects.filter(|it| it.0.split('/').next() == Some(link.record.kind.as_str()));
        of_its_kind.any(|it| differences(facts, link, it.1).is_empty())
    });
    there
        .map(|it| {
            breach(
                "no needless trouble",
                format!("{} in {} is said to have failed, and it is there", it.record, it.system),
            )
        })
        .collect()
}
