//! What keeps a world going by itself: event source mappings, schedules, the twins' callbacks. Ends when told to.

use super::poller;
use crate::world::World;
use anyhow::Result;
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A machine that slept must not miss its schedules by more than this.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// What is under way may take this long to end.
const GRACE: Duration = Duration::from_secs(5);

/// The running parts. Dropped, they stop at once.
#[derive(Debug)]
pub struct Engine {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Engine {
    /// Starts everything; what waited in the table is looked for at once, since messages are not kept.
    ///
    /// # Errors
    /// When a schedule of the template is not understood.
    pub fn start(world: &World) -> Result<Self> {
        let mut tasks = JoinSet::new();
        let stop = watch::Sender::new(false);
        for mapping in poller::mappings(world) {
            tasks.spawn(poller::run(world.clone(), mapping, stop.subscribe()));
        }
        let timers = world.timers(world.clock.now())?;
        let first = timers.iter().map(|it| it.1).min();
        if let Some(first) = first {
            tasks.spawn(until_stop(schedules(world.clone(), first), stop.subscribe()));
        }
        tasks.spawn(until_stop(callbacks(world.clone()), stop.subscribe()));
        world.tick("cron_sweep")?;
        world.systems.wake();
        Ok(Self { tasks, stop })
    }

    /// Takes no new work and waits a little for what is under way.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!("work was still under way; the sweep finds it at the next start");
        }
    }
}

/// Resolves when the engine is told to stop, or is gone.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An engine that is gone has dropped the sender.
    drop(stop.wait_for(|it| *it).await);
}

async fn until_stop(work: impl Future<Output = ()>, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = work => {}
        () = stopped(&mut stop) => {}
    }
}

/// Fires what is due, again and again.
async fn schedules(world: World, first: Timestamp) {
    let mut next = first;
    loop {
        let last = world.clock.now();
        let wait = Duration::try_from(next.duration_since(last)).unwrap_or(Duration::ZERO);
        world.clock.sleep(wait.min(LONGEST_SLEEP)).await;
        // Asked anew from the time before the sleep: what lies between then and now is due.
        let Ok(timers) = world.timers(last) else { return };
        let now = world.clock.now();
        for (_, at, function) in &timers {
            if *at > last && *at <= now {
                fire(&world, function);
            }
        }
        let after = world.timers(now).unwrap_or_default();
        let Some(soonest) = after.iter().map(|it| it.1).min() else {
            return;
        };
        next = soonest;
    }
}

fn fire(world: &World, function: &str) {
    if let Err(error) = world.tick(function) {
        tracing::error!(function, error = format!("{error:#}"), "schedule not fired");
    }
}

/// Makes the calls that the twins want to make, whenever one was used.
async fn callbacks(world: World) {
    loop {
        world.systems.used().await;
        while world.deliver_callbacks().await > 0 {}
    }
}
