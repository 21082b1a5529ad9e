//! The hand that moves the world: steps, schedules, callbacks and queues, from one event to the next.

mod invocation;
mod mapping;

pub use invocation::{doom, invoke};
pub use mapping::guest_settings;

use crate::flow::Step;
use crate::sim::Sim;
use crate::weather::Fault;
use anyhow::Result;
use invocation::hand_over;
use jiff::Timestamp;
use local::schedule::Schedule;
use mapping::{Mapping, mappings};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// Histories have a hundred deliveries, the largest of them a few hundred.
const MOST_DELIVERIES: u64 = 5_000;

/// A queue that is about to be polled.
struct Poller {
    mapping: Mapping,
    next: Option<Instant>,
}

/// A schedule and the queue that it wakes.
struct Timer {
    schedule: Schedule,
    at: Timestamp,
    function: String,
}

/// Moves one world.
pub struct Driver {
    sim: Sim,
    pollers: Vec<Poller>,
    timers: Vec<Timer>,
    steps: Vec<Step>,
    /// Activations that come late.
    late: BTreeMap<(Instant, u64), String>,
    numbers: u64,
}

impl Driver {
    /// A driver of this world, with what people will do in it.
    ///
    /// # Errors
    /// When a schedule is not understood or a function is missing.
    pub fn new(sim: &Sim, mut steps: Vec<Step>) -> Result<Self> {
        steps.sort_by_key(|it| std::cmp::Reverse(it.at));
        let mut pollers = Vec::new();
        for mapping in mappings(sim)? {
            pollers.push(Poller { mapping, next: None });
        }
        let timers = sim.world.timers(sim.world.clock.now())?.into_iter();
        let timers = timers.map(|(schedule, at, function)| Timer { schedule, at, function });
        Ok(Self {
            sim: sim.clone(),
            pollers,
            timers: timers.collect(),
            steps,
            late: BTreeMap::new(),
            numbers: 0,
        })
    }

    /// Moves the world for so long, schedules included.
    pub async fn run(&mut self, span: Duration) {
        let end = Instant::now() + span;
        loop {
            self.pump(true);
            let next = self.next(true).map_or(end, |it| it.min(end));
            self.rest(next).await;
            if Instant::now() >= end || self.runs_away() {
                return;
            }
        }
    }

    /// Moves the world until no call runs and no message is left; no schedule fires. At most for so long.
    pub async fn settle(&mut self, most: Duration) -> bool {
        let end = Instant::now() + most;
        loop {
            self.pump(false);
            if self.sim.is_idle() && self.is_empty() {
                return true;
            }
            let next = self.next(false).map_or(end, |it| it.min(end));
            self.rest(next).await;
            if Instant::now() >= end || self.runs_away() {
                return false;
            }
        }
    }

    /// Whether more events come than any history of this size has: the world feeds itself, and would never rest.
    #[must_use]
    pub fn runs_away(&self) -> bool {
        let deliveries = self.sim.history().deliveries;
        if deliveries > MOST_DELIVERIES && !self.sim.history().runs_away {
            self.sim.history().runs_away = true;
            self.sim
                .breach(format!("the world does not come to rest: {deliveries} deliveries"));
        }
        deliveries > MOST_DELIVERIES
    }

    /// Fires a schedule now.
    pub fn tick(&self, function: &str) {
        self.sim.line("schedule", function);
        if let Err(error) = self.sim.world.tick(function) {
            self.sim.breach(format!("{function} can't be activated: {error:#}"));
        }
    }

    async fn rest(&self, until: Instant) {
        // Nothing depends on which of the two it was.
        let _ = timeout(
            until.saturating_duration_since(Instant::now()),
            self.sim.wake.notified(),
        )
        .await;
        // A millisecond is the grain of this world: what happens at the same one is seen together.
        sleep_until(Instant::now() + Duration::from_millis(1)).await;
    }

    fn pump(&mut self, with_schedules: bool) {
        let elapsed = Duration::from_millis(self.sim.elapsed_ms());
        while let Some(step) = self.steps.pop_if(|it| it.at <= elapsed) {
            self.sim.line("person", format_args!("{:?}", step.deed));
            self.sim.spawn(step.deed.act(self.sim.clone()));
        }
        if with_schedules {
            self.fire();
        }
        self.fire_belated();
        crate::callbacks::deliver(&self.sim);
        // A receive may have moved what came too often to its dead letters.
        let mut polled = BTreeSet::new();
        while self.poll_all(&mut polled) {}
    }

