//! What all tests of the twins share: a clock that is moved by hand, and requests in one line.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;
use twins::{Lost, Now, Supabase, ZohoCrm, supabase, zoho};

/// 2026-01-02T03:04:05Z.
pub(crate) const START: i64 = 1_767_323_045;

/// A clock in milliseconds that moves only when told.
#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START * 1000)))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0
            .fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || Timestamp::from_millisecond(clock.0.load(Ordering::SeqCst)).unwrap())
    }
}

/// An answer that is easy to look at.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn of(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the error, or of the first item.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        let first = body.pointer("/data/0/code").or_else(|| body.pointer("/watch/0/code"));
        first
            .or_else(|| body.get("code"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

pub(crate) fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut builder = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::from(body.to_owned())).unwrap()
}

/// An org with a client that holds a token.
#[derive(Clone)]
pub(crate) struct Zoho {
    pub(crate) twin: ZohoCrm,
    pub(crate) clock: Clock,
    pub(crate) token: String,
}

pub(crate) const REFRESH: &str = "grant_type=refresh_token&client_id=1000.TWIN&client_secret=twin-client-secret\
                           &refresh_token=1000.twin.refresh";

impl Zoho {
    pub(crate) async fn new() -> Self {
        Self::with(zoho::Settings::default()).await
    }

    pub(crate) async fn with(settings: zoho::Settings) -> Self {
        let clock = Clock::new();
        let twin = ZohoCrm::new(settings, clock.now());
        Self::client(twin, clock).await
    }

    pub(crate) async fn client(twin: ZohoCrm, clock: Clock) -> Self {
        let mut zoho = Self {
            twin,
            clock,
            token: String::new(),
        };
        zoho.refresh().await;
        zoho
    }

    pub(crate) async fn refresh(&mut self) {
        let answer = self.mint().await;
        self.token = answer.json()["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn mint(&self) -> Answer {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let request = request("POST", "https://accounts.zoho.eu/oauth/v2/token", &form, REFRESH);
        Answer::of(self.twin.call(request).await.unwrap())
    }

    pub(crate) async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Lost> {
        let bearer = format!("Zoho-oauthtoken {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let uri = format!("https://www.zohoapis.eu/crm/v8{path}");
        self.twin.call(request(method, &uri, &all, body)).await.map(Answer::of)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], &body.to_string()).await
    }

    pub(crate) async fn coql(&self, query: &str) -> Answer {
        self.post("/coql", serde_json::json!({ "select_query": query })).await
    }
}

/// A project with a client that holds its secret key.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) twin: Supabase,
    pub(crate) clock: Clock,
    pub(crate) key: String,
}

impl Base {
    pub(crate) fn portal() -> Self {
        Self::with(supabase::Settings::portal())
    }

    pub(crate) fn back_office() -> Self {
        Self::with(supabase::Settings::back_office(true))
    }

    pub(crate) fn with(settings: supabase::Settings) -> Self {
        let clock = Clock::new();
        let key = format!("sb_secret_{}", settings.project);
        Self {
            twin: Supabase::new(settings, clock.now()),
            clock,
            key,
        }
    }

    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let uri = format!("https://project.supabase.co/rest/v1{path}");
        Answer::of(self.twin.call(request(method, &uri, headers, body)).await.unwrap())
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("apikey", self.key.as_str())];
        all.extend_from_slice(headers);
        self.raw(method, path, &all, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, prefer: &str, body: Value) -> Answer {
        self.send("POST", path, &[("prefer", prefer)], &body.to_string()).await
    }
}

/// A directory of this test's own, empty.
pub(crate) fn directory(name: &str) -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("twins-{name}-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&dir));
    dir
}
