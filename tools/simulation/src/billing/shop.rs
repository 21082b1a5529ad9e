//! What the app knows: its customers, plans, services, invoices and payments, as it said them last.

use crate::sim::Sim;
use serde_json::{Map, Value, json};
use shared::model::{Kind, RecordKey};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Mutex as Turns;

/// By which doors the app says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Its server calls the API.
    Api,
    /// A row of its table changes.
    Table,
    /// Both.
    Both,
}

/// One thing that the app knows.
#[derive(Debug)]
pub(super) struct Thing {
    pub(super) key: RecordKey,
    pub(super) door: Door,
    /// With what it begins.
    pub(super) first: Map<String, Value>,
    /// What the app said last. Held while it is being said: the app's server says one thing after the other.
    pub(super) form: Turns<Map<String, Value>>,
    /// The last request, for a caller that sends it once more: body and Idempotency-Key.
    pub(super) last: Mutex<Option<(Value, String)>>,
    /// Whether an amount of it changed after it was said.
    pub(super) amended: AtomicBool,
    /// When it was changed last.
    pub(super) changed_ms: AtomicI64,
    /// Whether the API has said that the last change is in.
    pub(super) is_acknowledged: AtomicBool,
}

impl Thing {
    pub(super) fn has_row(&self) -> bool {
        self.door != Door::Api
    }

    pub(super) fn is_sent(&self) -> bool {
        self.door != Door::Table
    }

    /// What the app said last; empty: it never said anything.
    pub(super) fn now(&self) -> Map<String, Value> {
        self.form.try_lock().map(|it| it.clone()).unwrap_or_default()
    }

    /// A text that the app said last.
    pub(super) fn text(&self, name: &str) -> String {
        self.now()
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    pub(super) fn was_amended(&self) -> bool {
        self.amended.load(Ordering::Relaxed)
    }

    /// The table of its kind; products and plans have none.
    pub(super) fn table(&self) -> Option<&'static str> {
        Some(match self.key.kind.as_str() {
            "customer" => "customers",
            "service" => "customer_services",
            "invoice" => "customer_invoices",
            "payment" => "payment_transactions",
            _ => return None,
        })
    }
}

/// All things of one history, and what stands in Zoho Billing before it.
#[derive(Debug, Default)]
pub(super) struct Shop {
    things: Mutex<Vec<Arc<Thing>>>,
    old: Mutex<Vec<(twins::billing::Kind, Value)>>,
}

impl Shop {
    /// Whether nothing happens here.
    pub(super) fn is_empty(&self) -> bool {
        self.things().is_empty()
    }

    /// A new thing.
    pub(super) fn add(&self, kind: Kind, id: &str, door: Door, first: Map<String, Value>) -> Arc<Thing> {
        let thing = Arc::new(Thing {
            key: RecordKey::new(kind, id),
            door,
            first,
            form: Turns::default(),
            last: Mutex::default(),
            amended: AtomicBool::new(false),
            changed_ms: AtomicI64::new(0),
            is_acknowledged: AtomicBool::new(false),
        });
        self.things().push(thing.clone());
        thing
    }

    /// All things.
    pub(super) fn all(&self) -> Vec<Arc<Thing>> {
        self.things().clone()
    }

    /// The thing that a record is.
    pub(super) fn get(&self, key: &RecordKey) -> Option<Arc<Thing>> {
        self.things().iter().find(|it| it.key == *key).cloned()
    }

    /// Things of a kind.
    pub(super) fn of(&self, kind: &Kind) -> Vec<Arc<Thing>> {
        self.things()
            .iter()
            .filter(|it| it.key.kind == *kind)
            .cloned()
            .collect()
    }

    /// Somebody has made this thing in Zoho Billing before, by hand.
    pub(super) fn made_by_hand(&self, thing: &Thing) {
        let first = |name: &str| thing.first.get(name).cloned().unwrap_or_default();
        let made = match thing.key.kind.as_str() {
            "customer" => {
                let own = json!([{"label": "App Customer ID", "value": thing.key.id}]);
                let row = json!({"display_name": "Old name", "email": first("email"), "custom_fields": own});
                (twins::billing::Kind::Customer, row)
            }
            _ => (
                twins::billing::Kind::Product,
                json!({"name": first("name"), "description": "by hand"}),
            ),
        };
        self.old.lock().unwrap_or_else(PoisonError::into_inner).push(made);
    }

    /// Makes what stood there before the history began.
    pub(super) fn stand_already(&self, sim: &Sim) {
        for (kind, row) in self.old.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Err(refusal) = sim.world.systems.billing.insert(kind, &row) {
                sim.breach(format!("Zoho Billing refuses an object of the workload: {refusal}"));
            }
        }
    }

    fn things(&self) -> MutexGuard<'_, Vec<Arc<Thing>>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
