//! Feeding the links of a system that are due: each to its own kind's queue, as far as that has room.

use super::{AGAIN, MOST, left};
use crate::alert;
use crate::app::App;
use crate::job::{Message, sync_queue};
use crate::model::{Kind, Link, Status, System};
use crate::planted::{Bug, planted};
use crate::store::{Candidate, Put};
use crate::sync::accept::link_places;
use crate::sync::budget::{self, Mode};
use crate::sync::fields::Route;
use anyhow::Result;
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::time::Duration;

/// Read from the index at a time.
const PAGE: usize = 500;
/// Taken and sent together: a turn that ends early has sent what it took.
const AT_ONCE: usize = 25;
/// With less time than this a turn takes no more.
const SHORT: Duration = Duration::from_secs(5);
const ALERT_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The systems that are written to, and the kinds that go there; of flows that are off none.
pub(super) fn written(app: &App) -> BTreeMap<System, Vec<Kind>> {
    let mut systems: BTreeMap<System, Vec<Kind>> = BTreeMap::new();
    for spec in &app.kinds {
        let deployed = |it: &&Route| it.written && app.queues.has(&sync_queue(&spec.kind, &it.system));
        for route in spec.routes.iter().filter(deployed) {
            systems.entry(route.system.clone()).or_default().push(spec.kind.clone());
        }
    }
    systems
}

/// Feeds what is due in a system, class by class; how many links that were.
pub(super) async fn links(app: &App, system: &System, kinds: &[Kind]) -> Result<usize> {
    if budget::mode(app, system).await? == Mode::Paused {
        return Ok(0);
    }
    let now = app.clock.now_ms();
    if budget::read(app, system)
        .await?
        .is_some_and(|it| it.body.open_until_ms > now)
    {
        return Ok(0);
    }
    let mut room = Room::of(app, system, kinds).await?;
    let (until, mut fed) = (app.clock.now(), 0);
    for class in app.classes(system) {
        let mut after: Option<String> = None;
        while room.is_left() {
            let page = app
                .store
                .due_after(system.as_str(), "open", class, after.as_deref(), until, PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.place.clone());
            for some in page.chunks(AT_ONCE) {
                if app.time_left() < SHORT {
                    return Ok(fed);
                }
                fed += feed(app, some, &mut room).await?;
            }
        }
    }
    Ok(fed)
}

/// How many more messages each kind's queue takes. A kind whose queue is full holds up no other.
struct Room(BTreeMap<Kind, usize>);

impl Room {
    async fn of(app: &App, system: &System, kinds: &[Kind]) -> Result<Self> {
        let mut room = BTreeMap::new();
        for kind in kinds {
            let depth = app.queues.depth(&sync_queue(kind, system)).await?;
            room.insert(kind.clone(), MOST.saturating_sub(depth));
        }
        Ok(Self(room))
    }

    fn is_left(&self) -> bool {
        self.0.values().any(|it| *it > 0)
    }

    /// Whether there is room for a candidate, which then is its own.
    fn admits(&mut self, candidate: &Candidate) -> bool {
        let link = candidate.key.as_link();
        let Some(room) = link.and_then(|it| self.0.get_mut(&it.0.kind)).filter(|it| **it > 0) else {
            return false;
        };
        *room -= 1;
        true
    }
}

async fn feed(app: &App, some: &[Candidate], room: &mut Room) -> Result<usize> {
    let admitted: Vec<&Candidate> = some.iter().filter(|it| room.admits(it)).collect();
    let taken = join_all(admitted.iter().map(|it| take(app, it))).await;
    let mut messages: BTreeMap<String, Vec<Message>> = BTreeMap::new();
    for (candidate, taken) in admitted.into_iter().zip(taken) {
        match taken {
            Ok(Some((queue, message))) => messages.entry(queue).or_default().push(message),
            Ok(None) => {}
            Err(error) => left(candidate, &error),
        }
    }
    let fed = messages.values().map(Vec::len).sum();
    for (queue, messages) in messages {
        app.queues.send(&queue, &messages).await?;
    }
    Ok(fed)
}

/// Moves a candidate's due time, if the item still says what the index said, so that two sweeps don't feed it twice.
/// The message, and the queue of its record's kind.
async fn take(app: &App, candidate: &Candidate) -> Result<Option<(String, Message)>> {
    let Some((record, system)) = candidate.key.as_link() else {
        return Ok(None);
    };
    let Some(stored) = app.store.get::<Link>(&candidate.key).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    let due = stored.body.status.is_open() && stored.body.due_at.is_some_and(|it| it <= now);
    if !due || (stored.body.status == Status::Syncing && planted(Bug::SweepMissesSyncing)) {
        return Ok(None);
    }
    if stored.body.trouble_since.is_some_and(|it| it + ALERT_AFTER < now) {
        let why = stored.body.last_error.as_ref().map_or("", |it| it.why.as_str());
        alert::raise(app, &format!("{system} keeps failing"), &format!("{record}: {why}")).await?;
    }
    let mut link = stored.body;
    // A retry whose time has come is pending again: the worker then need not compare clocks with us.
    if link.status == Status::Retrying {
        link.status = Status::Pending;
    }
    link.due_at = Some(now + AGAIN);
    let places = link_places(&link);
    let put = app.store.put(&candidate.key, &link, Some(&stored.rev), &places).await?;
    let queue = sync_queue(&record.kind, &system);
    Ok(matches!(put, Put::Done(_)).then_some((queue, Message::Sync(record, system))))
}
