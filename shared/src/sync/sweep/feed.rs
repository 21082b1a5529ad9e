//! Feeding the links of a system that are due: each to its own kind's queue, as far as that has room.

use super::{AGAIN, MOST, left};
use crate::alert;
use crate::app::App;
use crate::job::{Message, sync_queue};
use crate::model::{Class, Kind, Link, Status, System};
use crate::planted::{Bug, planted};
use crate::store::{Candidate, Put};
use crate::sync::accept::link_places;
use crate::sync::budget::{self, Mode};
use crate::sync::fields::Route;
use anyhow::Result;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How far ahead a paced queue is filled: until after the next turn.
const AHEAD: Duration = Duration::from_secs(75);
/// So much before its call a message is seen: a batch of them then waits for its slots together, and loses no time.
const EARLY: Duration = Duration::from_secs(4);
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
    if !app.is_configured(system) {
        return Ok(0);
    }
    fill(app, system, kinds).await
}

/// The same for whoever has not what the system needs to be called: if it is not configured, its messages end.
pub(super) async fn fill(app: &App, system: &System, kinds: &[Kind]) -> Result<usize> {
    if !app.store.any(system.as_str(), "open").await? {
        return Ok(0);
    }
    let budget = budget::read(app, system).await?.map(|it| it.body).unwrap_or_default();
    if budget.mode == Mode::Paused || budget.open_until_ms > app.clock.now_ms() {
        return Ok(0);
    }
    let mut room = Room::of(app, system, kinds).await?;
    let (until, mut fed) = (app.clock.now(), 0);
    for class in app.classes(system) {
        room.leave_the_reserve(app, system, class).await?;
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
            if page.len() < PAGE {
                break;
            }
        }
    }
    Ok(fed)
}

/// How many more messages each kind's queue takes. A kind whose queue is full holds up no other. Where the limits of the
/// system say how many calls there will be, each message is seen when its calls can be made.
struct Room {
    by_kind: BTreeMap<Kind, usize>,
    calls: BTreeMap<Kind, usize>,
    /// When calls can be made, less those of what is out.
    free: Option<VecDeque<Timestamp>>,
    out: usize,
}

impl Room {
    async fn of(app: &App, system: &System, kinds: &[Kind]) -> Result<Self> {
        let (mut by_kind, mut calls, mut out) = (BTreeMap::new(), BTreeMap::new(), 0);
        for kind in kinds {
            let depth = app.queues.depth(&sync_queue(kind, system)).await?;
            by_kind.insert(kind.clone(), MOST.saturating_sub(depth));
            let each = app.kind(kind)?.calls;
            calls.insert(kind.clone(), each);
            out += depth * each;
        }
        let free = None;
        let mut room = Self {
            by_kind,
            calls,
            free,
            out,
        };
        room.look_ahead(app, system, false).await?;
        Ok(room)
    }

    async fn look_ahead(&mut self, app: &App, system: &System, reserve: bool) -> Result<()> {
        let Some(limits) = app.pace(system) else { return Ok(()) };
        let free = budget::free(app, system, &limits, reserve, AHEAD).await?;
        self.free = Some(free.into_iter().skip(self.out).collect());
        Ok(())
    }

    /// A backfill leaves the reserve while live work is open, and takes what that leaves.
    async fn leave_the_reserve(&mut self, app: &App, system: &System, class: Class) -> Result<()> {
        let is_paced = self.free.is_some() && class == Class::BACKFILL;
        if is_paced && app.store.any_before(system.as_str(), "open", class).await? {
            self.look_ahead(app, system, true).await?;
        }
        Ok(())
    }

    fn is_left(&self) -> bool {
        self.free.as_ref().is_none_or(|it| !it.is_empty()) && self.by_kind.values().any(|it| *it > 0)
    }

    /// When a candidate's message is to be seen, if there is room for it, which then is its own.
    fn admits(&mut self, candidate: &Candidate) -> Option<Option<Timestamp>> {
        let (record, _) = candidate.key.as_link()?;
        let room = self.by_kind.get_mut(&record.kind).filter(|it| **it > 0)?;
        let Some(free) = &mut self.free else {
            *room -= 1;
            return Some(None);
        };
        let calls = self.calls.get(&record.kind).copied().unwrap_or(1);
        let first = free.pop_front()?;
        free.drain(..calls.saturating_sub(1).min(free.len()));
        self.out += calls;
        *room -= 1;
        Some(Some(first))
    }
}

async fn feed(app: &App, some: &[Candidate], room: &mut Room) -> Result<usize> {
    let admitted = some.iter().filter_map(|it| Some((it, room.admits(it)?)));
    let admitted: Vec<(&Candidate, Duration)> = admitted
        .map(|(it, at)| {
            (
                it,
                at.map_or(Duration::ZERO, |at| app.clock.until(at).saturating_sub(EARLY)),
            )
        })
        .collect();
    let taken = join_all(admitted.iter().map(|it| take(app, it.0, it.1))).await;
    let mut messages: BTreeMap<String, Vec<(Message, Duration)>> = BTreeMap::new();
    for ((candidate, delay), taken) in admitted.into_iter().zip(taken) {
        match taken {
            Ok(Some((queue, message))) => messages.entry(queue).or_default().push((message, delay)),
            Ok(None) => {}
            Err(error) => left(candidate, &error),
        }
    }
    let fed = messages.values().map(Vec::len).sum();
    for (queue, messages) in messages {
        app.queues.send_later(&queue, &messages).await?;
    }
    Ok(fed)
}

/// Moves a candidate's due time, if the item still says what the index said, so that two sweeps don't feed it twice.
/// The message, and the queue of its record's kind.
async fn take(app: &App, candidate: &Candidate, delay: Duration) -> Result<Option<(String, Message)>> {
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
    link.due_at = Some(now + AGAIN + SignedDuration::try_from(delay).unwrap_or_default());
    let places = link_places(&link);
    let put = app.store.put(&candidate.key, &link, Some(&stored.rev), &places).await?;
    let queue = sync_queue(&record.kind, &system);
    Ok(matches!(put, Put::Done(_)).then_some((queue, Message::Sync(record, system))))
}