    /// Polls the queues that hold messages; whether one has come to hold some meanwhile.
    fn poll_all(&mut self, polled: &mut BTreeSet<String>) -> bool {
        let holding = self.sim.world.aws.queues.holding();
        for place in 0..self.pollers.len() {
            let queue = &self.pollers[place].mapping.queue;
            if !holding.contains(queue) {
                self.pollers[place].next = None;
            } else if !polled.contains(queue) {
                self.poll(place);
            }
        }
        let before = polled.len();
        polled.extend(holding);
        polled.len() > before
    }

    fn fire(&mut self) {
        let now = self.sim.world.clock.now();
        let due: Vec<usize> = (0..self.timers.len()).filter(|it| self.timers[*it].at <= now).collect();
        for place in due {
            let timer = &mut self.timers[place];
            timer.at = timer.schedule.next_after(now).unwrap_or(Timestamp::MAX);
            let function = timer.function.clone();
            if self.sim.fires(Fault::ScheduleDoubled, self.sim.weather.schedules) {
                self.fire_late(&function);
            }
            match self.sim.fires(Fault::ScheduleLate, self.sim.weather.schedules) {
                true => self.fire_late(&function),
                false => self.tick(&function),
            }
        }
    }

    fn fire_belated(&mut self) {
        while let Some(entry) = self.late.first_entry().filter(|it| it.key().0 <= Instant::now()) {
            let function = entry.remove();
            self.tick(&function);
        }
    }

    fn fire_late(&mut self, function: &str) {
        self.numbers += 1;
        let at = Instant::now() + self.sim.harm.time(Duration::from_millis(1), Duration::from_secs(90));
        self.late.insert((at, self.numbers), function.to_owned());
    }

    fn poll(&mut self, place: usize) {
        let poller = &mut self.pollers[place];
        let queue = &poller.mapping.queue;
        let visible = self
            .sim
            .world
            .aws
            .queues
            .attributes(queue, self.sim.now_ms())
            .map_or(0, |it| it.visible);
        let is_busy = poller.mapping.running.load(Ordering::Relaxed) >= poller.mapping.at_once;
        if visible == 0 || is_busy {
            // What runs wakes us when it is done.
            poller.next = None;
            return;
        }
        let sim = &self.sim;
        let wait = poller.mapping.window + Duration::from_millis(50);
        let at = *poller
            .next
            .get_or_insert_with(|| Instant::now() + sim.pace.time(Duration::ZERO, wait));
        let full = visible as u64 >= poller.mapping.batch;
        if at > Instant::now() && !full {
            return;
        }
        poller.next = None;
        while poller.mapping.running.load(Ordering::Relaxed) < poller.mapping.at_once {
            let most = usize::try_from(poller.mapping.batch).unwrap_or(1);
            let taken = sim
                .world
                .aws
                .queues
                .receive(&poller.mapping.queue, most, sim.now_ms())
                .unwrap_or_default();
            if taken.is_empty() {
                return;
            }
            hand_over(sim, &poller.mapping, taken);
        }
    }

    /// When something is to be done next, besides what wakes us.
    fn next(&self, with_schedules: bool) -> Option<Instant> {
        let (now, now_ms) = (Instant::now(), self.sim.now_ms());
        let from_ms = |at: i64| now + Duration::from_millis(u64::try_from(at - now_ms).unwrap_or(0));
        let step = self
            .steps
            .last()
            .map(|it| now + it.at.saturating_sub(Duration::from_millis(self.sim.elapsed_ms())));
        let polled = self.pollers.iter().filter_map(|it| it.next);
        let hidden = self.sim.world.aws.queues.next_visible_anywhere(now_ms).into_iter();
        let timers = self
            .timers
            .iter()
            .map(|it| it.at.as_millisecond())
            .filter(|_| with_schedules);
        let late = self.late.keys().next().map(|it| it.0);
        let times = hidden.chain(timers).map(from_ms);
        times.chain(step).chain(polled).chain(late).min()
    }

    /// Whether no message waits anywhere.
    fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.late.is_empty() && self.sim.world.aws.queues.holding().is_empty()
    }
}
