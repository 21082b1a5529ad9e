//! The world of one history: the real handlers between a hostile AWS and hostile systems, all drawn from one seed.

mod faults;
mod manner;

pub use manner::{Aimed, Manner, Point};

use crate::aws::AwsWire;
use crate::chance::Chance;
use crate::flow::{Flow, Outside};
use crate::history::History;
use crate::life::Life;
use crate::systems::SystemsWire;
use crate::weather::Weather;
use anyhow::Result;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::{SignedDuration, Timestamp};
use local::world::{Guests, Options, Seat, World};
use shared::app::App;
use shared::clock::Clock;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use twins::{Effect, When};

/// The world of one history. Cheap to clone.
#[derive(Clone)]
pub struct Sim(Arc<Inner>);

/// The parts of a [`Sim`].
pub struct Inner {
    /// The bundle: table, queues, twins, wiring.
    pub world: World,
    /// The conditions.
    pub weather: Weather,
    /// The flows in it.
    pub flows: Vec<Box<dyn Flow>>,
    /// Their systems.
    pub outside: Vec<Arc<dyn Outside>>,
    /// How it is run.
    pub manner: Manner,
    /// Harm to calls and invocations.
    pub harm: Chance,
    /// How long things take.
    pub pace: Chance,
    /// When there is something new to do.
    pub wake: Notify,
    /// How long a system takes to answer after it has acted.
    answers_after: Duration,
    seed: u64,
    start: Timestamp,
    options: Options,
    guests: Guests,
    history: Mutex<History>,
    instances: Mutex<BTreeMap<(String, u64), App>>,
    hostile: AtomicBool,
    /// How many of its next invocations a function loses.
    unlucky: Mutex<BTreeMap<&'static str, u64>>,
    /// Until when the table answers nobody, in milliseconds of the Unix epoch.
    out_until_ms: AtomicI64,
    fired: AtomicU64,
    called: AtomicU64,
    running: AtomicU64,
}

impl std::ops::Deref for Sim {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Sim {
    /// The world of a seed, before anything happens.
    ///
    /// # Errors
    /// When the bundle can't be built.
    pub fn new(
        seed: u64,
        start: Timestamp,
        weather: Weather,
        flows: Vec<Box<dyn Flow>>,
        manner: Manner,
    ) -> Result<Self> {
        let mut options = Options::test(start);
        options.seed = Some(seed);
        // Small pages, so that paging is a matter of every history.
        options.most_rows = 3;
        crate::billing::set_up(&mut options);
        let world = World::new(options.clone())?;
        let mut guests = Guests::default();
        for flow in &flows {
            let brings = flow.guests();
            guests.kinds.extend(brings.kinds);
            guests.systems.extend(brings.systems);
            for queue in flow.queues() {
                world.aws.queues.create(queue.name, crate::driver::guest_settings());
                guests
                    .queues
                    .insert(queue.name.to_owned(), world.aws.queues.url(queue.name));
            }
        }
        let outside = flows.iter().flat_map(|it| it.systems(&world)).collect();
        Ok(Self(Arc::new(Inner {
            world,
            weather,
            flows,
            outside,
            harm: Chance::new(seed, "harm"),
            pace: Chance::new(seed, "pace"),
            wake: Notify::new(),
            answers_after: Chance::new(seed, "systems").time(Duration::from_millis(1), Duration::from_millis(700)),
            seed,
            start,
            options,
            guests,
            history: Mutex::new(History::new(manner.keep_log)),
            manner,
            instances: Mutex::default(),
            hostile: AtomicBool::new(false),
            unlucky: Mutex::default(),
            out_until_ms: AtomicI64::new(0),
            fired: AtomicU64::new(0),
            called: AtomicU64::new(0),
            running: AtomicU64::new(0),
        })))
    }

    /// The history so far.
    pub fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present instant, in milliseconds of the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.world.clock.now_ms()
    }

    /// Since the beginning, in milliseconds.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.now_ms() - self.start.as_millisecond()).unwrap_or(0)
    }

    /// A line of the timeline.
    pub fn line(&self, actor: impl fmt::Display, what: impl fmt::Display) {
        let at = self.elapsed_ms();
        self.history().log.line(at, actor, what);
    }

    /// Something that must never happen has happened.
    pub fn breach(&self, what: String) {
        self.line("breach", &what);
        self.history().breaches.push(what);
    }

    /// Begins or ends the hostile stretch.
    pub fn set_hostile(&self, hostile: bool) {
        // In fine weather nothing goes wrong, whatever the workload brings with it.
        self.hostile
            .store(hostile && self.weather != Weather::fine(), Ordering::Relaxed);
        self.world.aws.queues.set_delivery(match hostile {
            true => self.weather.delivery(self.seed),
            false => local::queues::delivery::Delivery::in_order(),
        });
        let systems = &self.world.systems;
        for faults in [
            systems.zoho.faults(),
            systems.portal.faults(),
            systems.backoffice.faults(),
            systems.billing.faults(),
            systems.app.faults(),
        ] {
            faults.clear();
            // A call takes its time: how many are under way at once is the systems' own count.
            faults.add("*", When::Always, Effect::SlowAnswer(self.answers_after));
        }
        self.line("world", if hostile { "faults begin" } else { "faults stop" });
    }

    /// Whether faults happen now.
    #[must_use]
    pub fn is_hostile(&self) -> bool {
        self.hostile.load(Ordering::Relaxed)
    }

    /// An instance of a function; each function has two, on machines whose clocks differ.
    ///
    /// # Errors
    /// When its settings are not understood.
    pub fn instance(&self, function: &str, number: u64) -> Result<App> {
        let key = (function.to_owned(), number);
        let mut instances = self.instances.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(app) = instances.get(&key) {
            return Ok(app.clone());
        }
        let drift = Chance::new(self.seed, &format!("clock of {function} {number}")).between(0, self.weather.drift_ms);
        let skew = self.weather.ahead_ms + i64::try_from(drift).unwrap_or(0);
        let clock = self.world.clock.skewed(SignedDuration::from_millis(skew));
        let app = self.world.instance(
            function,
            &self.options,
            self.seat(clock, &format!("{function} {number}")),
        )?;
        instances.insert(key, app.clone());
        Ok(app)
    }

    /// Lets go of the instances, which hold this world as it holds them: without it, no world's memory is freed.
    pub fn let_go(&self) {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// An app of an operator, on the true clock, whose calls come to no harm.
    ///
    /// # Errors
    /// As [`Sim::instance`].
    pub fn operator(&self) -> Result<App> {
        let seat = self.seat(self.world.clock.clone(), "operator");
        self.world.instance(local::world::WHOLE, &self.options, seat)
    }

    fn seat(&self, clock: Clock, stream: &str) -> Seat {
        Seat {
            http: SharedHttpClient::new(AwsWire(self.clone())),
            transport: Arc::new(SystemsWire(self.clone())),
            clock,
            random: Chance::new(self.seed, &format!("ids of {stream}")).random(),
            guests: self.guests.clone(),
        }
    }

    /// Runs something beside the rest, and keeps count of what runs.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let sim = self.clone();
        self.running.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            work.await;
            sim.running.fetch_sub(1, Ordering::Relaxed);
            sim.wake.notify_one();
        });
    }

    /// Whether nothing runs.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.running.load(Ordering::Relaxed) == 0
    }

    /// The doom of a new invocation, and a number for it.
    #[must_use]
    pub fn new_life(&self, function: &str) -> Arc<Life> {
        let id = {
            let mut history = self.history();
            history.deliveries += 1;
            history.deliveries
        };
        Life::new(id, function, crate::driver::doom(self, function))
    }
}
