//! A Supabase project's tables over PostgREST (`/rest/v1`).
//!
//! Source of every wire fact: `docs/vendors.md`, part 4, named below by its numbers. One request is
//! one transaction (§4.2). A method makes one call, but where it says otherwise, and never tries again by itself.

mod codes;
mod filters;
mod insert;
mod key;
mod reads;
mod rows;
mod writes;

pub use key::Key;
pub use rows::{Cursor, Row, Table};

use crate::systems::CallError;
use crate::systems::http::{Base, Effect, Http, Request, Response};
use http::Method;
use serde_json::Value as Json;

/// One Supabase project. Cheap to clone; `Debug` does not show the key.
#[derive(Clone, Debug)]
pub struct Supabase {
    http: Http,
    base: Base,
    key: Key,
}

impl Supabase {
    /// A client of the project at `base`, such as `https://abc.supabase.co`, without a path. Its keys bypass row
    /// level security (§4.1): every filter is ours to get right.
    #[must_use]
    pub fn new(http: Http, base: Base, key: Key) -> Self {
        Self { http, base, key }
    }

    fn get(&self, table: &str) -> Request {
        self.key.sign(Request::get(&self.base, &["rest", "v1", table]))
    }

    fn change(&self, method: Method, table: &str) -> Request {
        self.key
            .sign(Request::write(method, &self.base, &["rest", "v1", table]))
    }

    async fn read(&self, request: Request) -> Result<Response, CallError> {
        let answer = self.http.send(request).await?;
        accepted(Effect::Reads, &answer)?;
        Ok(answer)
    }

    async fn write(&self, request: Request) -> Result<Response, CallError> {
        let answer = self.http.send(request).await?;
        accepted(Effect::Writes, &answer)?;
        Ok(answer)
    }
}

fn accepted(effect: Effect, answer: &Response) -> Result<(), CallError> {
    if answer.status().is_success() {
        return Ok(());
    }
    let body = answer.json().ok().flatten().unwrap_or(Json::Null);
    Err(codes::refusal(
        effect,
        answer.status().as_u16(),
        answer.retry_after(),
        &body,
    ))
}

#[cfg(test)]
mod tests;
