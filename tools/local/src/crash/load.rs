//! Leads over several connections; what was not answered is sent again later, as the portal does.

use super::Plan;
use super::child::Child;
use crate::run::sent::Lead;
use anyhow::Result;
use bytes::Bytes;
use http::Request;
use shared::api::auth::Scope;
use shared::systems::http::{Reqwest, Transport as _};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Connections at once.
const CONNECTIONS: usize = 4;
/// The longest pause of a connection between two leads: so that a round's leads are spread over its time.
const PAUSE: Duration = Duration::from_millis(250);

/// What is still to be sent, and what was answered. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Load(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Lead>,
    answered: usize,
    cut_off: usize,
}

impl Load {
    /// Adds leads to be sent.
    pub(super) fn add(&self, leads: &[Lead]) {
        self.with(|it| it.waiting.extend(leads.iter().cloned()));
    }

    /// How many were answered with 202.
    pub(super) fn answered(&self) -> usize {
        self.with(|it| it.answered)
    }

    /// How many requests got no answer, and were sent again.
    pub(super) fn cut_off(&self) -> usize {
        self.with(|it| it.cut_off)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends what waits, until nothing is left or the future is dropped: then what was under way waits again.
    pub(super) async fn send(&self, plan: &Plan, child: &Child) -> Result<()> {
        let keys = Child::keys(plan)?;
        let url = format!("{}/leads", child.api());
        let authorization = format!("Bearer {}", keys.of(Scope::Leads));
        let connection = || self.connection(&plan.network, plan, &url, &authorization);
        futures_util::future::join_all((0..CONNECTIONS).map(|_| connection())).await;
        Ok(())
    }

    async fn connection(&self, network: &Reqwest, plan: &Plan, url: &str, authorization: &str) {
        while let Some(mut turn) = self.take() {
            tokio::time::sleep(plan.random.up_to(PAUSE)).await;
            let Some(lead) = &turn.lead else { return };
            let request = Request::post(url)
                .header("authorization", authorization)
                .header("content-type", "application/json")
                .header("idempotency-key", &lead.id)
                .body(Bytes::from(lead.row.to_string()));
            let Ok(request) = request else { return };
            turn.sent = true;
            let answer = network.send(request).await;
            if answer.is_ok_and(|it| it.status().as_u16() == 202) {
                turn.lead = None;
                self.with(|it| it.answered += 1);
            }
        }
    }

    fn take(&self) -> Option<Turn> {
        let lead = self.with(|it| it.waiting.pop_front())?;
        Some(Turn {
            load: self.clone(),
            lead: Some(lead),
            sent: false,
        })
    }
}

/// A lead that is being sent. Dropped without an answer, it waits again.
struct Turn {
    load: Load,
    lead: Option<Lead>,
    sent: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(lead) = self.lead.take() else { return };
        self.load.with(|it| {
            it.cut_off += usize::from(self.sent);
            it.waiting.push_back(lead);
        });
    }
}
