//! Raw requests and whole answers, and what the table holds: for the tests at the doors.

use super::door::start;
use super::state;
use bytes::Bytes;
use http::Request;
use local::world::World;
use serde_json::Value;
use shared::api::auth::{ApiKey, Scope};
use shared::store::{Places, keys};
use std::time::Duration;

/// A request in the making.
pub struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Bytes,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub text: String,
    pub body: Value,
}

pub fn ask(method: &str, path: &str) -> Ask {
    Ask {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    }
}

impl Ask {
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string())
    }

    pub fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn of(self, world: &World) -> Answer {
        let mut request = Request::builder().method(self.method.as_str()).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let answer = world.request(request.body(self.body).unwrap(), "203.0.113.7").await;
        let kind = answer.headers().get("content-type");
        Answer {
            status: answer.status().as_u16(),
            kind: kind.map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default(),
            text: String::from_utf8_lossy(answer.body()).into_owned(),
            body: serde_json::from_slice(answer.body()).unwrap_or_default(),
        }
    }
}

impl Answer {
    /// A problem as RFC 9457 has it, with this status, naming this field.
    pub fn assert_problem(&self, status: u16, field: Option<&str>, of: &str) {
        assert_eq!(self.status, status, "{of}: {self:?}");
        assert_eq!(self.kind, "application/problem+json", "{of}: {self:?}");
        assert_eq!(self.body["status"], status, "{of}: {self:?}");
        assert_eq!(self.body["field"].as_str(), field, "{of}: {self:?}");
        let detail = self.body["detail"].as_str().unwrap_or_default();
        assert!(!detail.is_empty(), "{of}: {self:?}");
        if let Some(field) = field {
            assert!(detail.contains(field), "{of}: {detail}");
        }
    }
}

/// The partition keys of everything in the table that begins with `prefix`, sorted.
pub fn stored(world: &World, prefix: &str) -> Vec<String> {
    let found = items(world, prefix);
    let mut keys: Vec<String> = found.iter().map(|it| text(&it["pk"])).collect();
    keys.sort();
    keys
}

/// The items whose partition key begins with `prefix`, as the table writes them.
pub fn items(world: &World, prefix: &str) -> Vec<Value> {
    let begins = |it: &Value| text(&it["pk"]).starts_with(prefix);
    state::items(world).into_iter().filter(begins).collect()
}

fn text(value: &Value) -> String {
    value["S"].as_str().unwrap_or_default().to_owned()
}

/// Delivers nothing and lets the virtual clock go on.
pub async fn wait(world: &World, seconds: u64) {
    world.clock.sleep(Duration::from_secs(seconds)).await;
}

/// A key that opened this scope once.
pub async fn revoked(world: &World, secret: &str, scope: Scope) {
    let key = ApiKey {
        scopes: [scope].into(),
        name: "gone".to_owned(),
        revoked: true,
        made_at: start(),
    };
    let at = keys::api_key(secret);
    world
        .app()
        .store
        .put(&at, &key, None, &Places::default())
        .await
        .unwrap();
}
