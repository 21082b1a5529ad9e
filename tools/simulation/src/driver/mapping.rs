//! Queues and the functions behind them: the template's, and those of the stand-in flows.

use crate::flow::GuestQueue;
use crate::sim::Sim;
use anyhow::Result;
use local::queues::{Redrive, Settings};
use local::world::World;
use shared::lambda::Handler;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// A queue and the function behind it.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    pub(super) queue: String,
    pub(super) function: String,
    pub(super) handler: Handler,
    pub(super) limit: Duration,
    pub(super) batch: u64,
    pub(super) window: Duration,
    pub(super) at_once: u64,
    pub(super) running: Arc<AtomicU64>,
}

/// Of the stand-in flows' queues: as the product's own.
#[must_use]
pub fn guest_settings() -> Settings {
    Settings {
        visibility: Duration::from_secs(181),
        redrive: None::<Redrive>,
        ..Settings::default()
    }
}

pub(super) fn mappings(sim: &Sim) -> Result<Vec<Mapping>> {
    let mut all = Vec::new();
    let template = &sim.world.template;
    for function in &template.functions {
        for event in &function.queues {
            let Some(queue) = template.queues.iter().find(|it| it.logical_id == event.queue) else {
                continue;
            };
            all.push(Mapping {
                queue: queue.name.clone(),
                function: function.name.clone(),
                handler: World::handler(&function.name)?,
                limit: function.timeout,
                batch: event.batch_size,
                window: event.window,
                at_once: event.maximum_concurrency.unwrap_or(5),
                running: Arc::default(),
            });
        }
    }
    all.extend(sim.flows.iter().flat_map(|it| it.queues()).map(guest));
    Ok(all)
}

fn guest(queue: GuestQueue) -> Mapping {
    Mapping {
        queue: queue.name.to_owned(),
        function: queue.function.to_owned(),
        handler: queue.handler,
        limit: Duration::from_secs(30),
        batch: queue.batch,
        window: Duration::from_secs(1),
        at_once: queue.at_once,
        running: Arc::default(),
    }
}
