//! What operators, watches and strangers do.

use super::api;
use super::people::{Person, of_record};
use crate::flow::{Deed, Step};
use crate::sim::Sim;
use futures_util::future::BoxFuture;
use http::Request;
use local::queues::message::Outgoing;
use shared::model::{Kind, RecordKey, System};
use shared::sync::budget::{Mode, set_mode};
use shared::sync::retry::retry;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Something about no person in particular.
#[derive(Clone, Debug)]
pub(super) enum OfAll {
    /// Somebody starts a pull by hand.
    Pull(&'static str),
    /// An operator begins a backfill.
    Backfill,
    /// An operator pauses a system for a while.
    Pause(&'static str, Duration),
    /// A message that nobody can read lands on a queue.
    Garbage(&'static str),
    /// Somebody who does not know the secret calls a webhook.
    Forge,
    /// The next so many activations of a function die, each somewhere in its work.
    Unlucky(&'static str, u64),
    /// A watch asks how things stand.
    Health,
}

impl OfAll {
    pub(super) fn at(self, at: Duration) -> Step {
        Step {
            at,
            deed: Arc::new(self),
        }
    }
}

impl Deed for OfAll {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let what = self.clone();
        Box::pin(async move {
            match what {
                OfAll::Pull(job) => pull(&sim, job).await,
                OfAll::Backfill => backfill(&sim).await,
                OfAll::Pause(system, length) => pause(&sim, system, length).await,
                OfAll::Unlucky(function, times) => sim.lose_next(function, times),
                OfAll::Garbage(queue) => garbage(&sim, queue),
                OfAll::Forge => forge(&sim).await,
                OfAll::Health => drop(api::once(&sim, Request::get("/health"), "").await),
            }
        })
    }
}

/// Asks for another try of all links of a person's lead.
pub(super) async fn try_again(sim: &Sim, person: &Person) {
    let Ok(app) = sim.operator() else { return };
    for id in leads_of(sim, person) {
        for system in [System::ZOHO_CRM, System::BACKOFFICE] {
            // There may be no such link.
            let _ = retry(&app, &RecordKey::new(Kind::LEAD, id.clone()), &system).await;
        }
    }
    sim.wake.notify_one();
}

fn leads_of(sim: &Sim, person: &Person) -> Vec<String> {
    let history = sim.history();
    let records = history
        .table
        .now()
        .filter(|(key, _)| key.1 == "record" && key.0.starts_with("lead#"));
    let theirs = records.filter(|(_, item)| of_record(&crate::table::content(item)) == Some(person.name()));
    theirs
        .map(|(key, _)| key.0.trim_start_matches("lead#").to_owned())
        .collect()
}

async fn pull(sim: &Sim, job: &str) {
    let request = Request::post(format!("/crons/{job}")).header("authorization", "Bearer local-cron-secret");
    if let Some(status @ 400..=428) = api::once(sim, request, "").await {
        sim.breach(format!("a pull by hand was refused with {status}"));
    }
}

async fn backfill(sim: &Sim) {
    let Ok(app) = sim.operator() else { return };
    let sources = BTreeSet::from([System::PORTAL, System::ZOHO_CRM]);
    if let Err(error) = shared::sync::backfill::begin(&app, &sources).await {
        sim.breach(format!("a backfill can't be begun: {error:#}"));
    }
    sim.wake.notify_one();
}

async fn pause(sim: &Sim, system: &'static str, length: Duration) {
    let Ok(app) = sim.operator() else { return };
    let name = System::read(system);
    let switched = set_mode(&app, &name, Mode::Paused).await;
    let from = sim.now_ms();
    tokio::time::sleep(length).await;
    sim.history().pauses.push((system, from, sim.now_ms()));
    if switched.is_err() || set_mode(&app, &name, Mode::On).await.is_err() {
        sim.breach(format!("{system} can't be paused"));
    }
}

fn garbage(sim: &Sim, queue: &str) {
    let sent = sim
        .world
        .aws
        .queues
        .send(queue, Outgoing::new("no message of ours"), sim.now_ms());
    if let Err(error) = sent {
        sim.breach(format!("{queue} takes no message: {error}"));
    }
    sim.wake.notify_one();
}

async fn forge(sim: &Sim) {
    let request = Request::post("/webhooks/supabase/portal").header("x-webhook-secret", "guess");
    let body = r#"{"type":"INSERT","table":"leads","record":{"id":"f0000000-0000-4000-8000-000000000000"}}"#;
    match api::once(sim, request.header("content-type", "application/json"), body).await {
        None | Some(401 | 429 | 503) => {}
        Some(status) => sim.breach(format!("a forged webhook was answered with {status}")),
    }
}
