//! Troubles of the desk: stated blocks; and the pauses of operators.

use super::kinds::DESK;
use super::twin::Desk;
use crate::chance::Chance;
use crate::flow::{Deed, Step};
use crate::sim::Sim;
use crate::weather::Fault;
use futures_util::future::BoxFuture;
use shared::sync::budget::{Mode, set_mode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A stretch in which the desk was paused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    /// From when it was in force, in milliseconds of the Unix epoch.
    pub(super) from_ms: i64,
    /// Until when; none: it goes on.
    pub(super) until_ms: Option<i64>,
    /// The last invocation that may have begun before it.
    pub(super) last: u64,
}

/// All pauses of a history. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pauses(Arc<Mutex<Vec<Pause>>>);

impl Pauses {
    pub(super) fn all(&self) -> MutexGuard<'_, Vec<Pause>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The desk takes no calls for so long, and says so.
#[derive(Debug)]
struct Block(Desk, Duration);

impl Deed for Block {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        if sim.fires(Fault::Storm, 1000) {
            self.0.block(self.1);
        }
        Box::pin(async {})
    }
}

/// An operator pauses the desk for so long.
#[derive(Debug)]
struct Paused(Pauses, Duration);

impl Deed for Paused {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let (pauses, length) = (self.0.clone(), self.1);
        Box::pin(async move {
            switch(&sim, Mode::Paused).await;
            let place = {
                let mut pauses = pauses.all();
                pauses.push(Pause {
                    from_ms: sim.now_ms(),
                    until_ms: None,
                    last: sim.history().deliveries,
                });
                pauses.len() - 1
            };
            tokio::time::sleep(length).await;
            pauses.all()[place].until_ms = Some(sim.now_ms());
            switch(&sim, Mode::On).await;
        })
    }
}

/// The desk's budget is much in use: an operator tries until it is done.
async fn switch(sim: &Sim, mode: Mode) {
    let Ok(app) = sim.operator() else { return };
    while let Err(error) = set_mode(&app, &DESK, mode).await {
        sim.line("operator", format_args!("tries again: {error:#}"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// At most one pause, so that none ends another.
pub(super) fn pauses(pauses: &Pauses, chance: &Chance, span: Duration) -> Vec<Step> {
    if !chance.per_mille(300) {
        return Vec::new();
    }
    let length = chance.time(Duration::from_secs(20), Duration::from_secs(120));
    vec![Step {
        at: chance.time(Duration::ZERO, span / 2),
        deed: Arc::new(Paused(pauses.clone(), length)),
    }]
}

/// Blocks, some of an hour.
pub(super) fn blocks(desk: &Desk, chance: &Chance, count: u64, span: Duration) -> Vec<Step> {
    let one = |_| {
        let short = chance.time(Duration::from_secs(10), Duration::from_secs(120));
        let length = chance.pick(&[short, short, Duration::from_secs(3_600)]);
        Step {
            at: chance.time(Duration::ZERO, span),
            deed: Arc::new(Block(desk.clone(), length)),
        }
    };
    (0..count).map(one).collect()
}
