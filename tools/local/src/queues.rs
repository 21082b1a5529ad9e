//! SQS as it is: at least once, invisible for a while, counted, and in the end a dead letter.
//!
//! One model for the local runner and the simulation. It has no clock: each call carries `now_ms`, UTC milliseconds.
//! Facts are from the SQS Developer Guide ("Visibility timeout", "Dead-letter queues", "Message quotas").

mod all;
pub mod delivery;
mod error;
pub mod mapping;
pub mod message;
mod queue;
pub mod wire;

pub use error::QueueError;

use crate::arn;
use delivery::Delivery;
use message::{Outgoing, Received};
use queue::Queue;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What a queue is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a received message stays invisible. SQS's default is 30 s.
    pub visibility: Duration,
    /// How long a new message stays invisible, unless it says otherwise itself.
    pub delay: Duration,
    /// How long a message is kept. SQS's default is four days.
    pub retention: Duration,
    /// Where a message goes that was received too often.
    pub redrive: Option<Redrive>,
}

/// A queue's dead-letter rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letter: String,
    /// How many receives a message has; the next one moves it instead.
    pub max_receive: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            visibility: Duration::from_secs(30),
            delay: Duration::ZERO,
            retention: Duration::from_secs(4 * 24 * 3600),
            redrive: None,
        }
    }
}

/// The numbers that `GetQueueAttributes` gives as approximate; here they are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Could be received now.
    pub visible: usize,
    /// Received and not deleted yet.
    pub in_flight: usize,
    /// Never received and not yet due.
    pub delayed: usize,
}

impl Counts {
    /// All messages that are still there.
    #[must_use]
    pub fn total(self) -> usize {
        self.visible + self.in_flight + self.delayed
    }
}

/// All queues of the account. Clones share them.
#[derive(Clone)]
pub struct Queues {
    base: Arc<str>,
    state: Arc<Mutex<State>>,
    changed: watch::Sender<()>,
}

struct State {
    queues: BTreeMap<String, Queue>,
    delivery: Delivery,
    sent: u64,
}

impl Queues {
    /// No queues yet; their URLs will stand below `base` (scheme and authority), and `delivery` decides order and copies.
    #[must_use]
    pub fn new(base: &str, delivery: Delivery) -> Self {
        let state = State {
            queues: BTreeMap::new(),
            delivery,
            sent: 0,
        };
        Self {
            base: base.into(),
            state: Arc::new(Mutex::new(state)),
            changed: watch::Sender::new(()),
        }
    }

    /// Sees each message that arrives or is given back, in any queue: for a loop that waits for work.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Makes a queue; one that exists keeps its messages and takes the new settings.
    pub fn create(&self, name: &str, settings: Settings) {
        let mut state = self.state();
        match state.queues.get_mut(name) {
            Some(queue) => queue.settings = settings,
            None => drop(state.queues.insert(name.to_owned(), Queue::new(name, settings))),
        }
    }

    /// Replaces order and copies from now on: when the faults stop, [`Delivery::in_order`].
    pub fn set_delivery(&self, delivery: Delivery) {
        self.state().delivery = delivery;
    }

