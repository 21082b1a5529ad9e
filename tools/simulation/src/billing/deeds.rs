//! What the app does.

use super::door;
use super::shop::Thing;
use crate::flow::{Deed, Step};
use crate::sim::Sim;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use shared::model::Kind;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What is done to one thing.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// It is said for the first time, or with these fields changed.
    Say(Map<String, Value>),
    /// It is activated.
    Activate,
    /// The last request is sent once more.
    Again,
}

#[derive(Clone)]
struct OfThing {
    thing: Arc<Thing>,
    what: What,
    /// The Idempotency-Key of a call of the API.
    key: Option<String>,
}

/// Something done to a thing, at a time.
pub(super) fn step(at: Duration, thing: &Arc<Thing>, what: What, key: Option<String>) -> Step {
    let thing = thing.clone();
    Step {
        at,
        deed: Arc::new(OfThing { thing, what, key }),
    }
}

impl fmt::Debug for OfThing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_deref().unwrap_or("no key");
        write!(f, "the app ({:?}, {key}): {} ", self.thing.door, self.thing.key)?;
        match &self.what {
            What::Say(changes) => write!(f, "{}", Value::Object(changes.clone())),
            What::Activate => write!(f, "is activated"),
            What::Again => write!(f, "is sent once more"),
        }
    }
}

impl Deed for OfThing {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let OfThing { thing, what, key } = self.clone();
        Box::pin(async move {
            if matches!(what, What::Again) {
                return door::again(&sim, &thing).await;
            }
            let mut form = thing.form.lock().await;
            let is_new = form.is_empty();
            if is_new {
                form.clone_from(&thing.first);
                if matches!(what, What::Activate) {
                    door::say(&sim, &thing, &form, None).await;
                }
            }
            match what {
                What::Activate => {
                    form.insert("status".to_owned(), Value::from("active"));
                    door::activate(&sim, &thing, &form, key.as_deref()).await;
                }
                What::Say(changes) => {
                    // What was paid may be in Zoho Billing from the moment at which it was said on.
                    let counts = thing.key.kind != Kind::PAYMENT
                        || form
                            .get("status")
                            .is_some_and(|it| it == "completed" || it == "refunded");
                    if counts && !is_new && changes.contains_key("amount") {
                        thing.amended.store(true, Ordering::Relaxed);
                    }
                    form.extend(changes);
                    door::say(&sim, &thing, &form, key.as_deref()).await;
                }
                What::Again => {}
            }
        })
    }
}
