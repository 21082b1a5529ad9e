//! After the last kill: what the table and the systems hold of the leads that were answered.

use super::Plan;
use crate::dynamo;
use crate::run::keys::Keys;
use crate::run::sent::{self, Found, Lead, Person};
use crate::run::table;
use crate::world::{Options, World};
use anyhow::{Context as _, Result};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Value, json};
use shared::api::auth::Scope;
use shared::clock::Clock;
use std::collections::BTreeSet;

/// All numbers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) kills: u32,
    pub(super) seconds: f64,
    /// Leads answered with 202.
    pub(super) leads: usize,
    pub(super) people: usize,
    /// Requests that a kill cut off; each was sent again.
    pub(super) cut_off: usize,
    /// Links that the kills left open, all together.
    pub(super) left_open: usize,
    /// Links that are not synced at the end.
    pub(super) not_synced: usize,
    /// The table, Zoho CRM, the back office.
    pub(super) places: Vec<(&'static str, Found)>,
}

/// Opens what the last process left and counts.
pub(super) async fn count(plan: &Plan, leads: &[Lead], ahead: u32) -> Result<(Vec<(&'static str, Found)>, usize)> {
    let world = World::new(Options {
        clock: Clock::system().skewed(SignedDuration::from_secs(ahead.into())),
        data: Some(plan.dir.clone()),
        ..Options::live()
    })?;
    let people = sent::people(leads);
    let (in_table, not_synced) = in_table(&world, &Keys::kept(&plan.dir)?, &people).await?;
    let zoho = sent::compare(&people, &world.systems.zoho.leads(), sent::ZOHO_CRM);
    let rows = world.systems.backoffice.rows("leads");
    let backoffice = sent::compare(&people, &rows, sent::BACKOFFICE);
    let places = vec![
        ("the table", in_table),
        ("Zoho CRM", zoho),
        ("the back office", backoffice),
    ];
    Ok((places, not_synced))
}

/// What the API says of each lead, against all records that stand in the table.
async fn in_table(world: &World, keys: &Keys, people: &[Person]) -> Result<(Found, usize)> {
    let mut found = Found::default();
    let (mut known, mut not_synced) = (BTreeSet::new(), 0);
    for person in people {
        let mut records = BTreeSet::new();
        for lead in person.leads() {
            let path = format!("/leads/{}", lead.id);
            let (status, answer) = world.call("GET", &path, keys.of(Scope::Leads), None).await?;
            if status == 200 {
                records.extend(answer["id"].as_str().map(str::to_owned));
                not_synced += ["zoho_crm", "backoffice"]
                    .iter()
                    .filter(|it| answer["systems"][**it]["status"] != "synced")
                    .count();
            }
        }
        match records.len() {
            0 => found.lost += 1,
            1 => found.once += 1,
            _ => found.doubled += 1,
        }
        known.extend(records);
    }
    found.extra = records(world)?.saturating_sub(known.len());
    Ok((found, not_synced))
}

/// How many records the table holds.
fn records(world: &World) -> Result<usize> {
    let mut request = json!({
        "TableName": world.app().config.table,
        "FilterExpression": "sk = :record",
        "ExpressionAttributeValues": { ":record": { "S": "record" } },
        "Select": "COUNT",
    });
    let mut count = 0;
    loop {
        let target = format!("{}Scan", dynamo::TARGET);
        let (_, answer) = world.aws.dynamo.answer(&target, request.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&answer)?;
        let page = answer["Count"].as_u64().context("the table can't be counted")?;
        count += usize::try_from(page)?;
        match answer.get("LastEvaluatedKey") {
            Some(key) if !key.is_null() => request["ExclusiveStartKey"] = key.clone(),
            _ => return Ok(count),
        }
    }
}

impl Report {
    /// Whether nothing is lost, doubled or left over.
    pub(super) fn holds(&self) -> bool {
        let whole = self.places.iter().all(|it| it.1.is_whole(self.people));
        whole && self.people > 0 && self.not_synced == 0
    }

    /// The line at the end.
    pub(super) fn verdict(&self) -> String {
        let places: Vec<String> = self
            .places
            .iter()
            .map(|(name, it)| format!("{} in {name}", it.once))
            .collect();
        let end = match self.holds() {
            true => "nothing lost, nothing doubled".to_owned(),
            false => format!("NOT WHOLE (seed {}): see the table", self.seed),
        };
        format!(
            "{} leads answered over {} kills, {} people: {}; {end}",
            self.leads,
            self.kills,
            self.people,
            places.join(", ")
        )
    }

    /// Everything, for people.
    pub(super) fn text(&self) -> String {
        let mut table = table::new(&["where"], &["once", "lost", "doubled", "extra", "different"]);
        for (name, it) in &self.places {
            let numbers = [it.once, it.lost, it.doubled, it.extra, it.different];
            let mut row = vec![(*name).to_owned()];
            row.extend(numbers.map(|it| it.to_string()));
            table.add_row(row);
        }
        format!(
            "{table}\n{} requests cut off and sent again; {} links left open by the kills, {} not synced now; {:.1} s\n\n{}\n",
            self.cut_off,
            self.left_open,
            self.not_synced,
            self.seconds,
            self.verdict()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(found: Found) -> Report {
        Report {
            seed: 7,
            kills: 3,
            seconds: 1.0,
            leads: 2,
            people: 2,
            cut_off: 0,
            left_open: 0,
            not_synced: 0,
            places: vec![("Zoho CRM", found)],
        }
    }

    #[test]
    fn one_that_is_lost_or_doubled_or_open_is_not_whole() {
        let good = Found {
            once: 2,
            ..Found::default()
        };
        assert!(report(good).holds());
        let lost = Found {
            once: 1,
            lost: 1,
            ..Found::default()
        };
        let doubled = Found {
            once: 1,
            doubled: 1,
            ..Found::default()
        };
        assert!(!report(lost).holds() && !report(doubled).holds());
        let open = Report {
            not_synced: 1,
            ..report(good)
        };
        assert!(!open.holds() && open.verdict().contains("seed 7"));
    }
}
