//! The desk, as the world and the checker see it.

use super::twin::{Desk, HOST};
use crate::flow::Outside;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Request, Response};
use serde_json::Value;
use shared::systems::http::TransportError;
use std::collections::BTreeMap;

impl Outside for Desk {
    fn name(&self) -> &'static str {
        "desk"
    }

    fn is_at(&self, host: &str, _: &str) -> bool {
        host == HOST
    }

    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        let desk = self.clone();
        Box::pin(async move { Ok(desk.pass(&request).await) })
    }

    fn received(&self, answer: &Response<Bytes>) {
        Desk::received(self, answer);
    }

    fn writes(&self, request: &Request<Bytes>) -> bool {
        request.method() != Method::GET
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        Desk::objects(self)
    }

    /// But for calls in a block: who could know of it, the flow's own rule says.
    fn violations(&self) -> Vec<String> {
        let all = self.broken().into_iter();
        all.filter(|it| !it.in_known_block).map(|it| it.told).collect()
    }

    /// Notes, too, though nobody can look them up by it.
    fn identity(&self, object: &Value) -> Option<String> {
        object["ref"].as_str().map(str::to_owned)
    }
}
