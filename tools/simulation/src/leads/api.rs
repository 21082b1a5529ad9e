//! A caller of the leads' API: sends until it is told that the lead is in, under one Idempotency-Key.

use super::CALLERS;
use crate::gateway;
use crate::sim::Sim;
use bytes::Bytes;
use http::Request;
use serde_json::Value;
use std::time::Duration;

/// Sends until there is an answer that says something: success, or a mistake of ours.
pub(super) async fn post(sim: &Sim, caller: usize, key: &str, body: &Value) -> Option<Value> {
    loop {
        let request = Request::post("/leads")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", CALLERS[caller % CALLERS.len()]))
            .header("idempotency-key", key);
        let request = request.body(Bytes::from(body.to_string())).ok()?;
        let answer = gateway::request(sim, request).await;
        match answer.as_ref().map(|it| it.status().as_u16()) {
            Some(200..=299) => return answer.and_then(|it| serde_json::from_slice(it.body()).ok()),
            // Busy or broken, or no answer: the same request may be sent again.
            None | Some(429 | 500..) => {}
            Some(status) => {
                sim.breach(format!("a lead that is right was refused with {status}: {body}"));
                return None;
            }
        }
        tokio::time::sleep(sim.pace.time(Duration::from_secs(1), Duration::from_secs(20))).await;
    }
}

/// Sends once, whatever comes of it; the status.
pub(super) async fn once(sim: &Sim, request: http::request::Builder, body: &str) -> Option<u16> {
    let request = request.body(Bytes::from(body.to_owned())).ok()?;
    gateway::request(sim, request).await.map(|it| it.status().as_u16())
}
