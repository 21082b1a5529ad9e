//! Customers: found in the cached list by e-mail and confirmed by the custom field that carries our id.

use super::calls::Slots;
use super::maps::tells;
use super::{BillingTarget, text};
use crate::sync::target::Job;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{CustomField, CustomerMap, Found, Match, ZohoBilling};
use crate::systems::{CallError, Seen, Written};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Fields of the address, which Zoho nests and takes whole.
const ADDRESS: [&str; 5] = ["street", "city", "state", "zip", "country"];
/// Concord's names of the other fields, and Zoho's.
const PLAIN: [(&str, &str); 7] = [
    ("email", "email"),
    ("name", "display_name"),
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("company_name", "company_name"),
    ("phone", "phone"),
    ("currency", "currency_code"),
];

impl BillingTarget {
    pub(super) async fn find_customer(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        let map = self.customers(job).await?;
        let emails = job.candidates("email");
        let emails: Vec<&str> = emails.iter().filter_map(|it| it.as_text()).collect();
        if emails.iter().all(|it| map.ids(it).next().is_none()) {
            return Ok(None);
        }
        let ours = self.own_field(job);
        let find = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            let mut nobodys = BTreeSet::new();
            for email in emails {
                match client.find_customer(access, &map, email, ours, slots).await? {
                    Match::Confirmed(Found::Absent) => {}
                    Match::Confirmed(Found::One(seen)) => return Ok(Some(*seen)),
                    Match::Confirmed(Found::Several(ids)) => return Err(several(&ids)),
                    Match::Unconfirmed(ids) => nobodys.extend(ids),
                }
            }
            unconfirmed(job, &nobodys)
        };
        self.look(job.link.class, find).await
    }

    /// The list of customers, asked for anew where the kept one does not tell.
    async fn customers(&self, job: &Job) -> Result<CustomerMap, CallError> {
        let mut maps = self.billing.maps.lock().await;
        let now = self.app.clock.now();
        if let Some(map) = maps.customers.as_ref().filter(|it| tells(job, it.asked(), now)) {
            return Ok(map.clone());
        }
        let read = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            client.customer_map(access, now, slots).await
        };
        let map = self.look(job.link.class, read).await?;
        maps.customers = Some(map.clone());
        Ok(map)
    }

    fn own_field<'a>(&'a self, job: &'a Job) -> CustomField<'a> {
        CustomField {
            label: &self.billing.settings.customer_id_field,
            value: &job.record.key.id,
        }
    }

    pub(super) async fn make_customer(&self, job: &Job) -> Result<Written, CallError> {
        let fields = self.customer(job);
        let made =
            self.write(async |client: &ZohoBilling, access: &Access| client.create_customer(access, &fields).await);
        let made = made.await?;
        if let (Some(map), Some(seen)) = (&mut self.billing.maps.lock().await.customers, made.shown()) {
            map.add(&seen);
        }
        Ok(made)
    }

    pub(super) async fn change_customer(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.clone().unwrap_or_default();
        let mut fields = self.customer(job);
        // Of a customer with transactions it can't be changed, and one call for all would be refused for it.
        fields.remove("currency_code");
        let changed = self
            .write(async |client: &ZohoBilling, access: &Access| client.update_customer(access, &id, &fields).await);
        Ok(in_its_currency(job, changed.await?))
    }

    /// What is sent: the differing fields, what Zoho's schema always demands, and an address whole or not at all.
    fn customer(&self, job: &Job) -> Map<String, Json> {
        let sent = |name: &str| job.send.get(name).map(|it| it.to_json());
        let mut fields = Map::new();
        for (name, theirs) in PLAIN {
            let demanded = || matches!(name, "email" | "name").then(|| json!(text(job, name)));
            if let Some(value) = sent(name).or_else(demanded) {
                fields.insert(theirs.to_owned(), not_null(value));
            }
        }
        if ADDRESS.iter().any(|it| job.send.contains_key(*it)) {
            let part = |it: &&str| ((*it).to_owned(), json!(text(job, it).unwrap_or_default()));
            fields.insert("billing_address".to_owned(), ADDRESS.iter().map(part).collect());
        }
        if job.send.contains_key("app_id") {
            fields.insert("custom_fields".to_owned(), json!([self.own_field(job).to_json()]));
        }
        fields
    }
}

/// A customer whose amounts Zoho counts in another currency than the app is a person's matter.
fn in_its_currency(job: &Job, written: Written) -> Written {
    let shown = written.seen.as_ref().and_then(|it| it.get("currency_code")?.as_str());
    let own = text(job, "currency");
    let held = shown.zip(own).filter(|(shown, own)| shown != own);
    let held = held
        .map(|(shown, own)| format!("its currency in Zoho Billing is {shown}, can't be changed, and ours is {own}"));
    written.or_held(held)
}

/// Zoho empties a text by an empty one.
fn not_null(value: Json) -> Json {
    if value.is_null() { json!("") } else { value }
}

pub(super) fn several(ids: &[String]) -> CallError {
    CallError::Held(format!("several objects there have its key: {}", ids.join(", ")))
}

/// Customers with its e-mail and nobody's id: a person says whether one of them is it.
fn unconfirmed(job: &Job, nobodys: &BTreeSet<String>) -> Result<Option<Seen>, CallError> {
    if nobodys.is_empty() || !job.by_email() {
        return Ok(None);
    }
    let ids: Vec<&str> = nobodys.iter().map(String::as_str).collect();
    Err(CallError::Held(format!(
        "there with its e-mail, and without our id: {}",
        ids.join(", ")
    )))
}
