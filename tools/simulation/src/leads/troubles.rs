//! Stretches of trouble at Zoho and the back office: storms, 5xx, refused records, revoked tokens.

use crate::chance::Chance;
use crate::flow::{Deed, Step};
use crate::sim::Sim;
use crate::weather::Fault;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use twins::{Effect, When};

#[derive(Clone, Debug)]
enum Trouble {
    /// Zoho refuses all calls for a while.
    Storm(Duration),
    /// The back office is broken for a while.
    Broken(Duration),
    /// Zoho refuses one record of the next batches.
    Record(usize),
    /// Zoho's access tokens die.
    Revoked,
    /// For a while each access token dies at its first use.
    Revoking(Duration),
    /// Zoho's accounts server is broken for a while.
    NoTokens(Duration),
    /// The table answers nobody for a while.
    Outage(Duration),
}

impl Trouble {
    fn at(self, at: Duration) -> Step {
        Step {
            at,
            deed: Arc::new(self),
        }
    }
}

impl Deed for Trouble {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let trouble = self.clone();
        Box::pin(async move { begin(&sim, &trouble) })
    }
}

pub(super) fn draw(chance: &Chance, count: u64, span: Duration) -> Vec<Step> {
    let one = |_| {
        let length = chance.time(Duration::from_secs(5), Duration::from_secs(120));
        let all = [
            Trouble::Storm(length),
            Trouble::Broken(length),
            Trouble::Record(chance.pick(&[0, 1])),
            Trouble::Revoked,
            Trouble::Revoking(length),
            Trouble::NoTokens(length),
            Trouble::Outage(length / 6),
        ];
        let at = chance.time(Duration::ZERO, span);
        chance.pick(&all).at(at)
    };
    let mut steps: Vec<Step> = (0..count).map(one).collect();
    if count > 0 && chance.per_mille(250) {
        let length = chance.time(Duration::from_secs(60), Duration::from_secs(200));
        let at = chance.time(Duration::ZERO, span / 3);
        steps.push(
            chance
                .pick(&[Trouble::Revoking(length), Trouble::NoTokens(length)])
                .at(at),
        );
    }
    steps
}

/// Zoho refuses one record of the next batch, by its place.
pub(super) fn refused_record(place: usize, at: Duration) -> Step {
    Trouble::Record(place).at(at)
}

/// The table answers nobody, for longer than the caller of a webhook is patient, in the part of a history in which
/// most people come.
pub(super) fn outage(chance: &Chance, span: Duration) -> Step {
    let length = chance.time(Duration::from_secs(5), Duration::from_secs(40));
    Trouble::Outage(length).at(chance.time(Duration::ZERO, span / 2))
}

fn begin(sim: &Sim, trouble: &Trouble) {
    let (zoho, back_office) = (sim.world.systems.zoho.faults(), sim.world.systems.backoffice.faults());
    match trouble {
        Trouble::Storm(length) if sim.fires(Fault::Storm, 1000) => {
            let refused = Effect::Error {
                status: 429,
                code: "TOO_MANY_REQUESTS".to_owned(),
            };
            zoho.add("*", during(sim, *length), refused);
        }
        Trouble::Broken(length) if sim.fires(Fault::Storm, 1000) => {
            back_office.add("*", during(sim, *length), Effect::Status(503));
        }
        Trouble::Record(index) if sim.fires(Fault::RecordRefused, 1000) => {
            let refused = Effect::Record {
                index: *index,
                code: "INVALID_DATA".to_owned(),
            };
            for operation in ["upsert", "update", "insert"] {
                zoho.next(operation, 1, refused.clone());
            }
        }
        Trouble::Revoked if sim.fires(Fault::TokensRevoked, 1000) => {
            zoho.next("*", 1, Effect::RevokeTokens);
        }
        Trouble::Revoking(length) if sim.fires(Fault::TokensRevoked, 1000) => {
            zoho.add("*", during(sim, *length), Effect::RevokeTokens);
        }
        Trouble::NoTokens(length) if sim.fires(Fault::Storm, 1000) => {
            zoho.next("*", 1, Effect::RevokeTokens);
            zoho.add("token", during(sim, *length), Effect::Status(500));
        }
        Trouble::Outage(length) if sim.fires(Fault::Outage, 1000) => sim.go_out(*length),
        _ => {}
    }
}

fn during(sim: &Sim, length: Duration) -> When {
    let now: Timestamp = sim.world.clock.now();
    When::Between(now, now + length)
}
