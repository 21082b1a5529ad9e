//! Zoho Billing and the app's own project, as the world and the checker see them.

use super::pace::Calls;
use super::view;
use crate::flow::{Outside, SentAt};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Request, Response};
use jiff::civil::Date;
use jiff::tz::Offset;
use local::world::{World, is_billings};
use serde_json::Value;
use shared::clock::Clock;
use shared::model::Kind;
use shared::systems::http::TransportError;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use twins::{Supabase, Twin, ZohoBilling};

pub(super) fn all(world: &World, calls: &Calls) -> Vec<Arc<dyn Outside>> {
    let billing = Billing {
        twin: world.systems.billing.clone(),
        clock: world.clock.clone(),
        calls: calls.clone(),
        backdated: Mutex::default(),
    };
    let app = Project {
        twin: world.systems.app.clone(),
        tables: world.app().config.billing.tables.clone(),
    };
    vec![Arc::new(billing), Arc::new(app)]
}

struct Billing {
    twin: ZohoBilling,
    clock: Clock,
    calls: Calls,
    /// Subscriptions that were to begin before the day on which they were asked for.
    backdated: Mutex<Vec<String>>,
}

impl Billing {
    fn note_start(&self, request: &Request<Bytes>) {
        let is_new = request.method() == Method::POST && request.uri().path().ends_with("/subscriptions");
        let Some(SentAt(sent)) = request.extensions().get::<SentAt>().filter(|_| is_new) else {
            return;
        };
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let offset = Offset::from_seconds(self.twin.settings().offset_seconds).unwrap_or(Offset::UTC);
        let today = offset.to_datetime(*sent).date();
        let start = body["starts_at"].as_str().and_then(|it| it.parse::<Date>().ok());
        if start.is_none_or(|it| it < today) {
            let told = format!("{} begins {start:?}, asked for on {today}", body["reference_id"]);
            self.backdated.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        }
    }
}

impl Outside for Billing {
    fn name(&self) -> &'static str {
        "zoho_billing"
    }

    fn is_at(&self, host: &str, path: &str) -> bool {
        host.contains("zoho") && is_billings(path)
    }

    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        self.calls.note(&request);
        self.note_start(&request);
        through(self.twin.clone(), request)
    }

    fn received(&self, answer: &Response<Bytes>) {
        self.calls.heard(answer, self.clock.now());
    }

    /// That a draft is opened changes nothing that a record says.
    fn writes(&self, request: &Request<Bytes>) -> bool {
        request.method() != Method::GET && !request.uri().path().ends_with("/converttoopen")
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        view::objects(&self.twin)
    }

    fn violations(&self) -> Vec<String> {
        // A caller that has not been told can't know of a block: that is judged by who has (`pace`).
        let twins = self.twin.violations().into_iter();
        let mut found: Vec<String> = twins.filter(|it| !it.contains(" blocked (43)")).collect();
        found.extend(self.calls.too_many());
        found.extend(
            self.backdated
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .cloned(),
        );
        found
    }

    fn identity(&self, object: &Value) -> Option<String> {
        object[view::IDENTITY].as_str().map(str::to_owned)
    }
}

/// The app's project. It is read as `app`; what is written there are the columns that show how its rows stand.
struct Project {
    twin: Supabase,
    tables: Vec<(Kind, String)>,
}

impl Outside for Project {
    fn name(&self) -> &'static str {
        "app_status"
    }

    fn is_at(&self, host: &str, _: &str) -> bool {
        host.split('.').next() == Some("app")
    }

    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        through(self.twin.clone(), request)
    }

    fn writes(&self, request: &Request<Bytes>) -> bool {
        request.method() != Method::GET
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        let of = |(kind, table): &(Kind, String)| {
            let rows = self.twin.rows(table).into_iter();
            let shown = rows.map(|row| {
                (
                    format!("{kind}/{}", row["id"].as_str().unwrap_or_default()),
                    view::status(&row),
                )
            });
            shown.collect::<Vec<_>>()
        };
        self.tables.iter().flat_map(of).collect()
    }

    fn violations(&self) -> Vec<String> {
        self.twin.violations()
    }

    fn identity(&self, _: &Value) -> Option<String> {
        None
    }
}

fn through<T: Twin>(twin: T, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
    Box::pin(async move {
        twin.call(request)
            .await
            .map_err(|it| TransportError::NoAnswer(it.to_string()))
    })
}
