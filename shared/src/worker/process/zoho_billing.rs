//! What Zoho Billing announces: the object is read again, its receipt brought up to date. Nothing is pushed back: what
//! differs from the record is noted for people.

use super::not_read;
use crate::app::App;
use crate::intake::Ended;
use crate::model::{Kind, Link, RecordKey, System};
use crate::store::{Put, keys};
use crate::sync::accept::link_places;
use crate::sync::find::alias_owner;
use crate::sync::ledger;
use crate::sync::target::{BillingTarget, Target as _};
use crate::systems::Seen;
use anyhow::Result;
use serde_json::Value as Json;

/// Kinds of ours, with the names that Zoho's bodies have for the object and its id.
const KINDS: [(Kind, &str, &str); 6] = [
    (Kind::PAYMENT, "payment", "payment_id"),
    (Kind::INVOICE, "invoice", "invoice_id"),
    (Kind::SERVICE, "subscription", "subscription_id"),
    (Kind::CUSTOMER, "customer", "customer_id"),
    (Kind::PLAN, "plan", "plan_code"),
    (Kind::PRODUCT, "product", "product_id"),
];

pub(super) async fn zoho_billing(app: &App, body: &Json) -> Result<Ended> {
    let Some((kind, id)) = object(body) else {
        return Ok(Ended::Unreadable("no object that is billed is named".into()));
    };
    let Some(owner) = alias_owner(app, &kind, System::ZOHO_BILLING.as_str(), &id).await? else {
        // Made there by somebody else, or by a call of ours that is not committed yet: nothing of it is known to change.
        return Ok(Ended::Applied);
    };
    let Some(target) = BillingTarget::new(app, kind.clone()) else {
        return Ok(Ended::Later("Zoho Billing is not configured".into()));
    };
    let key = RecordKey::new(kind, owner);
    match target.read(&id).await {
        Ok(Some(seen)) => shown(app, &key, &seen).await,
        Ok(None) => {
            crate::sync::gone::mark(app, &key.kind, System::ZOHO_BILLING.as_str(), &id, "deleted").await?;
            Ok(Ended::Applied)
        }
        Err(error) => Ok(not_read(&error)),
    }
}

/// The innermost matter of an event: a payment's event shows its customer and invoice, too.
fn object(body: &Json) -> Option<(Kind, String)> {
    let data = ["data", "payload"].iter().find_map(|it| body.get(*it)).unwrap_or(body);
    let named = |(kind, one, id): &(Kind, &str, &str)| {
        let value = data.get(*one)?.get(*id)?;
        let id = value
            .as_str()
            .map(str::to_owned)
            .or_else(|| value.as_number().map(ToString::to_string))?;
        Some((kind.clone(), id))
    };
    KINDS.iter().find_map(named)
}

async fn shown(app: &App, key: &RecordKey, seen: &Seen) -> Result<Ended> {
    let at = keys::link(key, &System::ZOHO_BILLING);
    let Some(stored) = app.store.get::<Link>(&at).await? else {
        return Ok(Ended::Applied);
    };
    let mut link = stored.body;
    if link.is_under_way(app.clock.now()) {
        return Ok(Ended::Later(format!("{key} is being written")));
    }
    let before = link.receipt.clone();
    let changed = take(app, &mut link, seen)?;
    if link.receipt == before {
        return Ok(Ended::Applied);
    }
    let put = app
        .store
        .put(&at, &link, Some(&stored.rev), &link_places(&link))
        .await?;
    if put == Put::Conflict {
        return Ok(Ended::Later(format!("{key} was written meanwhile")));
    }
    if changed.is_empty() {
        return Ok(Ended::Applied);
    }
    let note = format!(
        "Zoho Billing shows something else than was sent: {}",
        changed.join(", ")
    );
    ledger::note(app, key, &System::ZOHO_BILLING, &note).await?;
    Ok(Ended::Applied)
}

/// Takes down what it shows; the fields in which that is neither what was sent nor what was shown before.
fn take(app: &App, link: &mut Link, seen: &Seen) -> Result<Vec<String>> {
    let shown = crate::sync::push::shown(app.kind(&link.record.kind)?, &System::ZOHO_BILLING, &seen.fields);
    let mut changed = Vec::new();
    for (name, value) in shown {
        let known = link.receipt.sent.contains_key(&name) || link.receipt.seen.contains_key(&name);
        if known && !link.receipt.agrees(&name, &value) {
            changed.push(name.clone());
        }
        // Also what agrees with what was sent: what was shown in between stands no more.
        if known {
            link.receipt.seen.insert(name, value);
        }
    }
    link.receipt.learn(seen.modified, app.clock.now());
    Ok(changed)
}
