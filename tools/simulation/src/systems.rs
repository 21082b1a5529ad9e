//! The way from a function to the outside systems: late, lossy, refusing; what was sent may act after its sender's death.

use crate::flow::{Outside, SentAt};
use crate::history::Write;
use crate::life::{self, Life};
use crate::sim::{Point, Sim};
use crate::weather::Fault;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::poll;
use http::{Request, Response, StatusCode};
use serde_json::Value;
use shared::systems::http::{Transport, TransportError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;

/// The transport of one instance.
#[derive(Clone, Debug)]
pub struct SystemsWire(pub Sim);

type Answer = Result<Response<Bytes>, TransportError>;

/// A system acts at most so long after it was asked: within a write's patience and the settle delay after it
/// (docs/decisions/0015-the-lease.md). What lies beyond is beyond the stated assumption.
const LATEST: Duration = Duration::from_secs(20);

/// The slowest answer that a reader still waits for.
const SLOW: Duration = Duration::from_secs(7);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    NotReached,
    LostBefore,
    LostAfter,
    Late,
    ActsAfter(Duration),
    Slow,
    Broken,
    DiesBefore,
    DiesAfter,
    DiesWithAnswer,
}

impl Transport for SystemsWire {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Answer> {
        let sim = self.0.clone();
        Box::pin(async move {
            let (host, path) = (request.uri().host().unwrap_or_default(), request.uri().path());
            let Some(system) = sim.outside.iter().find(|it| it.is_at(host, path)).cloned() else {
                return Err(TransportError::NotSent(format!("no system is at {host}")));
            };
            match life::current() {
                Some(life) => sim.ask_system(&life, system, request).await,
                None => system.call(request).await,
            }
        })
    }
}

impl Sim {
    async fn ask_system(&self, life: &Arc<Life>, system: Arc<dyn Outside>, mut request: Request<Bytes>) -> Answer {
        let number = life.begin_call();
        let fate = self.system_fate(life, number);
        let call = format!("{} {}", request.method(), request.uri().path());
        self.called_by(life, &format!("{} {}", system.name(), without_ids(&call)));
        let actor = format!("{} {}", life.id, life.function);
        let told = if fate == Fate::Answered {
            String::new()
        } else {
            format!("  << {fate:?}")
        };
        self.line(&actor, format_args!("{} {call}{told}", system.name()));
        let usual = self.pace.time(Duration::from_millis(5), Duration::from_millis(120));
        let out = match fate {
            Fate::Late => self.pace.time(Duration::from_secs(8), LATEST),
            Fate::ActsAfter(length) => length,
            _ => usual,
        };
        match fate {
            Fate::DiesBefore => match life.die().await {},
            Fate::NotReached => {
                tokio::time::sleep(out).await;
                return Err(TransportError::NotSent("the fault says so".into()));
            }
            Fate::LostBefore => {
                tokio::time::sleep(out).await;
                return Err(TransportError::NoAnswer("the fault says so".into()));
            }
            Fate::Broken => {
                tokio::time::sleep(out).await;
                return Ok(status(StatusCode::SERVICE_UNAVAILABLE));
            }
            _ => {}
        }
        request.extensions_mut().insert(SentAt(self.world.clock.now()));
        let outlives = system.writes(&request) && life.begin_write();
        let answer = self.travels(life.id, out, system.clone(), call, request).await;
        match fate {
            Fate::DiesAfter => match life.die().await {},
            Fate::LostAfter => return Err(TransportError::NoAnswer("the fault says so".into())),
            Fate::Slow => tokio::time::sleep(self.pace.time(Duration::from_millis(500), SLOW)).await,
            // What comes back after its time finds the answer there.
            _ if outlives => {}
            _ => tokio::time::sleep(Duration::from_millis(self.pace.between(5, 60))).await,
        }
        if fate == Fate::DiesWithAnswer {
            match life.die().await {}
        }
        if let Ok(answer) = &answer {
            system.received(answer);
        }
        answer
    }

