//! One event source mapping, as Lambda runs it: batches that fill for a while, and several calls at once.
//!
//! From "Using Lambda with Amazon SQS": a batch is handed over when it is full or its window has passed, whichever
//! comes first; `MaximumConcurrency` bounds the calls at once.

use super::engine::stopped;
use crate::queues::message::Received;
use crate::template::{Function, QueueEvent};
use crate::world::World;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Lambda begins with five pollers where no maximum is stated.
const DEFAULT_CONCURRENCY: u64 = 5;

/// A mapping with the function that it calls and the queue that it reads.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    function: Function,
    event: QueueEvent,
    queue: String,
}

/// All mappings of the template.
pub(super) fn mappings(world: &World) -> Vec<Mapping> {
    let name = |id: &str| {
        let found = world.template.queues.iter().find(|it| it.logical_id == id);
        found.map(|it| it.name.clone())
    };
    let mut mappings = Vec::new();
    for function in &world.template.functions {
        for event in &function.queues {
            mappings.extend(name(&event.queue).map(|queue| Mapping {
                function: function.clone(),
                event: event.clone(),
                queue,
            }));
        }
    }
    mappings
}

/// Hands batches over until the engine stops, then waits for the calls under way.
pub(super) async fn run(world: World, mapping: Mapping, mut stop: watch::Receiver<bool>) {
    let most = mapping.event.maximum_concurrency.unwrap_or(DEFAULT_CONCURRENCY);
    let slots = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1)));
    let mut calls = JoinSet::new();
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await;
            (slot, batch(&world, &mapping).await)
        };
        let (slot, messages) = tokio::select! {
            next = next => next,
            () = stopped(&mut stop) => break,
        };
        let (world, mapping) = (world.clone(), mapping.clone());
        calls.spawn(async move {
            let reports = mapping.event.report_batch_item_failures;
            world
                .hand_over(&mapping.function, &mapping.queue, reports, &messages)
                .await;
            drop(slot);
        });
        while calls.try_join_next().is_some() {}
    }
    while calls.join_next().await.is_some() {}
}

/// The next batch: waits for a first message, then until it is full or its window has passed.
async fn batch(world: &World, mapping: &Mapping) -> Vec<Received> {
    let size = usize::try_from(mapping.event.batch_size).unwrap_or(usize::MAX);
    let mut changes = world.aws.queues.changes();
    let mut batch: Vec<Received> = Vec::new();
    let mut closes: Option<Instant> = None;
    loop {
        changes.mark_unchanged();
        let now = world.clock.now_ms();
        let taken = world.aws.queues.receive(&mapping.queue, size - batch.len(), now);
        batch.extend(taken.unwrap_or_default());
        if !batch.is_empty() && closes.is_none() {
            closes = Some(Instant::now() + mapping.event.window);
        }
        if batch.len() >= size || closes.is_some_and(|it| it <= Instant::now()) {
            return batch;
        }
        let visible = world.aws.queues.next_visible(&mapping.queue, now);
        let visible = visible.map(|at| Instant::now() + Duration::from_millis(u64::try_from(at - now).unwrap_or(0)));
        let wake = [closes, visible].into_iter().flatten().min();
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { std::future::pending::<()>().await },
            () = sleep_until(wake) => {}
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
