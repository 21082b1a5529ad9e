//! What goes wrong in a history, and how often: drawn from its seed. Some days are fine.

use crate::chance::Chance;
use local::queues::delivery::Delivery;
use std::time::Duration;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $told:literal,)*) => {
        /// Something that goes wrong, as the summary counts it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// Every fault of this world.
            pub const ALL: &[Fault] = &[$(Fault::$name,)*];

            /// The fault in words.
            #[must_use]
            pub fn told(self) -> &'static str {
                match self {
                    $(Fault::$name => $told,)*
                }
            }
        }
    };
}

faults! {
    /// The table or a queue answers that there are too many calls.
    Throttled = "AWS throttles",
    /// DynamoDB answers that another transaction is at work.
    Conflict = "DynamoDB: transaction conflict",
    /// AWS is broken, or the connection is never made.
    AwsRefused = "AWS refuses or is not reached",
    /// Nothing was written, and no answer comes.
    AwsLostBefore = "AWS: no effect and no answer",
    /// It was written, and the answer is lost.
    AwsLostAfter = "AWS: written, answer lost",
    /// The write lands after its caller has given up.
    AwsLate = "AWS: written after the caller gave up",
    /// A read that did not ask for consistency sees what stood before.
    StaleRead = "DynamoDB: stale read",
    /// A consistent read of several items sees them at different moments of its call.
    TornRead = "DynamoDB: a batch read at several moments",
    /// An index shows what stood before.
    LaggingIndex = "DynamoDB: lagging index",
    /// A message comes twice, or its deletion is lost.
    MessageDoubled = "SQS: message delivered again",
    /// The connection to a system is never made.
    SystemNotReached = "system not reached",
    /// A system breaks the connection before it acts.
    SystemLostBefore = "system: no effect and no answer",
    /// A system acts, and its answer is lost.
    SystemLostAfter = "system: acted, answer lost",
    /// A system acts after its caller has given up.
    SystemLate = "system: acted after the caller gave up",
    /// A system's answer takes seconds, and tells what was.
    SystemSlow = "system: slow answer",
    /// A system answers 5xx.
    SystemBroken = "system answers 5xx",
    /// A stretch in which a system refuses all calls (429, or a stated block).
    Storm = "429 storm or stated block",
    /// One record of a batch is refused.
    RecordRefused = "one record of a batch refused",
    /// All access tokens of an account die.
    TokensRevoked = "access tokens revoked",
    /// A system's call to us is lost.
    NoticeLost = "notification lost",
    /// A system's call to us comes twice.
    NoticeDoubled = "notification doubled",
    /// A system's call to us is late, and so out of order.
    NoticeLate = "notification late",
    /// The table answers nobody for a while.
    Outage = "DynamoDB: outage",
    /// A schedule fires late.
    ScheduleLate = "schedule late",
    /// A schedule fires twice.
    ScheduleDoubled = "schedule twice",
    /// A function dies.
    Dies = "function killed",
    /// A function stands still and comes back.
    Freezes = "function frozen",
}

/// How many calls in a thousand come to which harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Refused, or never reached.
    pub refused: u64,
    /// No effect, no answer.
    pub lost_before: u64,
    /// The effect, no answer.
    pub lost_after: u64,
    /// The effect after the caller's patience.
    pub late: u64,
}

/// The conditions of one history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Calls to the table and the queues.
    pub aws: Rates,
    /// Calls to the outside systems.
    pub systems: Rates,
    /// Answers of the outside systems in a thousand that are seconds old when they come.
    pub slow: u64,
    /// How far reads that did not ask for consistency, and indexes, may be behind.
    pub behind: Duration,
    /// Reads of several items in a thousand that take their time, and see each item at another moment of it.
    pub torn: u64,
    /// Invocations in a thousand that die.
    pub dies: u64,
    /// Invocations in a thousand that stand still for a while.
    pub freezes: u64,
    /// Messages in a thousand that come again.
    pub doubled: u64,
    /// Messages in a thousand that are late.
    pub late: u64,
    /// The longest that a message is late.
    pub latest: Duration,
    /// A system's calls to us, in a thousand, that are lost, doubled, late.
    pub notices: u64,
    /// Activations in a thousand that are late or doubled.
    pub schedules: u64,
    /// By how much our clocks are ahead of the systems'.
    pub ahead_ms: i64,
    /// By how much at most our functions' clocks differ.
    pub drift_ms: u64,
    /// Stretches of trouble at the systems: storms, blocks, revoked tokens, refused records.
    pub troubles: u64,
}

impl Weather {
    /// Nothing goes wrong.
    #[must_use]
    pub fn fine() -> Self {
        Self {
            aws: Rates::default(),
            systems: Rates::default(),
            slow: 0,
            behind: Duration::ZERO,
            torn: 0,
            dies: 0,
            freezes: 0,
            doubled: 0,
            late: 0,
            latest: Duration::ZERO,
            notices: 0,
            schedules: 0,
            ahead_ms: 0,
            drift_ms: 0,
            troubles: 0,
        }
    }

    /// The weather of a seed: one day in eight is fine; else each sort of trouble comes or stays away by itself.
    #[must_use]
    pub fn draw(chance: &Chance) -> Self {
        if chance.per_mille(125) {
            return Self::fine();
        }
        let rate = |most: u64| {
            if chance.per_mille(500) {
                chance.between(1, most)
            } else {
                0
            }
        };
        let rates = |most: u64| Rates {
            refused: rate(most),
            lost_before: rate(most),
            lost_after: rate(most),
            late: rate(most / 2),
        };
        let seconds = |most: u64| Duration::from_millis(rate(most * 1000));
        Self {
            aws: rates(30),
            systems: rates(150),
            slow: rate(250),
            behind: seconds(8),
            torn: rate(150),
            dies: rate(120),
            freezes: rate(60),
            doubled: rate(200),
            late: rate(300),
            latest: Duration::from_secs(chance.between(1, 180)),
            notices: rate(400),
            schedules: rate(300),
            ahead_ms: i64::try_from(rate(60_000)).unwrap_or(0) * if chance.per_mille(500) { 1 } else { -1 },
            drift_ms: rate(1_000),
            troubles: if chance.per_mille(500) { chance.between(1, 3) } else { 0 },
        }
    }

    /// How the queues deliver in this weather.
    #[must_use]
    pub fn delivery(&self, seed: u64) -> Delivery {
        let mut delivery = Delivery::seeded(seed);
        delivery.duplicates_per_mille = self.doubled;
        delivery.late_per_mille = self.late;
        delivery.latest = self.latest;
        delivery
    }
}
