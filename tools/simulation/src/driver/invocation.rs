//! One invocation: what becomes of it, and of the messages that it was given.

use super::mapping::Mapping;
use crate::life::{Doom, Ended};
use crate::sim::Sim;
use crate::weather::Fault;
use local::arn;
use local::queues::mapping::{failed, sqs_event};
use local::queues::message::Received;
use local::world::handle;
use serde_json::Value;
use shared::lambda::Handler;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What is to become of a new invocation.
#[must_use]
pub fn doom(sim: &Sim, function: &str) -> Doom {
    let weather = &sim.weather;
    if sim.has_bad_luck(function) {
        return Doom::DiesAfter(sim.harm.between(0, 40));
    }
    if sim.fires(Fault::Dies, weather.dies) {
        return match sim.harm.between(0, 3) {
            0 => Doom::DiesAt(sim.harm.time(Duration::ZERO, Duration::from_secs(2))),
            1 | 2 => Doom::DiesAfter(sim.harm.between(0, 14)),
            _ => Doom::DiesBefore(sim.harm.between(0, 14)),
        };
    }
    if sim.fires(Fault::Freezes, weather.freezes / 3) {
        return Doom::Outlives(sim.harm.time(Duration::from_secs(20), Duration::from_secs(120)));
    }
    if sim.fires(Fault::Freezes, weather.freezes) {
        let length = sim.harm.time(Duration::from_secs(1), Duration::from_secs(25));
        return Doom::FreezesAt(sim.harm.between(0, 14), length);
    }
    Doom::Lives
}

/// Starts an invocation with a batch; what it reports as failed, or all if it dies, stays in the queue.
pub(super) fn hand_over(sim: &Sim, mapping: &Mapping, messages: Vec<Received>) {
    let (sim, mapping) = (sim.clone(), mapping.clone());
    mapping.running.fetch_add(1, Ordering::Relaxed);
    sim.clone().spawn(async move {
        let event = sqs_event(&arn::queue(&mapping.queue), &messages);
        sim.history().deliveries += messages.len() as u64 - 1;
        note_dead(&sim, &mapping.queue, &messages);
        let answer = invoke(&sim, &mapping.function, mapping.handler, mapping.limit, event).await;
        let back = failed(true, answer.as_ref(), &messages);
        for message in messages.iter().filter(|it| !back.contains(&it.id)) {
            if sim.fires(Fault::MessageDoubled, sim.weather.doubled / 4) {
                continue;
            }
            if let Err(error) = sim.world.aws.queues.delete(&mapping.queue, &message.handle) {
                sim.breach(format!("a message of {} can't be deleted: {error}", mapping.queue));
            }
        }
        mapping.running.fetch_sub(1, Ordering::Relaxed);
    });
}

fn note_dead(sim: &Sim, queue: &str, messages: &[Received]) {
    let dead = messages.iter().filter(|it| it.dead_from.is_some());
    let dead: Vec<_> = dead.map(|it| (queue.to_owned(), it.id.clone())).collect();
    sim.history().dead.extend(dead);
}

/// One invocation: cold or warm, on one of two machines. None: it failed, died or ran out of time.
pub async fn invoke(sim: &Sim, function: &str, handler: Handler, limit: Duration, event: Value) -> Option<Value> {
    let life = sim.new_life(function);
    let (id, machine) = (life.id, sim.pace.between(0, 1));
    let app = match sim.instance(function, machine) {
        Ok(app) => app,
        Err(error) => {
            sim.breach(format!("{function} can't be started: {error:#}"));
            return None;
        }
    };
    sim.line(format!("{id} {function}"), "begins");
    let app = app.until(app.clock.now() + limit);
    let work = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(handle(handler, app, event)));
    let ended = life.live(limit, work).await;
    let (told, answer) = match ended {
        Ended::Returned(Ok(Ok(answer))) => ("returns".to_owned(), Some(answer)),
        Ended::Returned(Ok(Err(error))) => (format!("fails: {error:#}"), None),
        Ended::Returned(Err(_)) => {
            sim.breach(format!("{function} panicked outside its guards"));
            ("panics".to_owned(), None)
        }
        Ended::Died => ("dies".to_owned(), None),
        Ended::TimedOut => ("runs out of time".to_owned(), None),
    };
    sim.line(format!("{id} {function}"), &told);
    let branch = told.split(':').next().unwrap_or_default();
    sim.history().branches.insert(format!("{function} {branch}"));
    answer
}
