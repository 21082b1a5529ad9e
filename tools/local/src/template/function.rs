//! Functions and their events.

use super::intrinsics::Scope;
use super::resource::number;
use super::{Result, fail};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// An `AWS::Serverless::Function`, with the globals merged in.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its logical id.
    pub logical_id: String,
    /// Its name everywhere else: the last part of `CodeUri`, else `FunctionName`.
    pub name: String,
    /// How long a call may take. Lambda's default is 3 s.
    pub timeout: Duration,
    /// Megabytes. Lambda's default is 128.
    pub memory: u64,
    /// Its variables, resolved.
    pub environment: BTreeMap<String, String>,
    /// Its routes in the HTTP API.
    pub routes: Vec<Route>,
    /// The queues that it works off.
    pub queues: Vec<QueueEvent>,
}

/// An event of type `HttpApi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// In upper case; `ANY` for all.
    pub method: String,
    /// `/leads/{id}`.
    pub path: String,
}

/// An event of type `SQS`, or an event source mapping of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEvent {
    /// The queue's logical id.
    pub queue: String,
    /// How many messages a call gets at most. The default is 10.
    pub batch_size: u64,
    /// How long a batch may fill.
    pub window: Duration,
    /// How many calls of this mapping may run at once, if limited.
    pub maximum_concurrency: Option<u64>,
    /// Whether the answer names the messages that failed.
    pub report_batch_item_failures: bool,
}

/// Reads one function.
pub(super) fn read(id: &str, properties: &Value, globals: &Value, scope: &Scope) -> Result<Function> {
    let merged = |name: &str| properties.get(name).unwrap_or(&globals[name]);
    let (routes, queues) = events(id, &properties["Events"], scope)?;
    Ok(Function {
        logical_id: id.to_owned(),
        name: name(id, merged("CodeUri"), scope)?,
        timeout: Duration::from_secs(number(id, "Timeout", merged("Timeout"), scope)?.unwrap_or(3)),
        memory: number(id, "MemorySize", merged("MemorySize"), scope)?.unwrap_or(128),
        environment: environment(id, properties, globals, scope)?,
        routes,
        queues,
    })
}

fn name(id: &str, code: &Value, scope: &Scope) -> Result<String> {
    let Some(uri) = scope.text(id, code)? else {
        return scope.name(id);
    };
    match uri.trim_end_matches('/').rsplit('/').next() {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => fail(id, format!("CodeUri {uri:?} does not end with a function's name")),
    }
}

fn environment(id: &str, properties: &Value, globals: &Value, scope: &Scope) -> Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    // SAM merges the two lists; the function's own value wins, also where it is no value at all.
    for variables in [globals, properties].map(|level| &level["Environment"]["Variables"]) {
        for (name, value) in variables.as_object().into_iter().flatten() {
            let place = format!("{id} (variable {name})");
            match scope.text(&place, value)? {
                Some(text) => drop(environment.insert(name.clone(), text)),
                None => drop(environment.remove(name)),
            }
        }
    }
    Ok(environment)
}

fn events(id: &str, events: &Value, scope: &Scope) -> Result<(Vec<Route>, Vec<QueueEvent>)> {
    let (mut routes, mut queues) = (Vec::new(), Vec::new());
    for (name, event) in events.as_object().unwrap_or(&Map::new()) {
        let place = format!("{id} (event {name})");
        let properties = &event["Properties"];
        match event["Type"].as_str() {
            Some("HttpApi") => routes.push(route(&place, properties, scope)?),
            Some("SQS") => queues.extend(queue(&place, "Queue", properties, scope)?),
            other => {
                return fail(
                    &place,
                    format!("the type {} is not understood", other.unwrap_or("(none)")),
                );
            }
        }
    }
    Ok((routes, queues))
}

fn off(place: &str, properties: &Value, scope: &Scope) -> Result<bool> {
    Ok(scope.text(place, &properties["Enabled"])?.as_deref() == Some("false"))
}

fn route(place: &str, properties: &Value, scope: &Scope) -> Result<Route> {
    let (method, path) = (
        scope.text(place, &properties["Method"])?,
        scope.text(place, &properties["Path"])?,
    );
    match (method, path) {
        (Some(method), Some(path)) => Ok(Route {
            method: method.to_ascii_uppercase(),
            path,
        }),
        _ => fail(place, "needs a Method and a Path"),
    }
}

/// Reads what a function works off; the queue's ARN stands under `source`. `None` where it is switched off.
pub(super) fn queue(place: &str, source: &str, properties: &Value, scope: &Scope) -> Result<Option<QueueEvent>> {
    if off(place, properties, scope)? {
        return Ok(None);
    }
    let Some(arn) = scope.text(place, &properties[source])? else {
        return fail(place, format!("{source} is missing"));
    };
    let count = |name: &str| number(place, name, &properties[name], scope);
    let limit = &properties["ScalingConfig"]["MaximumConcurrency"];
    let kinds = scope
        .value(place, &properties["FunctionResponseTypes"])?
        .unwrap_or_default();
    Ok(Some(QueueEvent {
        queue: scope.queue_id(place, &arn)?,
        batch_size: count("BatchSize")?.unwrap_or(10),
        window: Duration::from_secs(count("MaximumBatchingWindowInSeconds")?.unwrap_or(0)),
        maximum_concurrency: number(place, "MaximumConcurrency", limit, scope)?,
        report_batch_item_failures: kinds
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "ReportBatchItemFailures")),
    }))
}