    /// Names of all queues, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.state().queues.keys().cloned().collect()
    }

    /// A queue's URL, whether it exists or not.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        arn::queue_url(&self.base, name)
    }

    /// Puts one message; answers its id.
    ///
    /// # Errors
    /// No such queue, or a body that SQS refuses.
    pub fn send(&self, queue: &str, message: Outgoing, now_ms: i64) -> Result<String, QueueError> {
        message.check()?;
        let mut state = self.state();
        let copies = state.delivery.copies();
        state.sent += 1;
        let id = message::id(state.sent);
        state.queue(queue)?.put(&id, message, &copies, now_ms);
        self.changed.send_replace(());
        Ok(id)
    }

    /// Puts several messages: each by itself, as SQS does.
    ///
    /// # Errors
    /// No such queue; each message's own refusal stands in its place.
    pub fn send_batch(
        &self,
        queue: &str,
        messages: Vec<Outgoing>,
        now_ms: i64,
    ) -> Result<Vec<Result<String, QueueError>>, QueueError> {
        self.state().queue(queue)?;
        Ok(messages
            .into_iter()
            .map(|message| self.send(queue, message, now_ms))
            .collect())
    }

    /// Takes at most `max` messages that are visible, and hides them for the queue's visibility timeout.
    ///
    /// What was received too often goes to the dead-letter queue instead.
    ///
    /// # Errors
    /// No such queue.
    pub fn receive(&self, queue: &str, max: usize, now_ms: i64) -> Result<Vec<Received>, QueueError> {
        self.receive_for(queue, max, None, now_ms)
    }

    /// As [`Queues::receive`], hidden for `visibility` if given.
    ///
    /// # Errors
    /// No such queue.
    pub fn receive_for(
        &self,
        queue: &str,
        max: usize,
        visibility: Option<Duration>,
        now_ms: i64,
    ) -> Result<Vec<Received>, QueueError> {
        let mut state = self.state();
        let target = state.dead_letter_of(queue);
        let from = state.queue(queue)?;
        let visible = from.visible(now_ms);
        let dead = match &target {
            Some(_) => from.give_up_spent(&visible),
            None => Vec::new(),
        };
        if let Some(target) = target.and_then(|name| state.queues.get_mut(&name)) {
            if !dead.is_empty() {
                self.changed.send_replace(());
            }
            target.bury(dead, now_ms);
        }
        let order = state.delivery.order(&visible);
        Ok(state.queue(queue)?.take(&order, max, visibility, now_ms))
    }

    /// Deletes by receipt handle. A message that was received again since then stays, and so does another copy of it.
    ///
    /// # Errors
    /// No such queue, or a handle that is none of this queue's.
    pub fn delete(&self, queue: &str, handle: &str) -> Result<(), QueueError> {
        self.state().queue(queue)?.delete(handle)
    }

    /// Hides a received message for `visibility` from now on; zero gives it back at once.
    ///
    /// # Errors
    /// No such queue, a foreign handle, or a message that is not in flight.
    pub fn change_visibility(
        &self,
        queue: &str,
        handle: &str,
        visibility: Duration,
        now_ms: i64,
    ) -> Result<(), QueueError> {
        let changed = self.state().queue(queue)?.change_visibility(handle, visibility, now_ms);
        self.changed.send_replace(());
        changed
    }

    /// How many messages are visible, in flight and delayed.
    ///
    /// # Errors
    /// No such queue.
    pub fn attributes(&self, queue: &str, now_ms: i64) -> Result<Counts, QueueError> {
        Ok(self.state().queue(queue)?.counts(now_ms))
    }

    /// A queue's settings.
    ///
    /// # Errors
    /// No such queue.
    pub fn settings(&self, queue: &str) -> Result<Settings, QueueError> {
        Ok(self.state().queue(queue)?.settings.clone())
    }

    /// How many messages the queue holds in all; none if there is no such queue.
    #[must_use]
    pub fn depth(&self, queue: &str, now_ms: i64) -> usize {
        self.attributes(queue, now_ms).unwrap_or_default().total()
    }

    /// When a queue's next hidden message becomes visible.
    #[must_use]
    pub fn next_visible(&self, queue: &str, now_ms: i64) -> Option<i64> {
        self.state().queues.get(queue)?.next_visible(now_ms)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn queue(&mut self, name: &str) -> Result<&mut Queue, QueueError> {
        self.queues.get_mut(name).ok_or(QueueError::NoSuchQueue)
    }

    /// Where the queue's dead letters go, if that queue exists: without it they stay where they are.
    fn dead_letter_of(&self, name: &str) -> Option<String> {
        let rule = self.queues.get(name)?.settings.redrive.as_ref()?;
        let is_there = self.queues.contains_key(&rule.dead_letter);
        is_there.then(|| rule.dead_letter.clone())
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queues").field("names", &self.names()).finish()
    }
}

#[cfg(test)]
mod tests;
