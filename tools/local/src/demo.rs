//! `cargo run -- demo`: leads through the whole bundle, on the real clock, and where they went.

pub(crate) mod leads;
mod look;
mod people;
pub(crate) mod progress;
mod report;

use crate::run::engine::Engine;
use crate::run::keys::Keys;
use crate::run::options::Demo;
use crate::run::say;
use crate::run::sent::{self, Lead, Person};
use crate::world::{Options, World};
use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use leads::Way;
use progress::Progress;
use report::{Edits, Report};
use serde_json::{Value, json};
use shared::api::auth::Scope;
use std::time::Duration;

/// Connections of the portal's server.
const CONNECTIONS: usize = 8;
/// How often is looked.
const LOOK: Duration = Duration::from_millis(100);
/// When it is given up, and shown as it is.
const PATIENCE: Duration = Duration::from_secs(60);
/// A batch for Zoho CRM fills for two seconds: what is to go there has gone after this.
const ECHO: Duration = Duration::from_millis(2500);
/// How many leads a person edits in Zoho CRM.
const EDITED: usize = 2;

/// A lead that was sent, and when.
struct Sent {
    way: Way,
    lead: Lead,
    at: Timestamp,
    taken: bool,
}

/// Runs the demonstration and prints it; `false` if the numbers don't add up.
///
/// # Errors
/// When the bundle can't be built or asked.
pub async fn demo(options: &Demo) -> Result<bool> {
    let world = World::new(Options::live())?;
    let keys = Keys::mint(world.app(), None).await?;
    let begun = world.clock.now();
    let engine = Engine::start(&world)?;
    world.tick("cron_renew")?;

    let leads = leads::leads(usize::try_from(options.leads).unwrap_or(100), begun);
    let rows: Vec<Lead> = leads.iter().map(|it| it.1.clone()).collect();
    let people = sent::people(&rows);
    let progress = Progress::new(&["sent", "in Zoho CRM", "in back office"], rows.len(), options.json);
    (1..=2).for_each(|bar| progress.length(bar, people.len()));
    let sent = send(&world, keys.of(Scope::Leads), leads, &progress).await?;
    settled(&world, &people, &progress).await?;
    let mut report = Report {
        leads: sent.iter().filter(|it| it.taken).count(),
        refused: sent.iter().filter(|it| !it.taken).count(),
        people: people.len(),
        ..Report::default()
    };
    look::ask(&world, keys.of(Scope::Leads), &sent, &mut report).await?;
    report.edits = edit(&world).await?;
    report.systems = look::contents(&world, &people);
    progress.end();
    engine.stop().await;

    report.seconds = world.clock.now().duration_since(begun).as_secs_f64();
    let text = match options.json {
        true => json!({ "holds": report.holds(), "verdict": report.verdict(), "report": report }).to_string() + "\n",
        false => report.text(),
    };
    say(&text)?;
    Ok(report.holds())
}

/// Sends all leads, several at once, each by its way.
async fn send(world: &World, key: &str, leads: Vec<(Way, Lead)>, progress: &Progress) -> Result<Vec<Sent>> {
    let mut answers = stream::iter(leads)
        .map(|(way, lead)| send_one(world, key, way, lead))
        .buffered(CONNECTIONS);
    let mut sent = Vec::new();
    while let Some(answer) = answers.next().await {
        sent.push(answer?);
        progress.set(0, sent.len());
    }
    Ok(sent)
}

async fn send_one(world: &World, key: &str, way: Way, lead: Lead) -> Result<Sent> {
    let at = world.clock.now();
    let taken = match way {
        Way::Api => world.call("POST", "/leads", key, Some(&lead.row)).await?.0 == 202,
        Way::Webhook => {
            let inserted = world.systems.portal.insert_row("leads", lead.row.clone());
            world.systems.wake();
            inserted.is_ok()
        }
    };
    Ok(Sent { way, lead, at, taken })
}

/// Waits until nothing is under way any more.
async fn settled(world: &World, people: &[Person], progress: &Progress) -> Result<()> {
    let end = world.clock.now() + PATIENCE;
    while world.clock.now() < end {
        let here = look::here(world);
        progress.set(1, here.0);
        progress.set(2, here.1);
        let there = here.0.min(here.1) >= people.len();
        if there && look::is_settled(world).await? {
            return Ok(());
        }
        world.clock.sleep(LOOK).await;
    }
    Ok(())
}

/// A person changes leads in Zoho CRM; the change comes back by its notification.
async fn edit(world: &World) -> Result<Edits> {
    let zoho = &world.systems.zoho;
    let before = look::writes(world);
    let chosen: Vec<String> = zoho
        .leads()
        .iter()
        .filter_map(|it| it["id"].as_str().map(str::to_owned))
        .collect();
    let chosen = &chosen[..chosen.len().min(EDITED)];
    let begun = world.clock.now();
    for (number, id) in chosen.iter().enumerate() {
        let change = json!({ "Lead_Status": "Contacted", "Phone": phone(number) });
        zoho.edit(id, change).ok().context("Zoho CRM's twin refused an edit")?;
    }
    world.systems.wake();
    let mut edits = Edits {
        made: chosen.len(),
        ..Edits::default()
    };
    while edits.came_back < edits.made && world.clock.now() < begun + PATIENCE {
        world.clock.sleep(LOOK).await;
        let rows = world.systems.backoffice.rows("leads");
        let shown = |(number, id): &(usize, &String)| rows.iter().any(|row| shows(row, id, *number));
        edits.came_back = chosen.iter().enumerate().filter(shown).count();
    }
    let took = world.clock.now().duration_since(begun).as_millis();
    edits.ms = (edits.came_back == edits.made).then(|| i64::try_from(took).unwrap_or(i64::MAX));
    // Whatever were to go back to Zoho CRM would go now.
    world.clock.sleep(ECHO).await;
    edits.sent_back = look::writes(world) - before;
    Ok(edits)
}

fn phone(number: usize) -> String {
    format!("+356 2133 44{number:02}")
}

fn shows(row: &Value, id: &str, number: usize) -> bool {
    row["zoho_lead_id"] == id && row["status"] == "contacted" && row["phone"] == phone(number)
}
