//! Zoho CRM, the portal and the back office, as the world and the checker see them.

use super::asks::Asks;
use super::people::of_lead;
use crate::flow::Outside;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Request, Response};
use local::world::{World, is_billings};
use serde_json::Value;
use shared::clock::Clock;
use shared::systems::http::TransportError;
use std::collections::BTreeMap;
use std::sync::Arc;
use twins::{Supabase, Twin, ZohoCrm};

pub(super) fn all(world: &World, asks: Arc<Asks>) -> Vec<Arc<dyn Outside>> {
    let systems = &world.systems;
    vec![
        Arc::new(Zoho {
            twin: systems.zoho.clone(),
            clock: world.clock.clone(),
            asks,
        }),
        Arc::new(Project {
            name: "portal",
            twin: systems.portal.clone(),
        }),
        Arc::new(Project {
            name: "backoffice",
            twin: systems.backoffice.clone(),
        }),
    ]
}

struct Zoho {
    twin: ZohoCrm,
    clock: Clock,
    asks: Arc<Asks>,
}

impl Outside for Zoho {
    fn name(&self) -> &'static str {
        "zoho_crm"
    }

    fn is_at(&self, host: &str, path: &str) -> bool {
        host.contains("zoho") && !is_billings(path)
    }

    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        let ask = self.asks.note(&request, self.clock.now());
        let (asks, clock) = (self.asks.clone(), self.clock.clone());
        let answer = through(self.twin.clone(), request);
        Box::pin(async move {
            let answer = answer.await;
            asks.answered(ask, clock.now());
            answer
        })
    }

    fn writes(&self, request: &Request<Bytes>) -> bool {
        request.method() != Method::GET && request.uri().path().contains("/Leads")
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        self.twin
            .leads()
            .into_iter()
            .filter_map(|it| Some((format!("lead/{}", it["id"].as_str()?), it)))
            .collect()
    }

    fn violations(&self) -> Vec<String> {
        let mut violations = self.twin.violations();
        violations.extend(self.asks.too_many());
        violations
    }

    fn identity(&self, object: &Value) -> Option<String> {
        of_lead(&object["Email"], &object["Phone"])
    }
}

struct Project {
    name: &'static str,
    twin: Supabase,
}

impl Outside for Project {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_at(&self, host: &str, _: &str) -> bool {
        host.split('.').next() == Some(self.name)
    }

    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        through(self.twin.clone(), request)
    }

    fn writes(&self, request: &Request<Bytes>) -> bool {
        request.method() != Method::GET && request.uri().path().ends_with("/leads")
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        let rows = self.twin.rows("leads").into_iter();
        rows.filter_map(|it| Some((format!("lead/{}", it["id"].as_str()?), it)))
            .collect()
    }

    fn violations(&self) -> Vec<String> {
        self.twin.violations()
    }

    fn identity(&self, object: &Value) -> Option<String> {
        of_lead(&object["email"], &object["phone"])
    }
}

fn through<T: Twin>(twin: T, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
    Box::pin(async move {
        twin.call(request)
            .await
            .map_err(|it| TransportError::NoAnswer(it.to_string()))
    })
}
