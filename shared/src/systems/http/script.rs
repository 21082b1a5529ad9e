//! A transport that answers from a script and remembers what it was asked (tests only).

use super::{Http, Transport, TransportError};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

type Answer = Result<http::Response<Bytes>, TransportError>;

/// A script of answers, in order; without any left it fails the test.
#[derive(Debug, Default)]
pub(crate) struct Script {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

impl Script {
    /// A client that gets these answers, and the script to look at afterwards.
    pub(crate) fn http<const N: usize>(answers: [Answer; N]) -> (Http, Arc<Self>) {
        let script = Self::of(answers);
        (Http::new(script.clone()), script)
    }

    /// A transport that gives these answers.
    pub(crate) fn of<const N: usize>(answers: [Answer; N]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into()),
            requests: Mutex::default(),
        })
    }

    /// A client that never gets an answer.
    pub(crate) fn silent() -> Http {
        Http::new(Arc::new(Silent))
    }

    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    /// The one request that was sent.
    pub(crate) fn only(&self) -> http::Request<Bytes> {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }
}

impl Transport for Script {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Answer> {
        self.requests.lock().unwrap().push(request);
        let answer = self
            .answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("an answer for this call");
        Box::pin(async { answer })
    }
}

#[derive(Debug)]
struct Silent;

impl Transport for Silent {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'static, Answer> {
        Box::pin(std::future::pending())
    }
}

/// An answer with this status and body.
pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Ok(http::Response::builder()
        .status(status)
        .body(Bytes::from(body.to_owned()))
        .unwrap())
}

/// The same with one header.
pub(crate) fn answer_with(status: u16, header: (&str, &str), body: &str) -> Answer {
    let built = http::Response::builder().status(status).header(header.0, header.1);
    Ok(built.body(Bytes::from(body.to_owned())).unwrap())
}

/// A request's JSON body.
pub(crate) fn json_of(request: &http::Request<Bytes>) -> Json {
    serde_json::from_slice(request.body()).unwrap()
}

/// A request's query as pairs, decoded.
pub(crate) fn query_of(request: &http::Request<Bytes>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
