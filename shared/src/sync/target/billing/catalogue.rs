//! Products, found by name, and plans, found by code: both in lists that are kept, since they are few.

use super::calls::Slots;
use super::customers::several;
use super::maps::{Listed, tells};
use super::{BillingTarget, money, parent, text};
use crate::model::Kind;
use crate::sync::target::Job;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{NewPlan, ZohoBilling};
use crate::systems::{CallError, Seen, Written};
use rust_decimal::Decimal;
use serde_json::Value as Json;

impl BillingTarget {
    pub(super) async fn find_product(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        // A call without an answer may have made it under the name that it had then.
        let names = job.candidates("name");
        let is_own = |it: &str| names.iter().any(|name| name.as_text() == Some(it.trim()));
        let named = |it: &Seen| it.fields.get("name").and_then(Json::as_str).is_some_and(is_own);
        one(self.listed(job).await?.into_iter().filter(named).collect())
    }

    pub(super) async fn find_plan(&self, job: &Job) -> Result<Option<Seen>, CallError> {
        let code = job.record.key.id.clone();
        one(self.listed(job).await?.into_iter().filter(|it| it.id == code).collect())
    }

    /// All products, or all plans; asked for anew where the kept list does not tell.
    async fn listed(&self, job: &Job) -> Result<Vec<Seen>, CallError> {
        let mut maps = self.billing.maps.lock().await;
        let is_product = self.kind == Kind::PRODUCT;
        let kept = maps.of(&self.kind);
        let now = self.app.clock.now();
        if let Some(list) = kept.as_ref().filter(|it| tells(job, it.asked, now)) {
            return Ok(list.rows.clone());
        }
        let read = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            let (mut rows, mut next) = (Vec::new(), Some(1));
            while let Some(page) = next {
                slots.next().await?;
                let page = match is_product {
                    true => client.products(access, page).await?,
                    false => client.plans(access, page).await?,
                };
                next = page.next;
                rows.extend(page.whole()?);
            }
            Ok(rows)
        };
        let rows = self.look(job.link.class, read).await?;
        *kept = Some(Listed {
            rows: rows.clone(),
            asked: now,
        });
        Ok(rows)
    }

    /// What this process made is in its lists.
    async fn remember(&self, made: &Written) {
        let mut maps = self.billing.maps.lock().await;
        if let (Some(list), Some(seen)) = (maps.of(&self.kind), made.shown()) {
            list.rows.retain(|it| it.id != made.id);
            list.rows.push(seen);
        }
    }

    pub(super) async fn make_product(&self, job: &Job) -> Result<Written, CallError> {
        let (name, description) = (text(job, "name").unwrap_or_default(), description(job));
        let make = async |client: &ZohoBilling, access: &Access| client.create_product(access, name, description).await;
        let made = self.write(make).await?;
        self.remember(&made).await;
        Ok(made)
    }

    pub(super) async fn change_product(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        let (name, description) = (text(job, "name").unwrap_or_default(), description(job));
        let change =
            async |client: &ZohoBilling, access: &Access| client.update_product(access, id, name, description).await;
        let changed = self.write(change).await?;
        self.remember(&changed).await;
        Ok(changed)
    }

    pub(super) async fn make_plan(&self, job: &Job) -> Result<Written, CallError> {
        let plan = plan(job, parent(job, &Kind::PRODUCT)?);
        let make = async |client: &ZohoBilling, access: &Access| client.create_plan(access, &plan).await;
        let made = self.write(make).await?;
        self.remember(&made).await;
        Ok(made)
    }

    pub(super) async fn change_plan(&self, job: &Job) -> Result<Written, CallError> {
        // It stays with its product.
        let plan = plan(job, "");
        let change = async |client: &ZohoBilling, access: &Access| client.update_plan(access, &plan).await;
        let changed = self.write(change).await?;
        self.remember(&changed).await;
        Ok(changed)
    }
}

fn description(job: &Job) -> &str {
    text(job, "description").unwrap_or_default()
}

fn plan(job: &Job, product_id: &str) -> NewPlan {
    NewPlan {
        code: job.record.key.id.clone(),
        name: text(job, "name").unwrap_or_default().to_owned(),
        product_id: product_id.to_owned(),
        price: money(job, "price").unwrap_or(Decimal::ZERO),
        description: description(job).to_owned(),
    }
}

/// One that was found, or none; several are a person's.
fn one(mut found: Vec<Seen>) -> Result<Option<Seen>, CallError> {
    if found.len() > 1 {
        let ids: Vec<String> = found.into_iter().map(|it| it.id).collect();
        return Err(several(&ids));
    }
    Ok(found.pop())
}
