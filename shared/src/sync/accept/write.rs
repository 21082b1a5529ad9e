//! The transaction of an accepted arrival.

use super::Accepted;
use super::decide::{Known, Writing};
use crate::app::App;
use crate::model::{Link, RecordKey, System};
use crate::store::{Change, DueIndex, Places, keys};
use crate::sync::ledger;
use crate::sync::recount::totals_key;
use anyhow::Result;

/// Where a link stands in the indexes.
#[must_use]
pub(crate) fn link_places(link: &Link) -> Places {
    Places {
        due: DueIndex::of(link),
        ..Places::default()
    }
}

/// Writes all or nothing; `None` if somebody else was first.
pub(super) async fn write(app: &App, known: &Known, plan: Writing) -> Result<Option<Accepted>> {
    let key = known.key.clone();
    let mut changes = Vec::new();
    if plan.changed {
        let rev = known.record.as_ref().map(|it| it.rev.as_str());
        changes.push(Change::put(&keys::record(&key), &plan.record, rev, &Places::default())?);
    }
    for (name, value) in &plan.new_aliases {
        let alias = keys::alias(&key.kind, name, value);
        changes.push(Change::put(&alias, &key.id, None, &Places::default())?);
    }
    if let Some((alias, rev)) = &plan.dropped_alias {
        changes.push(Change::remove(alias, rev));
    }
    for link in &plan.links {
        let rev = known.links.get(&link.system).map(|it| it.rev.as_str());
        changes.push(Change::put(
            &keys::link(&key, &link.system),
            link,
            rev,
            &link_places(link),
        )?);
    }
    if !app.store.transact(changes).await? {
        return Ok(None);
    }
    if let Some(note) = &plan.ledger {
        ledger::note(app, &key, &System::PORTAL, note).await?;
    }
    let new = known.record.is_none();
    if new {
        count(app, &key).await;
    }
    app.queues.wake(&key, &plan.wake).await;
    let version = plan.record.version;
    Ok(Some(if plan.changed {
        Accepted::Changed { key, version, new }
    } else {
        Accepted::Same { key, version }
    }))
}

/// One more record of the kind: outside the transaction, since many records share the counter; the recount heals it.
async fn count(app: &App, key: &RecordKey) {
    let counter = totals_key(&key.kind);
    if let Err(error) = app.store.add(&counter, "total", 1).await {
        tracing::warn!(record = %key, error = format!("{error:#}"), "not counted; the nightly recount will");
    }
}
