//! The office: what it says stands in its own rows, and a message names the row; a function reads it as it is then.

use super::kinds::{OFFICE, arrival};
use crate::flow::Outside;
use crate::sim::Sim;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use local::queues::message::Outgoing;
use serde_json::{Value, json};
use shared::app::App;
use shared::job::{Incoming, Message};
use shared::lambda::Failed;
use shared::model::{Class, RecordKey};
use shared::sync::accept::{Accepted, accept};
use shared::systems::http::{Base, Request as Ask, TransportError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The queue of what the office has changed.
pub(super) const QUEUE: &str = "office";
const HOST: &str = "office.example";

/// A row of the office.
#[derive(Clone, Debug)]
pub(super) struct Row {
    parent: Option<String>,
    fields: BTreeMap<&'static str, String>,
    modified: Timestamp,
}

/// The office's rows, by the record that they are. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Office(Arc<Mutex<BTreeMap<RecordKey, Row>>>);

impl Office {
    /// Sets fields of a row, which may be new, at this time; what stood in them.
    pub(super) fn set(
        &self,
        key: &RecordKey,
        parent: Option<&String>,
        field: &'static str,
        value: &str,
        at: Timestamp,
    ) -> Option<String> {
        let mut rows = self.rows();
        let row = rows.entry(key.clone()).or_insert_with(|| Row {
            parent: None,
            fields: BTreeMap::new(),
            modified: Timestamp::UNIX_EPOCH,
        });
        row.parent = parent.cloned();
        // Two changes never have the same time.
        row.modified = at.max(row.modified + SignedDuration::from_millis(1));
        row.fields.insert(field, value.to_owned())
    }

    /// Tells that a row has changed: its key, not its data.
    pub(super) fn tell(sim: &Sim, key: &RecordKey) {
        let message = Message::Intake(OFFICE.to_string(), key.to_string()).write();
        let told = sim.world.aws.queues.send(QUEUE, Outgoing::new(message), sim.now_ms());
        if let Err(error) = told {
            sim.breach(format!("the office can't tell of {key}: {error}"));
        }
        sim.wake.notify_one();
    }

    fn shown(&self, path: &str) -> Option<Value> {
        let key = RecordKey::parse(&path.strip_prefix("/rows/")?.replace('/', "#"))?;
        let row = self.rows().get(&key)?.clone();
        Some(json!({ "parent": row.parent, "fields": row.fields, "modified": row.modified.to_string() }))
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<RecordKey, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outside for Office {
    fn name(&self) -> &'static str {
        "office"
    }

    fn is_at(&self, host: &str, _: &str) -> bool {
        host == HOST
    }

    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        let shown = self.shown(request.uri().path());
        let mut answer = Response::new(Bytes::from(shown.clone().unwrap_or_default().to_string()));
        if shown.is_none() {
            *answer.status_mut() = StatusCode::NOT_FOUND;
        }
        Box::pin(async { Ok(answer) })
    }

    fn writes(&self, _: &Request<Bytes>) -> bool {
        false
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        BTreeMap::new()
    }

    fn violations(&self) -> Vec<String> {
        Vec::new()
    }

    fn identity(&self, _: &Value) -> Option<String> {
        None
    }
}

/// The function behind the office's queue: takes in the rows that messages name, as they are now.
pub(super) fn take_in(app: App, batch: Vec<Incoming>) -> BoxFuture<'static, Result<Failed>> {
    Box::pin(async move {
        let mut failed = Vec::new();
        for message in batch {
            if let Err(error) = take_in_row(&app, &message.body).await {
                tracing::warn!(error = format!("{error:#}"), "a row of the office comes again");
                failed.push(message.id);
            }
        }
        Ok(failed)
    })
}

async fn take_in_row(app: &App, body: &str) -> Result<()> {
    let Ok(Message::Intake(_, row)) = Message::read(body) else {
        bail!("not a message of the office")
    };
    let key = RecordKey::parse(&row).context("no row's key")?;
    let base = Base::parse(&format!("https://{HOST}"))?;
    let request = Ask::get(&base, &["rows", key.kind.as_str(), &key.id]);
    let answer = app.http.send(request).await.map_err(|it| anyhow::anyhow!("{it}"))?;
    anyhow::ensure!(
        answer.status() == StatusCode::OK,
        "the office answers {}",
        answer.status()
    );
    let shown = answer.json().ok().flatten().context("an answer that is no row")?;
    let named = shown["fields"].as_object().into_iter().flatten();
    let fields: Vec<(&str, &str)> = named
        .filter_map(|(name, it)| Some((name.as_str(), it.as_str()?)))
        .collect();
    let modified = shown["modified"].as_str().and_then(|it| it.parse().ok());
    let arrival = arrival(&key.kind, &key.id, shown["parent"].as_str(), &fields, modified);
    match accept(app, &arrival, Class::LIVE).await? {
        Accepted::Changed { key: found, .. } | Accepted::Same { key: found, .. } if found == key => Ok(()),
        other => bail!("{key} was not taken in: {other:?}"),
    }
}
