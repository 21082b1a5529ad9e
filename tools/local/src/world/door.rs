//! What people and time do to a world: requests, waiting, callbacks of the twins.

use super::World;
use crate::schedule::Schedule;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

impl World {
    /// A request with a JSON body and a bearer key; its status and JSON answer.
    ///
    /// # Errors
    /// When the request can't be built.
    pub async fn call(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {key}"));
        let body = body.map(|it| Bytes::from(it.to_string())).unwrap_or_default();
        let answer = self.request(request.body(body)?, "127.0.0.1").await;
        Ok(read(&answer))
    }

    /// Delivers messages and callbacks until none is left that can be delivered now.
    pub async fn settle(&self) {
        loop {
            let callbacks = self.deliver_callbacks().await;
            if self.deliver().await + callbacks == 0 {
                return;
            }
        }
    }

    /// Lets time pass, from one event to the next: schedules fire, messages and callbacks are delivered.
    ///
    /// # Errors
    /// When a schedule is not understood.
    pub async fn pass(&self, duration: Duration) -> Result<()> {
        let end = self.clock.now() + duration;
        let mut timers = self.timers(self.clock.now())?;
        while self.clock.now() < end {
            let timer = timers.iter().map(|it| it.1).min().unwrap_or(end);
            let next = self.next_message().map_or(timer, |it| timer.min(it)).min(end);
            self.clock
                .sleep(self.clock.until(next).max(Duration::from_millis(1)))
                .await;
            for (schedule, at, function) in &mut timers {
                if *at <= self.clock.now() {
                    self.tick(function)?;
                    *at = schedule.next_after(self.clock.now()).unwrap_or(Timestamp::MAX);
                }
            }
            self.settle().await;
        }
        Ok(())
    }

    /// When the next message, late or hidden until then, can be delivered.
    fn next_message(&self) -> Option<Timestamp> {
        let next = self.aws.queues.next_visible_anywhere(self.clock.now_ms());
        Timestamp::from_millisecond(next?).ok()
    }

    /// The schedules with their next times and the functions that they wake.
    ///
    /// # Errors
    /// When one is not understood.
    pub fn timers(&self, now: Timestamp) -> Result<Vec<(Schedule, Timestamp, String)>> {
        let mut timers = Vec::new();
        for resource in self.template.schedules.iter().filter(|it| it.enabled) {
            let zone = resource.timezone.as_str();
            let schedule = Schedule::parse(&resource.expression, zone)?;
            let wakes = |it: &&crate::template::Function| it.queues.iter().any(|queue| queue.queue == resource.queue);
            let function = self.template.functions.iter().find(wakes);
            let function = function.with_context(|| format!("{} wakes no function", resource.logical_id))?;
            let at = schedule.next_after(now).unwrap_or(Timestamp::MAX);
            timers.push((schedule, at, function.name.clone()));
        }
        Ok(timers)
    }

    /// Calls that the twins want to make: Zoho's notifications and the portal's database webhooks.
    pub async fn deliver_callbacks(&self) -> usize {
        let zoho = self.systems.zoho.take_notifications();
        let mut calls: Vec<Callback> = zoho.into_iter().map(|it| Callback::new(&it.url, &it.body)).collect();
        let apps = self.systems.app.take_webhooks();
        for it in self.systems.portal.take_webhooks().into_iter().chain(apps) {
            let headers = it
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            calls.push(Callback {
                headers,
                ..Callback::new(&it.url, &it.body)
            });
        }
        let count = calls.len();
        for Callback { url, headers, body } in calls {
            let path = url.find("/webhooks/").map_or(url.as_str(), |at| &url[at..]);
            let mut request = Request::post(path).header("content-type", "application/json");
            for (name, value) in headers {
                request = request.header(name, value);
            }
            if let Ok(request) = request.body(body) {
                let answer = self.request(request, "203.0.113.7").await;
                tracing::debug!(path, status = answer.status().as_u16(), "callback");
            }
        }
        count
    }
}

/// Status and JSON body of an answer.
fn read(answer: &Response<Bytes>) -> (u16, Value) {
    (
        answer.status().as_u16(),
        serde_json::from_slice(answer.body()).unwrap_or(Value::Null),
    )
}

/// A call that a twin wants to make.
struct Callback {
    url: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Callback {
    fn new(url: &str, body: &Value) -> Self {
        Self {
            url: url.to_owned(),
            headers: Vec::new(),
            body: Bytes::from(body.to_string()),
        }
    }
}