    async fn travels(
        &self,
        by: u64,
        out: Duration,
        system: Arc<dyn Outside>,
        call: String,
        request: Request<Bytes>,
    ) -> Answer {
        let (answer, arrived) = oneshot::channel();
        let sim = self.clone();
        self.spawn(async move {
            tokio::time::sleep(out).await;
            // A sender that is gone does not mind.
            let _ = answer.send(sim.arrives(by, &*system, call, request).await);
        });
        match arrived.await {
            Ok(answer) => answer,
            Err(_) => std::future::pending().await,
        }
    }

    async fn arrives(&self, by: u64, system: &dyn Outside, call: String, request: Request<Bytes>) -> Answer {
        let before = system.writes(&request).then(|| system.objects());
        let mut acts = system.call(request);
        // A twin acts when it is polled first; it may then take its time to answer.
        let acted = poll!(&mut acts);
        let changed = before.map(|before| changes(before, system.objects()));
        let at_ms = self.now_ms();
        let answer = match acted {
            Poll::Ready(answer) => answer,
            Poll::Pending => acts.await,
        };
        let status = answer.as_ref().map_or(0, |it| it.status().as_u16());
        self.line(system.name(), format_args!("answers {call} of {by} with {status}"));
        self.history()
            .branches
            .insert(format!("{} answers {status}", system.name()));
        if let Some(changed) = changed {
            let write = Write {
                at_ms,
                by,
                system: system.name(),
                call,
                status,
                changed,
            };
            self.history().writes.push(write);
        }
        self.wake.notify_one();
        answer
    }

    fn system_fate(&self, life: &Life, number: u64) -> Fate {
        if let (_, Some(point)) = self.next_call() {
            return match point {
                Point::DiesBefore => Fate::DiesBefore,
                Point::DiesAfter => Fate::DiesAfter,
                Point::DiesWithAnswer => Fate::DiesWithAnswer,
                Point::AnswerLost => Fate::LostAfter,
                Point::Refused => Fate::Broken,
                Point::ActsAfter(length) => Fate::ActsAfter(length),
            };
        }
        if life.dies_before(number) {
            return Fate::DiesBefore;
        }
        if life.dies_after(number) {
            return Fate::DiesAfter;
        }
        let rates = self.weather.systems;
        let half = rates.refused.div_ceil(2);
        let drawn = [
            (Fault::SystemNotReached, half, Fate::NotReached),
            (Fault::SystemBroken, half, Fate::Broken),
            (Fault::SystemLostBefore, rates.lost_before, Fate::LostBefore),
            (Fault::SystemLostAfter, rates.lost_after, Fate::LostAfter),
            (Fault::SystemLate, rates.late, Fate::Late),
            (Fault::SystemSlow, self.weather.slow, Fate::Slow),
        ];
        let fired = drawn.into_iter().find(|(fault, rate, _)| self.fires(*fault, *rate));
        fired.map_or(Fate::Answered, |it| it.2)
    }
}

/// What a call changed: each object before and after it.
fn changes(before: BTreeMap<String, Value>, after: BTreeMap<String, Value>) -> Vec<(String, Option<Value>, Value)> {
    let changed = after.into_iter().filter(|(id, now)| before.get(id) != Some(now));
    changed
        .map(|(id, now)| (id.clone(), before.get(&id).cloned(), now))
        .collect()
}

/// A path in which each part that holds a digit is an id, but for versions (`v8`).
fn without_ids(call: &str) -> String {
    let has_digit = |it: &str| it.contains(|c: char| c.is_ascii_digit());
    let is_version = |it: &str| it.strip_prefix('v').is_some_and(|it| it.parse::<u8>().is_ok());
    let part = |it: &str| match has_digit(it) && !is_version(it) {
        true => "{id}".to_owned(),
        false => it.to_owned(),
    };
    call.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn status(code: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = code;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_left_out_of_a_calls_name() {
        for (call, name) in [
            ("PUT /crm/v8/Leads/5725767000000411099", "PUT /crm/v8/Leads/{id}"),
            ("POST /oauth/v2/token", "POST /oauth/v2/token"),
            ("GET /rows/note/n1", "GET /rows/note/{id}"),
        ] {
            assert_eq!(without_ids(call), name);
        }
    }
}
