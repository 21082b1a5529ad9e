//! The API as callers see it: a request may get no answer, whatever became of it.

use crate::driver::invoke;
use crate::history::Told;
use crate::sim::Sim;
use crate::weather::Fault;
use bytes::Bytes;
use http::{Request, Response};
use local::gateway::response::response;
use local::gateway::routes::not_found;
use local::world::World;

/// One request through the gateway. None: the caller got no answer.
pub async fn request(sim: &Sim, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let call = format!("{} {}", request.method(), request.uri().path());
    let Some((function, event)) = sim.world.http_event(&request, "203.0.113.7") else {
        return Some(not_found());
    };
    let Ok(handler) = World::handler(&function.name) else {
        return Some(not_found());
    };
    let answer = response(
        invoke(sim, &function.name, handler, function.timeout, event)
            .await
            .as_ref(),
    );
    let status = answer.status().as_u16();
    sim.line("gateway", format_args!("{call} -> {status}"));
    sim.history()
        .branches
        .insert(format!("{} answers {status}", function.name));
    let told = Told {
        at_ms: sim.now_ms(),
        call,
        status,
    };
    sim.history().told.push(told);
    if sim.fires(Fault::NoticeLost, sim.weather.systems.lost_after) {
        return None;
    }
    Some(answer)
}
