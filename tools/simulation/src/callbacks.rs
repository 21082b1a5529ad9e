//! The systems' own calls to us: lost, doubled, late. What was acknowledged is noted.

use crate::gateway;
use crate::history::Notice;
use crate::sim::Sim;
use crate::weather::Fault;
use bytes::Bytes;
use http::Request;
use serde_json::Value;
use std::time::Duration;
use twins::Supabase;
use twins::supabase::WebhookCall;

/// A call that a system wants to make.
#[derive(Clone, Debug)]
struct Callback {
    system: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Value,
}

/// Sends what the systems have to say.
pub fn deliver(sim: &Sim) {
    for callback in taken(sim) {
        if sim.fires(Fault::NoticeLost, sim.weather.notices) {
            continue;
        }
        if sim.fires(Fault::NoticeDoubled, sim.weather.notices) {
            send(sim, callback.clone());
        }
        send(sim, callback);
    }
}

fn taken(sim: &Sim) -> Vec<Callback> {
    let systems = &sim.world.systems;
    let zoho = systems.zoho.take_notifications().into_iter();
    let zoho = zoho.map(|it| Callback {
        system: "zoho_crm",
        url: it.url,
        headers: Vec::new(),
        body: it.body,
    });
    let project = |system: &'static str, twin: &Supabase| {
        let webhook = |it: WebhookCall| Callback {
            system,
            url: it.url,
            headers: it.headers.into_iter().collect(),
            body: it.body,
        };
        twin.take_webhooks().into_iter().map(webhook).collect::<Vec<_>>()
    };
    let portal = project("portal", &systems.portal);
    zoho.chain(portal).chain(project("app", &systems.app)).collect()
}

fn send(sim: &Sim, callback: Callback) {
    let late = sim.fires(Fault::NoticeLate, sim.weather.notices);
    let most = if late {
        Duration::from_secs(180)
    } else {
        Duration::from_millis(300)
    };
    let wait = sim.pace.time(Duration::from_millis(10), most);
    let world = sim.clone();
    sim.spawn(async move {
        tokio::time::sleep(wait).await;
        let sent_ms = world.now_ms();
        let path = callback
            .url
            .find("/webhooks/")
            .map_or(callback.url.as_str(), |at| &callback.url[at..]);
        let mut request = Request::post(path).header("content-type", "application/json");
        for (name, value) in &callback.headers {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(Bytes::from(callback.body.to_string())) else {
            return;
        };
        let answer = gateway::request(&world, request).await;
        // Neither of the two sends again; what is lost here is found by the pulls.
        if answer.is_some_and(|it| it.status().is_success()) {
            let notice = Notice {
                sent_ms,
                system: callback.system,
                ids: ids(&callback.body),
            };
            world.history().notices.push(notice);
        }
    });
}

/// The objects that a call is about.
fn ids(body: &Value) -> Vec<String> {
    let row = [&body["record"]["id"], &body["old_record"]["id"]];
    let listed = body["ids"].as_array().into_iter().flatten();
    row.into_iter()
        .chain(listed)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
