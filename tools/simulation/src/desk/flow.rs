//! The stand-in as a flow of the world: an office says, the engine writes to a help desk.

use super::kinds::{DESK, kinds};
use super::office::{self, Office};
use super::twin::Desk;
use super::work::{BATCH, callers, notes, tickets};
use super::{deeds, judge, troubles};
use crate::chance::Chance;
use crate::check::{Breach, Facts};
use crate::flow::{Flow, GuestQueue, Outside, Step};
use crate::sim::Sim;
use local::world::{Guests, World};
use shared::lambda::Handler;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The desk's flow in one world.
#[derive(Debug, Default)]
pub struct DeskFlow {
    office: Office,
    desk: OnceLock<Desk>,
    pauses: troubles::Pauses,
}

impl Flow for DeskFlow {
    fn name(&self) -> &'static str {
        "desk"
    }

    fn systems(&self, world: &World) -> Vec<Arc<dyn Outside>> {
        let clock = world.clock.clone();
        let desk = self.desk.get_or_init(|| Desk::new(Arc::new(move || clock.now())));
        vec![Arc::new(desk.clone()), Arc::new(self.office.clone())]
    }

    /// In most histories nothing: the other flows have those to themselves.
    fn steps(&self, chance: &Chance, span: Duration) -> Vec<Step> {
        let Some(desk) = self.desk.get().filter(|_| chance.per_mille(240)) else {
            return Vec::new();
        };
        desk.takes(chance.time(Duration::ZERO, Duration::from_millis(800)));
        let mut steps = deeds::draw(&self.office, chance, span);
        steps.extend(troubles::pauses(&self.pauses, chance, span));
        steps
    }

    fn troubles(&self, chance: &Chance, count: u64, span: Duration) -> Vec<Step> {
        let desk = self.desk.get();
        desk.map(|it| troubles::blocks(it, chance, count, span))
            .unwrap_or_default()
    }

    fn guests(&self) -> Guests {
        Guests {
            kinds: kinds(),
            systems: BTreeSet::from([DESK]),
            queues: BTreeMap::new(),
        }
    }

    fn queues(&self) -> Vec<GuestQueue> {
        let queue = |name, handler, batch, at_once| GuestQueue {
            name,
            function: name,
            handler: Handler::Queue(handler),
            batch,
            at_once,
        };
        let batch = BATCH as u64;
        vec![
            queue(office::QUEUE, office::take_in, 5, 3),
            queue("sync_desk_caller", callers, batch, 2),
            queue("sync_desk_ticket", tickets, batch, 2),
            queue("sync_desk_note", notes, batch, 2),
        ]
    }

    fn breaches(&self, sim: &Sim, facts: &Facts) -> Vec<Breach> {
        let desk = self.desk.get().map(Desk::broken).unwrap_or_default();
        let mut found = judge::words(sim, facts);
        found.extend(judge::held(sim, facts));
        found.extend(judge::paused(sim, &self.pauses.all()));
        found.extend(judge::blocks(sim, &desk));
        found
    }
}
