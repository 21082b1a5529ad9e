//! One kind at the desk: one record in a call; what an answer's status means.

use super::kinds::{CALLER, DESK, NOTE, OWN_KEY, TICKET};
use super::twin::HOST;
use anyhow::Context as _;
use http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use shared::app::App;
use shared::model::{Fields, Kind, System};
use shared::sync::budget::{Limit, Limits};
use shared::sync::target::{Job, Results, Target, WriteClass};
use shared::systems::http::{Base, Effect, Request, Response};
use shared::systems::{Action, CallError, Seen, Written};
use std::time::Duration;

const KEY: &str = "Bearer desk-key";
/// By how much our machines' clocks may differ: a slot taken on one may look older or younger on the other.
const CLOCKS: Duration = Duration::from_secs(1);

/// One kind at the desk.
#[derive(Debug)]
pub struct DeskTarget {
    app: App,
    base: Base,
    kind: Kind,
    table: &'static str,
}

impl DeskTarget {
    /// Callers, tickets or notes.
    ///
    /// # Errors
    /// The desk has no such kind.
    pub fn new(app: &App, kind: Kind) -> anyhow::Result<Self> {
        let tables = [(CALLER, "callers"), (TICKET, "tickets"), (NOTE, "notes")];
        let table = tables.into_iter().find(|it| it.0 == kind);
        Ok(Self {
            app: app.clone(),
            base: Base::parse(&format!("https://{HOST}"))?,
            table: table.with_context(|| format!("the desk has no {kind}"))?.1,
            kind,
        })
    }

    async fn ask(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Response, CallError> {
        let path = [&["api", self.table], path].concat();
        let mut request = Request::get(&self.base, &path);
        if !query.is_empty() {
            request = request.query(query);
        }
        let answer = self.app.http.send(request.header("authorization", KEY)).await?;
        accepted(Effect::Reads, answer)
    }

    async fn tell(&self, method: Method, path: &[&str], body: Map<String, Json>) -> Result<Seen, CallError> {
        let path = [&["api", self.table], path].concat();
        let request = Request::write(method, &self.base, &path).header("authorization", KEY);
        let answer = self.app.http.send(request.json(&body.into())).await?;
        let answer = accepted(Effect::Writes, answer)?;
        let shown = answer.json().ok().flatten().and_then(seen);
        shown.ok_or_else(|| CallError::Unknown("a success without its object".to_owned()))
    }

    fn columns(&self, fields: &Fields) -> Map<String, Json> {
        let spec = self.app.kind(&self.kind).ok();
        let column = |name: &str| spec.and_then(|it| it.field(name)?.column(&DESK)).map(str::to_owned);
        let named = fields
            .iter()
            .filter_map(|(name, it)| Some((column(name)?, it.to_json())));
        named.collect()
    }

    /// The field that names the parent, with the desk's own id of it. Without one a child is sent without it, for the desk
    /// to judge: to wait is the engine's part.
    fn parent(&self, job: &Job) -> Option<(String, Json)> {
        let spec = self.app.kind(&self.kind).ok()?;
        let kind = &spec.route(&DESK)?.parents.first()?.kind;
        Some((format!("{kind}_id"), job.parents.get(kind)?.clone().into()))
    }

    async fn make(&self, job: &Job) -> Result<Written, CallError> {
        let mut body = self.columns(&job.send);
        body.extend(self.parent(job));
        let made = self.tell(Method::POST, &[], body).await?;
        Ok(written(made, Action::Inserted))
    }

    async fn change(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        let changed = self.tell(Method::PUT, &[id], self.columns(&job.send)).await?;
        Ok(written(changed, Action::Updated))
    }

    async fn look(&self, job: &Job) -> Result<Vec<Seen>, CallError> {
        let own = job.wanted.get(OWN_KEY).and_then(|it| it.as_text());
        let Some(own) = own.filter(|_| self.create_class() == WriteClass::Findable) else {
            return Ok(Vec::new());
        };
        let answer = self.ask(&[], &[("ref", own)]).await?;
        let Ok(Some(Json::Array(rows))) = answer.json() else {
            return Err(CallError::Later("a list that is none".to_owned()));
        };
        let is_it = |it: &Seen| it.fields.get("ref").and_then(Json::as_str) == Some(own);
        Ok(rows.into_iter().filter_map(seen).filter(is_it).collect())
    }
}

impl Target for DeskTarget {
    fn kind(&self) -> Kind {
        self.kind.clone()
    }

    fn system(&self) -> System {
        DESK
    }

    fn limits(&self) -> Limits {
        Limits {
            windows: vec![Limit {
                name: "ten_seconds",
                window: Duration::from_secs(10) + CLOCKS,
                allowed: 8,
            }],
            concurrency: 3,
        }
    }

    fn batch(&self) -> usize {
        1
    }

    fn create_class(&self) -> WriteClass {
        match self.kind == NOTE {
            true => WriteClass::Unfindable,
            false => WriteClass::Findable,
        }
    }

    fn units(&self, _count: usize, _writes: bool) -> u64 {
        1
    }

    async fn find(&self, jobs: &[Job]) -> Result<Vec<Vec<Seen>>, CallError> {
        let mut found = Vec::new();
        for job in jobs {
            found.push(self.look(job).await?);
        }
        Ok(found)
    }

    async fn read(&self, id: &str) -> Result<Option<Seen>, CallError> {
        match self.ask(&[id], &[]).await {
            Ok(answer) => match answer.json().ok().flatten().and_then(seen) {
                Some(seen) => Ok(Some(seen)),
                None => Err(CallError::Later("an object that is none".to_owned())),
            },
            Err(CallError::Gone(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn create(&self, jobs: &[Job]) -> Results {
        let mut results = Vec::new();
        for job in jobs {
            results.push(Ok(self.make(job).await?));
        }
        Ok(results)
    }

    async fn update(&self, jobs: &[Job]) -> Results {
        let mut results = Vec::new();
        for job in jobs {
            results.push(Ok(self.change(job).await?));
        }
        Ok(results)
    }

    fn alone(&self, _job: &Job) -> bool {
        true
    }
}

/// The desk says 503 before it does anything; of any other break nobody knows how far it came.
fn accepted(effect: Effect, answer: Response) -> Result<Response, CallError> {
    let status = answer.status().as_u16();
    let said = answer.json().ok().flatten().unwrap_or(Json::Null);
    let why = match said["error"].as_str() {
        Some(said) => format!("HTTP {status}: {said}"),
        None => format!("HTTP {status}"),
    };
    let wait = answer.retry_after().map(|it| it + CLOCKS);
    Err(match status {
        200..300 => return Ok(answer),
        429 => CallError::Wait { wait, why },
        503 if wait.is_some() => CallError::Wait { wait, why },
        503 => CallError::Later(why),
        408 | 500.. => effect.lost(why),
        401 | 403 => CallError::Forbidden(why),
        404 => CallError::Gone(why),
        _ => CallError::Rejected(why),
    })
}

fn seen(object: Json) -> Option<Seen> {
    let Json::Object(fields) = object else { return None };
    let text = |name: &str| fields.get(name).and_then(Json::as_str);
    let modified: Option<Timestamp> = text("modified_at").and_then(|it| it.parse().ok());
    Some(Seen {
        id: text("id")?.to_owned(),
        modified,
        created: None,
        asked: None,
        gone: None,
        fields,
    })
}

fn written(seen: Seen, action: Action) -> Written {
    Written {
        id: seen.id,
        modified: seen.modified,
        action,
        seen: Some(seen.fields),
        held: None,
    }
}
