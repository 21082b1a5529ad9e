//! The envelope of a write: what may stand in it, and how its items become one answer.

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value, json};

use super::error::{Failure, body};
use super::settings::Settings;
use super::turn::Turn;
use super::watch::{self, Event};

/// Records in one call, triggers and check fields (docs/vendors.md §1.3).
const RECORDS: usize = 100;
const CHECK_FIELDS: usize = 10;
const TRIGGERS: usize = 10;
const TRIGGER_WORDS: [&str; 5] = ["workflow", "approval", "blueprint", "pathfinder", "orchestration"];
const KEYS: [&str; 7] = [
    "data",
    "trigger",
    "duplicate_check_fields",
    "lar_id",
    "wf_trigger",
    "skip_feature_execution",
    "$skip_feature_execution",
];

/// A write's body, understood.
pub(crate) struct Batch {
    pub(crate) data: Vec<Map<String, Value>>,
    /// `trigger` was left out or names `workflow`.
    pub(crate) workflows: bool,
    /// Fields by which an upsert looks for the record, those that Zoho really looks at, in order.
    pub(crate) checks: Vec<String>,
}

/// One record that was written.
pub(crate) struct Done {
    pub(crate) item: Value,
    pub(crate) event: Option<Event>,
}

impl Batch {
    pub(crate) fn read(settings: &Settings, given: &Value) -> Result<Self, Failure> {
        let Some(envelope) = given.as_object() else {
            return Err(Failure::typed("", "$", "jsonobject"));
        };
        if let Some(key) = envelope.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(Failure::new(
                "INVALID_DATA",
                json!({ "api_name": key, "json_path": format!("$.{key}") }),
            ));
        }
        Ok(Self {
            data: records(envelope.get("data"))?,
            workflows: workflows(envelope.get("trigger"))?,
            checks: checks(settings, envelope.get("duplicate_check_fields"))?,
        })
    }
}

fn records(data: Option<&Value>) -> Result<Vec<Map<String, Value>>, Failure> {
    let Some(data) = data else {
        return Err(Failure::new(
            "MANDATORY_NOT_FOUND",
            json!({ "api_name": "data", "json_path": "$.data" }),
        ));
    };
    let typed = |path: &str, kind: &str| Failure::typed("data", path, kind);
    let list = data.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| typed("$.data", "jsonarray"))?;
    if list.len() > RECORDS {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "api_name": "data", "limit": RECORDS }),
        ));
    }
    let object = |(place, record): (usize, &Value)| {
        record
            .as_object()
            .cloned()
            .ok_or_else(|| typed(&format!("$.data[{place}]"), "jsonobject"))
    };
    list.iter().enumerate().map(object).collect()
}

/// Left out: Zoho's default automations run. An empty list suppresses them.
fn workflows(trigger: Option<&Value>) -> Result<bool, Failure> {
    let Some(trigger) = trigger else {
        return Ok(true);
    };
    let words = strings("trigger", trigger, TRIGGERS)?;
    if let Some(place) = words.iter().position(|word| !TRIGGER_WORDS.contains(word)) {
        let path = format!("$.trigger[{place}]");
        let details = json!({ "api_name": "trigger", "json_path": path, "expected_values": TRIGGER_WORDS });
        return Err(Failure::new("INVALID_DATA", details));
    }
    Ok(words.contains(&"workflow"))
}

fn strings<'a>(name: &str, value: &'a Value, most: usize) -> Result<Vec<&'a str>, Failure> {
    let list = value
        .as_array()
        .ok_or_else(|| Failure::typed(name, &format!("$.{name}"), "jsonarray"))?;
    if list.len() > most {
        return Err(Failure::new(
            "LIMIT_EXCEEDED",
            json!({ "api_name": name, "limit": most }),
        ));
    }
    let text = |(place, value): (usize, &'a Value)| {
        value
            .as_str()
            .ok_or_else(|| Failure::typed(name, &format!("$.{name}[{place}]"), "text"))
    };
    list.iter().enumerate().map(text).collect()
}

/// Zoho checks its system field (Leads: Email) and fields marked unique. Any other name is no check at
/// all, so that the upsert silently inserts (docs/vendors.md §1.9). Default order: Email, then unique fields.
fn checks(settings: &Settings, given: Option<&Value>) -> Result<Vec<String>, Failure> {
    let unique = settings.fields.iter().filter(|f| f.unique && f.api_name != "Email");
    let Some(given) = given else {
        let names = std::iter::once("Email").chain(unique.map(|f| f.api_name.as_str()));
        return Ok(names.map(str::to_owned).collect());
    };
    let mut checks = Vec::new();
    for (place, name) in strings("duplicate_check_fields", given, CHECK_FIELDS)?
        .into_iter()
        .enumerate()
    {
        let path = format!("$.duplicate_check_fields[{place}]");
        let unknown = || Failure::new("INVALID_DATA", json!({ "api_name": name, "json_path": path }));
        let field = settings.field(name).ok_or_else(unknown)?;
        if field.unique || name == "Email" {
            checks.push(name.to_owned());
        }
    }
    Ok(checks)
}

/// Carries a batch out record by record, in order, and makes the answer. `success` is the status when all
/// went well; 207 when some did; else the errors' common status, or 400 (docs/vendors.md §1.4).
pub(crate) fn run(
    turn: &mut Turn<'_>,
    batch: &Batch,
    success: u16,
    each: impl Fn(&mut Turn<'_>, &Map<String, Value>, usize) -> Result<Done, Failure>,
) -> Response<Bytes> {
    let (mut items, mut events, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for (place, record) in batch.data.iter().enumerate() {
        let result = match turn.effects.record_error(place) {
            Some(code) => Err(Failure::new(code, json!({ "json_path": format!("$.data[{place}]") }))),
            None => each(turn, record, place),
        };
        match result {
            Ok(done) => {
                items.push(done.item);
                events.extend(done.event);
            }
            Err(failure) => {
                items.push(failure.item());
                failures.push(failure.status);
            }
        }
    }
    if batch.workflows && !events.is_empty() {
        turn.state.change(super::state::Change::Workflows(events.len() as u64));
    }
    watch::announce(turn, &events);
    let status = status(items.len(), &failures, success);
    body(status, &json!({ "data": items }))
}

fn status(items: usize, failures: &[u16], success: u16) -> u16 {
    match failures {
        [] => success,
        some if some.len() < items => 207,
        [first, rest @ ..] if rest.iter().all(|status| status == first) => *first,
        _ => 400,
    }
}
