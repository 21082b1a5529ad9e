//! Flow 1 in the world: people ask for quotes at the portal and by the API, sales works in Zoho CRM, the back office
//! shows both.

mod api;
mod asks;
mod deeds;
mod draw;
mod operators;
mod people;
mod portal;
mod sales;
mod systems;
mod troubles;

pub use people::{FIELDS, Field, People, Person, Style, of_lead};

use crate::chance::Chance;
use crate::check::{Breach, Facts, breach};
use crate::flow::{Flow, Outside, Step};
use crate::sim::Sim;
use crate::weather::Fault;
use futures_util::future::BoxFuture;
use local::world::World;
use shared::api::auth::{Scope, store};
use std::sync::Arc;
use std::time::Duration;

/// Keys of the API's two callers: one is the beginning of the other.
pub const CALLERS: [&str; 2] = ["portal-key", "portal-key1"];

/// Flow 1.
#[derive(Debug)]
pub struct Leads {
    people: Arc<People>,
    asks: Arc<asks::Asks>,
    most: u64,
}

impl Leads {
    /// At most so many people and twice as many deeds.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self {
            people: Arc::default(),
            asks: Arc::default(),
            most,
        }
    }
}

impl Flow for Leads {
    fn name(&self) -> &'static str {
        "leads"
    }

    fn systems(&self, world: &World) -> Vec<Arc<dyn Outside>> {
        systems::all(world, self.asks.clone())
    }

    fn steps(&self, chance: &Chance, span: Duration) -> Vec<Step> {
        draw::draw(&self.people, chance, span, self.most)
    }

    fn troubles(&self, chance: &Chance, count: u64, span: Duration) -> Vec<Step> {
        troubles::draw(chance, count, span)
    }

    fn prepare(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let old = self.people.of(Style::Old);
        Box::pin(async move {
            for person in old {
                portal::old_row(&sim, &person);
            }
            let prepared = async {
                let app = sim.operator()?;
                for key in CALLERS {
                    store(&app, key, Scope::Leads, key).await?;
                }
                shared::sync::renew::renew(&app).await
            };
            if let Err(error) = prepared.await {
                sim.breach(format!("the world can't be prepared: {error:#}"));
            }
        })
    }

    fn breaches(&self, sim: &Sim, _: &Facts) -> Vec<Breach> {
        // A machine that stands still between its lease and its ask is late for both.
        let told = self
            .asks
            .two_at_once()
            .filter(|_| !sim.history().faults.contains_key(&Fault::Freezes));
        told.map(|it| breach("limits are kept", it)).into_iter().collect()
    }

    fn pulls(&self) -> &'static [&'static str] {
        &["cron_portal_pull", "cron_zoho_crm_pull"]
    }

    fn rules(&self) -> Vec<crate::check::Rule> {
        vec![crate::check::lead_values]
    }
}
