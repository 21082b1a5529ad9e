//! Flow 2 in the world: an app registers customers, publishes plans, bills and takes payments, in any order; Zoho Billing
//! follows.

mod blocks;
mod deeds;
mod door;
mod draw;
mod judge;
mod money;
mod pace;
mod shop;
mod systems;
mod troubles;
mod view;

pub use blocks::known_blocks;

use crate::chance::Chance;
use crate::check::{Breach, Facts};
use crate::flow::{Flow, Outside, Step};
use crate::sim::Sim;
use futures_util::future::BoxFuture;
use local::world::{Options, STATUS_COLUMNS, World};
use pace::Calls;
use shared::api::auth::{Scope, store};
use shared::model::Link;
use shop::Shop;
use std::sync::Arc;
use std::time::Duration;

/// The key of the app's server.
const CALLER: &str = "billing-key";

/// Flow 2.
#[derive(Debug, Default)]
pub struct BillingFlow {
    shop: Arc<Shop>,
    calls: Calls,
}

/// The app is shown how its rows stand. And how Zoho Billing's twin is set up: a call may be long on its way, so that the limits by time are counted by when it
/// was sent ([`pace`]), which the twin does not know. Calls at once are its own count.
pub fn set_up(options: &mut Options) {
    options.billing.calls_per_minute = usize::MAX;
    options.billing.block_after = None;
    let columns = ("APP_STATUS_COLUMNS".to_owned(), STATUS_COLUMNS.to_owned());
    options.variables.extend([columns]);
}

impl Flow for BillingFlow {
    fn name(&self) -> &'static str {
        "billing"
    }

    fn systems(&self, world: &World) -> Vec<Arc<dyn Outside>> {
        systems::all(world, &self.calls)
    }

    /// In three of four histories nothing: the other flows have those to themselves.
    fn steps(&self, chance: &Chance, span: Duration) -> Vec<Step> {
        if !chance.per_mille(250) {
            return Vec::new();
        }
        let mut steps = draw::draw(&self.shop, chance, span);
        steps.extend(troubles::of_people(chance, span));
        steps
    }

    fn troubles(&self, chance: &Chance, count: u64, span: Duration) -> Vec<Step> {
        if self.shop.is_empty() {
            return Vec::new();
        }
        troubles::draw(chance, count, span)
    }

    fn prepare(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let shop = self.shop.clone();
        Box::pin(async move {
            if shop.is_empty() {
                return;
            }
            shop.stand_already(&sim);
            let prepared = async { store(&sim.operator()?, CALLER, Scope::Billing, CALLER).await };
            if let Err(error) = prepared.await {
                sim.breach(format!("the world can't be prepared: {error:#}"));
            }
        })
    }

    fn pulls(&self) -> &'static [&'static str] {
        if self.shop.is_empty() {
            &[]
        } else {
            &["cron_billing_pull"]
        }
    }

    fn accounts_for(&self, facts: &Facts, link: &Link) -> bool {
        judge::accounts_for(&self.shop, facts, link)
    }

    fn unacknowledged(&self, sim: &Sim, facts: &Facts) -> Vec<Breach> {
        judge::unacknowledged(&self.shop, sim, facts)
    }

    fn breaches(&self, sim: &Sim, facts: &Facts) -> Vec<Breach> {
        if self.shop.is_empty() {
            return Vec::new();
        }
        for link in facts.written_links().filter(|it| self.shop.get(&it.record).is_some()) {
            let ended = format!("{} ends {}", link.record.kind, link.status.as_str());
            sim.history().branches.insert(ended);
        }
        let mut found = judge::words(&self.shop, facts);
        found.extend(judge::left_out(&self.shop, facts));
        found.extend(money::tied_out(&self.shop, sim, facts));
        found.extend(known_blocks(sim, "zoho_billing", &self.calls.in_known_blocks()));
        found
    }
}
