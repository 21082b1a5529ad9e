//! Zoho CRM, API v8: records, deleted records, field metadata, notification channels.
//!
//! Source of every wire fact: `docs/vendors.md`, part 1, named below by its numbers. A method
//! makes one call (`find` and `channels` may make several) and never tries again by itself.

mod answer;
mod channels;
mod codes;
mod fields;
mod find;
pub mod limits;
mod lists;
mod rows;
mod times;
mod writes;

pub use channels::{Channel, Watched};
pub use fields::FieldMeta;
pub use lists::Page;

use crate::systems::CallError;
use crate::systems::http::{Base, Http, Request, Response};
use crate::systems::zoho_accounts::Access;
use http::Method;
use serde_json::Value as Json;

/// Zoho CRM's API for one organisation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ZohoCrm {
    http: Http,
    base: Base,
}

impl ZohoCrm {
    /// A client of the API at `base`, such as `https://www.zohoapis.eu`, without a path.
    #[must_use]
    pub fn new(http: Http, base: Base) -> Self {
        Self { http, base }
    }

    fn get(&self, access: &Access, path: &[&str]) -> Request {
        access.sign(Request::get(&access.base(&self.base), &under_v8(path)))
    }

    /// A read that Zoho takes by POST.
    fn ask(&self, access: &Access, path: &[&str]) -> Request {
        access.sign(Request::read(Method::POST, &access.base(&self.base), &under_v8(path)))
    }

    fn change(&self, method: Method, access: &Access, path: &[&str]) -> Request {
        access.sign(Request::write(method, &access.base(&self.base), &under_v8(path)))
    }

    /// Sends a read; `None` is Zoho's way to say "no rows" (204) or "nothing newer" (304).
    async fn read_json(&self, request: Request) -> Result<Option<Json>, CallError> {
        answer::of_read(&self.send(request).await?)
    }

    async fn send(&self, request: Request) -> Result<Response, CallError> {
        self.http.send(request).await
    }
}

fn under_v8<'a>(path: &[&'a str]) -> Vec<&'a str> {
    [&["crm", "v8"], path].concat()
}

#[cfg(test)]
mod tests;
