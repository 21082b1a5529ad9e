//! Looking: what the bundle says of the leads, and what the systems hold.

use super::Sent;
use super::leads::Way;
use super::report::{Content, Line, Report};
use crate::run::sent::{self, Person};
use crate::world::World;
use anyhow::Result;
use jiff::Timestamp;
use serde_json::Value;
use shared::store::Candidate;
use std::collections::BTreeMap;

/// The systems that are written.
const WRITTEN: [&str; 2] = ["zoho_crm", "backoffice"];
const CAP: usize = 10_000;

/// How many leads Zoho CRM and the back office hold.
pub(super) fn here(world: &World) -> (usize, usize) {
    let systems = &world.systems;
    (systems.zoho.leads().len(), systems.backoffice.rows("leads").len())
}

/// Whether the portal's rows have been taken in, and no lead is on its way to a system. Zoho CRM's webhooks may still
/// wait: it tells us of our own writes, too.
pub(super) async fn is_settled(world: &World) -> Result<bool> {
    let store = &world.app().store;
    let arrived = store.all_after("intake", "open", None, CAP).await?;
    let waits = |it: &Candidate| it.key.as_intake().is_some_and(|(source, _)| source == "portal");
    if arrived.iter().any(waits) {
        return Ok(false);
    }
    for open in WRITTEN {
        if store.count_due(open, "open", CAP).await? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes to Zoho CRM so far.
pub(super) fn writes(world: &World) -> usize {
    let zoho = &world.systems.zoho;
    ["insert", "update", "upsert"].iter().map(|it| zoho.count(it)).sum()
}

/// Asks the API for each lead that was sent.
pub(super) async fn ask(world: &World, key: &str, sent: &[Sent], report: &mut Report) -> Result<()> {
    let mut shown = Vec::new();
    for it in sent.iter().filter(|it| it.taken) {
        let (_, answer) = world.call("GET", &format!("/leads/{}", it.lead.id), key, None).await?;
        report.held_fields.extend(held_fields(&answer));
        shown.push((it, answer));
    }
    report.held_fields.sort();
    report.held_fields.dedup();
    for way in Way::ALL {
        for system in WRITTEN {
            let mut line = Line::new(way, system);
            let mut times = Vec::new();
            for (it, answer) in shown.iter().filter(|(it, _)| it.way == way) {
                let link = &answer["systems"][system];
                line.count(link);
                times.extend(took(it.at, link));
            }
            line.times(times);
            report.ways.push(line);
        }
    }
    Ok(())
}

/// Milliseconds from sending to the system's confirmation; none where an earlier lead of the person had brought it.
fn took(at: Timestamp, link: &Value) -> Option<i64> {
    let synced: Timestamp = link["synced_at"].as_str()?.parse().ok()?;
    let took = i64::try_from(synced.duration_since(at).as_millis()).ok()?;
    (took >= 0).then_some(took)
}

fn held_fields(answer: &Value) -> Vec<String> {
    let mut held = Vec::new();
    for (system, link) in answer["systems"].as_object().into_iter().flatten() {
        for (field, why) in link["held_fields"].as_object().into_iter().flatten() {
            let lead = answer["portal_lead_id"].as_str().unwrap_or_default();
            held.push(format!("{field} of lead {lead}, from {system}: {}", reason(why)));
        }
    }
    held
}

fn reason(why: &Value) -> &str {
    match why.as_str().unwrap_or_default() {
        "word" => "its word stands in no table of words (LEAD_STATUS_MAP)",
        other => other,
    }
}

/// What the systems themselves hold, and what they were asked.
pub(super) fn contents(world: &World, people: &[Person]) -> Vec<Content> {
    let systems = &world.systems;
    let zoho = Content {
        system: "zoho_crm",
        name: "Zoho CRM",
        found: sent::compare(people, &systems.zoho.leads(), sent::ZOHO_CRM),
        calls: calls(&systems.zoho.calls()),
        violations: systems.zoho.violations(),
    };
    let backoffice = Content {
        system: "backoffice",
        name: "the back office",
        found: sent::compare(people, &systems.backoffice.rows("leads"), sent::BACKOFFICE),
        calls: calls(&systems.backoffice.calls()),
        violations: systems.backoffice.violations(),
    };
    vec![zoho, backoffice]
}

fn calls(calls: &[twins::Call]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation).or_default() += 1;
    }
    counts
}
