//! What a flow brings into the world: its systems, what people do there, and, for a stand-in, its kinds and queues.

use crate::chance::Chance;
use crate::check::{Breach, Facts};
use crate::sim::Sim;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use jiff::Timestamp;
use local::world::{Guests, World};
use serde_json::Value;
use shared::lambda::Handler;
use shared::model::Link;
use shared::systems::http::TransportError;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something that a person or a program outside does, at a time.
#[derive(Clone, Debug)]
pub struct Step {
    /// When, since the beginning.
    pub at: Duration,
    /// What.
    pub deed: Arc<dyn Deed>,
}

/// Something that a person or a program outside does. Its `Debug` is its line in the timeline.
pub trait Deed: fmt::Debug + Send + Sync {
    /// Does it. What we are answered is noted in the world's history.
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()>;
}

/// A queue of a stand-in flow, with the function behind it.
#[derive(Clone, Debug)]
pub struct GuestQueue {
    /// The queue's name, as the engine asks for it.
    pub name: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// The function.
    pub handler: Handler,
    /// Messages that one call takes at most.
    pub batch: u64,
    /// Calls at once.
    pub at_once: u64,
}

/// One flow of the product, or a stand-in for one that is to come.
pub trait Flow: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The outside systems that it writes to or reads.
    fn systems(&self, world: &World) -> Vec<Arc<dyn Outside>>;

    /// What people do there in the hostile stretch of a history.
    fn steps(&self, chance: &Chance, span: Duration) -> Vec<Step>;

    /// Troubles of its systems in that stretch: storms, blocks, revoked tokens.
    fn troubles(&self, chance: &Chance, count: u64, span: Duration) -> Vec<Step>;

    /// Kinds and systems that the product does not know. Empty for a flow of the product.
    fn guests(&self) -> Guests {
        Guests::default()
    }

    /// Queues beside the template's.
    fn queues(&self) -> Vec<GuestQueue> {
        Vec::new()
    }

    /// What must stand before the history begins: keys of callers and the like.
    fn prepare(&self, sim: Sim) -> BoxFuture<'static, ()> {
        drop(sim);
        Box::pin(async {})
    }

    /// The functions that read its sources by a schedule: they run once more when the rest of a history is over.
    fn pulls(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether what people did, or what a rule of the business says, accounts for a link that is not synced.
    fn accounts_for(&self, facts: &Facts, link: &Link) -> bool {
        let _ = (facts, link);
        false
    }

    /// What was acknowledged and is not in, before any pull has run.
    fn unacknowledged(&self, sim: &Sim, facts: &Facts) -> Vec<Breach> {
        let _ = (sim, facts);
        Vec::new()
    }

    /// Rules of this flow beyond those that hold for all.
    fn rules(&self) -> Vec<crate::check::Rule> {
        Vec::new()
    }

    /// What breaks those of its rules that ask for what only the flow itself knows.
    fn breaches(&self, sim: &Sim, facts: &Facts) -> Vec<Breach> {
        let _ = (sim, facts);
        Vec::new()
    }
}

/// When a request was sent, among its extensions: it may be long on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAt(pub Timestamp);

/// An outside system of the world: a twin, and how the checker looks at it.
pub trait Outside: Send + Sync {
    /// Its name in the product.
    fn name(&self) -> &'static str;

    /// Whether this place is its own: two systems of one vendor may share a host.
    fn is_at(&self, host: &str, path: &str) -> bool;

    /// Answers a request; the effect happens when this is polled first.
    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>>;

    /// The caller lives and has this answer in its hands: from now on it knows what it says.
    fn received(&self, answer: &Response<Bytes>) {
        let _ = answer;
    }

    /// Whether a request may change objects that records are linked to.
    fn writes(&self, request: &Request<Bytes>) -> bool;

    /// All objects, by kind of record and remote id (`lead/554…`).
    fn objects(&self) -> BTreeMap<String, Value>;

    /// What it holds against us: limits passed, calls that no client should make.
    fn violations(&self) -> Vec<String>;

    /// By what an object is told apart in the business: two with the same are one too many. None: not told apart.
    fn identity(&self, object: &Value) -> Option<String>;
}
