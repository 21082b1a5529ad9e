//! What stands in the end, in the product's own types.

use crate::sim::Sim;
use crate::table::{ItemKey, content};
use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::app::App;
use shared::intake::Intake;
use shared::model::{Link, Record, RecordKey, System};
use shared::sync::ledger::Attempt;
use std::collections::BTreeMap;

/// What stands in the end.
#[derive(Debug)]
pub struct Facts {
    /// An app, for the table of fields and the settings.
    pub app: App,
    /// Records.
    pub records: BTreeMap<RecordKey, Record>,
    /// Links by item.
    pub links: BTreeMap<ItemKey, Link>,
    /// The ledger, by record.
    pub attempts: BTreeMap<RecordKey, Vec<Attempt>>,
    /// Webhooks and rows set aside, by item; whether it is still open.
    pub intakes: BTreeMap<ItemKey, (Intake, bool)>,
    /// The systems' objects.
    pub objects: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

impl Facts {
    /// Reads them.
    ///
    /// # Errors
    /// When an item is not of its type.
    pub fn read(sim: &Sim) -> Result<Self> {
        let mut facts = Self {
            app: sim.operator()?,
            records: BTreeMap::new(),
            links: BTreeMap::new(),
            attempts: BTreeMap::new(),
            intakes: BTreeMap::new(),
            objects: sim.outside.iter().map(|it| (it.name(), it.objects())).collect(),
        };
        for (key, item) in sim.history().table.now() {
            facts.take(key, item).with_context(|| format!("{}/{}", key.0, key.1))?;
        }
        Ok(facts)
    }

    fn take(&mut self, key: &ItemKey, item: &Value) -> Result<()> {
        match key.1.split('#').next().unwrap_or_default() {
            "record" => {
                let record: Record = body(item)?;
                self.records.insert(record.key.clone(), record);
            }
            "link" => _ = self.links.insert(key.clone(), body(item)?),
            "attempt" => {
                let record = RecordKey::parse(&key.0).context("no record's key")?;
                self.attempts.entry(record).or_default().push(body(item)?);
            }
            "intake" if content(item).get("received_at").is_some() => {
                let open = item["due_pk"]["S"] == "intake#open";
                self.intakes.insert(key.clone(), (body(item)?, open));
            }
            _ => {}
        }
        Ok(())
    }

    /// The links to systems that we write to.
    pub fn written_links(&self) -> impl Iterator<Item = &Link> {
        self.links.values().filter(|it| self.is_written(it))
    }

    /// The link of a record to a system.
    #[must_use]
    pub fn link(&self, record: &RecordKey, system: &System) -> Option<&Link> {
        self.links.get(&(record.to_string(), format!("link#{system}")))
    }

    fn is_written(&self, link: &Link) -> bool {
        let spec = self.app.kind(&link.record.kind).ok();
        spec.and_then(|it| it.route(&link.system)).is_some_and(|it| it.written)
    }

    /// The object that a link is linked to.
    #[must_use]
    pub fn object(&self, link: &Link) -> Option<&Value> {
        let id = format!("{}/{}", link.record.kind, link.remote_id.as_ref()?);
        self.objects.get(link.system.as_str())?.get(&id)
    }
}

/// An item's content in the product's own type.
///
/// # Errors
/// When it is not of that type.
pub(super) fn body<T: DeserializeOwned>(item: &Value) -> Result<T> {
    let content = content(item);
    T::deserialize(&content).with_context(|| format!("understand {content}"))
}
