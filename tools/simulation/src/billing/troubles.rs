//! Stretches of trouble at Zoho Billing and in the app's project; pulls by hand, and the pauses of operators.

use crate::chance::Chance;
use crate::flow::{Deed, Step};
use crate::gateway;
use crate::sim::Sim;
use crate::weather::Fault;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Request;
use shared::model::System;
use shared::sync::budget::{Mode, set_mode};
use std::sync::Arc;
use std::time::Duration;
use twins::{Effect, When};

#[derive(Clone, Debug)]
enum Trouble {
    /// Zoho Billing refuses all calls for a while: too many in a minute.
    Storm(Duration),
    /// The organisation is blocked for an hour, and Zoho says so.
    Block,
    /// Zoho Billing is broken for a while.
    Broken(Duration),
    /// The app's project is broken for a while.
    NoApp(Duration),
    /// The next so many activations of a function die, each somewhere in its work.
    Unlucky(&'static str, u64),
    /// An operator pauses Zoho Billing for a while.
    Pause(Duration),
    /// Somebody starts a pull by hand.
    Pull,
}

impl Trouble {
    fn at(self, at: Duration) -> Step {
        Step {
            at,
            deed: Arc::new(self),
        }
    }
}

impl Deed for Trouble {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let trouble = self.clone();
        Box::pin(async move {
            match trouble {
                Trouble::Pause(length) => pause(&sim, length).await,
                Trouble::Pull => pull(&sim).await,
                Trouble::Unlucky(function, times) => sim.lose_next(function, times),
                other => begin(&sim, &other),
            }
        })
    }
}

/// What people bring about, in fine weather too.
pub(super) fn of_people(chance: &Chance, span: Duration) -> Vec<Step> {
    let at = || chance.time(Duration::ZERO, span);
    let mut steps = Vec::new();
    if chance.per_mille(250) {
        let length = chance.time(Duration::from_secs(20), Duration::from_secs(150));
        steps.push(Trouble::Pause(length).at(at()));
    }
    if chance.per_mille(300) {
        steps.push(Trouble::Pull.at(at()));
    }
    if chance.per_mille(300) {
        let functions = [
            "sync_billing_payment",
            "sync_billing_invoice",
            "sync_billing_subscription",
            "api_billing",
        ];
        steps.push(
            Trouble::Unlucky(chance.pick(&functions), chance.between(1, 4)).at(chance.time(Duration::ZERO, span / 2)),
        );
    }
    steps
}

/// What its systems suffer.
pub(super) fn draw(chance: &Chance, count: u64, span: Duration) -> Vec<Step> {
    let one = |_| {
        let length = chance.time(Duration::from_secs(5), Duration::from_secs(120));
        let all = [
            Trouble::Storm(length),
            Trouble::Storm(length),
            Trouble::Block,
            Trouble::Broken(length),
            Trouble::NoApp(length),
        ];
        chance.pick(&all).at(chance.time(Duration::ZERO, span))
    };
    (0..count).map(one).collect()
}

fn begin(sim: &Sim, trouble: &Trouble) {
    if !sim.fires(Fault::Storm, 1000) {
        return;
    }
    let (billing, now) = (&sim.world.systems.billing, sim.world.clock.now());
    let during = |length: Duration| When::Between(now, now + length);
    match trouble {
        Trouble::Storm(length) => {
            let refused = Effect::Error {
                status: 429,
                code: "44".to_owned(),
            };
            billing.faults().add("*", during(*length), refused);
        }
        Trouble::Block => billing.block(),
        Trouble::Broken(length) => _ = billing.faults().add("*", during(*length), Effect::Status(503)),
        Trouble::NoApp(length) => {
            let app = sim.world.systems.app.faults();
            app.add("*", during(*length), Effect::Status(503));
        }
        _ => {}
    }
}

/// An operator tries until it is done: the budget is much in use.
async fn switch(sim: &Sim, mode: Mode) {
    let Ok(app) = sim.operator() else { return };
    while let Err(error) = set_mode(&app, &System::ZOHO_BILLING, mode).await {
        sim.line("operator", format_args!("tries again: {error:#}"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn pause(sim: &Sim, length: Duration) {
    switch(sim, Mode::Paused).await;
    let from = sim.now_ms();
    tokio::time::sleep(length).await;
    sim.history().pauses.push(("zoho_billing", from, sim.now_ms()));
    switch(sim, Mode::On).await;
}

async fn pull(sim: &Sim) {
    let request = Request::post("/crons/billing_pull").header("authorization", "Bearer local-cron-secret");
    let Ok(request) = request.body(Bytes::new()) else {
        return;
    };
    let answer = gateway::request(sim, request).await;
    if let Some(status @ 400..=428) = answer.map(|it| it.status().as_u16()) {
        sim.breach(format!("a pull by hand was refused with {status}"));
    }
}
