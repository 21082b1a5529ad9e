//! One queue: its messages and what becomes of them.

use super::message::{Outgoing, Received};
use super::{Counts, QueueError, Settings, message::Attribute};
use crate::arn;
use data_encoding::BASE64;
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) struct Queue {
    name: String,
    pub(super) settings: Settings,
    /// By number of arrival, which is also the order of arrival.
    messages: BTreeMap<u64, Stored>,
    arrived: u64,
}

pub(super) struct Stored {
    id: String,
    body: String,
    attributes: BTreeMap<String, Attribute>,
    sent_ms: i64,
    visible_ms: i64,
    first_received_ms: Option<i64>,
    receive_count: u32,
    in_flight: bool,
    dead_from: Option<String>,
}

impl Queue {
    pub(super) fn new(name: &str, settings: Settings) -> Self {
        Self {
            name: name.to_owned(),
            settings,
            messages: BTreeMap::new(),
            arrived: 0,
        }
    }

    pub(super) fn put(&mut self, id: &str, message: Outgoing, copies: &[Duration], now_ms: i64) {
        let delay = message.delay.unwrap_or(self.settings.delay);
        for extra in copies {
            let stored = Stored {
                id: id.to_owned(),
                body: message.body.clone(),
                attributes: message.attributes.clone(),
                sent_ms: now_ms,
                visible_ms: now_ms + ms(delay) + ms(*extra),
                first_received_ms: None,
                receive_count: 0,
                in_flight: false,
                dead_from: None,
            };
            self.store(stored);
        }
    }

    /// Takes in dead letters. Their id, sent timestamp and receive count stay, so retention counts from the first sending.
    pub(super) fn bury(&mut self, letters: Vec<Stored>, now_ms: i64) {
        for letter in letters {
            self.store(Stored {
                visible_ms: now_ms,
                in_flight: false,
                ..letter
            });
        }
    }

    fn store(&mut self, message: Stored) {
        self.arrived += 1;
        self.messages.insert(self.arrived, message);
    }

    /// Drops what is past its retention and gives the numbers of what can be received, oldest first.
    pub(super) fn visible(&mut self, now_ms: i64) -> Vec<u64> {
        let oldest = now_ms - ms(self.settings.retention);
        self.messages.retain(|_, message| message.sent_ms >= oldest);
        self.messages
            .iter()
            .filter(|(_, message)| message.visible_ms <= now_ms)
            .map(|(number, _)| *number)
            .collect()
    }

    pub(super) fn take(
        &mut self,
        order: &[u64],
        max: usize,
        visibility: Option<Duration>,
        now_ms: i64,
    ) -> Vec<Received> {
        let until = now_ms + ms(visibility.unwrap_or(self.settings.visibility));
        let mut received = Vec::new();
        for number in order {
            if received.len() == max {
                break;
            }
            if let Some(message) = self.messages.get_mut(number) {
                received.push(message.receive(&self.name, *number, until, now_ms));
            }
        }
        received
    }

    /// Takes out, of `visible`, what has had all its receives.
    pub(super) fn give_up_spent(&mut self, visible: &[u64]) -> Vec<Stored> {
        visible.iter().filter_map(|number| self.give_up(*number)).collect()
    }

    fn give_up(&mut self, number: u64) -> Option<Stored> {
        let most = self.settings.redrive.as_ref()?.max_receive;
        if self.messages.get(&number)?.receive_count < most {
            return None;
        }
        let mut message = self.messages.remove(&number)?;
        message.dead_from = Some(arn::queue(&self.name));
        Some(message)
    }

    pub(super) fn delete(&mut self, handle: &str) -> Result<(), QueueError> {
        let (number, receive) = self.read(handle)?;
        // Deleting twice is a success. An old handle of a message received again since then is answered with success,
        // too, and deletes nothing: SQS promises a deletion only by the latest handle.
        if self
            .messages
            .get(&number)
            .is_some_and(|message| message.receive_count == receive)
        {
            self.messages.remove(&number);
        }
        Ok(())
    }

    pub(super) fn change_visibility(
        &mut self,
        handle: &str,
        visibility: Duration,
        now_ms: i64,
    ) -> Result<(), QueueError> {
        let (number, receive) = self.read(handle)?;
        let message = self.messages.get_mut(&number).ok_or(QueueError::NotInFlight)?;
        if message.receive_count != receive || message.visible_ms <= now_ms {
            return Err(QueueError::NotInFlight);
        }
        message.visible_ms = now_ms + ms(visibility);
        message.in_flight = !visibility.is_zero();
        Ok(())
    }

    pub(super) fn counts(&mut self, now_ms: i64) -> Counts {
        self.visible(now_ms);
        let mut counts = Counts::default();
        for message in self.messages.values() {
            match (message.visible_ms <= now_ms, message.in_flight) {
                (true, _) => counts.visible += 1,
                (false, true) => counts.in_flight += 1,
                (false, false) => counts.delayed += 1,
            }
        }
        counts
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn next_visible(&self, now_ms: i64) -> Option<i64> {
        let hidden = self.messages.values().map(|message| message.visible_ms);
        hidden.filter(|at| *at > now_ms).min()
    }

    fn read(&self, handle: &str) -> Result<(u64, u32), QueueError> {
        let decoded = BASE64.decode(handle.as_bytes()).ok();
        let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let parts: Option<(u64, u32)> = text.as_deref().and_then(|text| {
            let (queue, rest) = text.split_once(' ')?;
            let (number, receive) = rest.split_once(' ')?;
            (queue == self.name).then_some((number.parse().ok()?, receive.parse().ok()?))
        });
        parts.ok_or(QueueError::InvalidHandle)
    }
}

impl Stored {
    fn receive(&mut self, queue: &str, number: u64, until: i64, now_ms: i64) -> Received {
        self.receive_count += 1;
        self.visible_ms = until;
        self.in_flight = true;
        Received {
            id: self.id.clone(),
            handle: BASE64.encode(format!("{queue} {number} {}", self.receive_count).as_bytes()),
            body: self.body.clone(),
            attributes: self.attributes.clone(),
            sent_ms: self.sent_ms,
            first_received_ms: *self.first_received_ms.get_or_insert(now_ms),
            receive_count: self.receive_count,
            dead_from: self.dead_from.clone(),
        }
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
