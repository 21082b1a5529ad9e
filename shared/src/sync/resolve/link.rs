//! A link that waits for a person: this remote object, a new one, or none.

use super::Decision;
use crate::app::App;
use crate::model::{Chosen, Event, LastError, Link, Receipt, RecordKey, Status, System, next};
use crate::store::{Item, keys};
use crate::sync::accept::leave_out;
use crate::sync::find::alias_owner;
use crate::sync::{ledger, retry, tell};
use anyhow::{Result, bail};

/// The systems in which a record waits for a decision.
///
/// # Errors
/// When the table does not answer.
pub async fn waiting(app: &App, key: &RecordKey) -> Result<Vec<System>> {
    let links = app.store.list::<Link>(&key.to_string(), "link#", 100).await?;
    let waits = |it: &Item<Link>| it.body.status == Status::Held || it.body.is_dropped();
    Ok(links
        .into_iter()
        .filter(|it| waits(&it.1))
        .map(|it| it.1.body.system)
        .collect())
}

/// Carries out a decision about a record's link. What is to be done there is done by the one write path, which reads
/// a chosen object first.
///
/// # Errors
/// When the decision contradicts what is known (one line that says why), or the table does not answer.
pub async fn decide(app: &App, key: &RecordKey, system: &System, decision: &Decision) -> Result<Link> {
    let spec = app.kind(&key.kind)?;
    if !spec.route(system).is_some_and(|it| it.written) {
        bail!("{system}: is no system that Concord writes {} to", key.kind);
    }
    if let Decision::As(id) = decision
        && let Some(owner) = alias_owner(app, &key.kind, system.as_str(), id).await?
        && owner != key.id
    {
        bail!("{id} in {system} belongs to {}#{owner}", key.kind);
    }
    let at = keys::link(key, system);
    loop {
        let Some(stored) = app.store.get::<Link>(&at).await? else {
            bail!("{key}: has no link to {system}");
        };
        let before = stored.body.remote_id.clone();
        let link = decided(app, stored.body.clone(), decision)?;
        if let Some(old) = before.filter(|_| link.remote_id.is_none()) {
            // Before the link is open: the old object must not come back by a pull.
            leave_out(app, system.as_str(), &old, &key.id).await?;
        }
        if !tell::put(app, &stored, &link, None).await? {
            continue;
        }
        ledger::note(app, key, system, &said(decision)).await?;
        if link.status.is_open() {
            retry::wake(app, key, system).await;
        }
        return Ok(link);
    }
}

fn said(decision: &Decision) -> String {
    match decision {
        Decision::As(id) => format!("a person chose {id}"),
        Decision::New => "a person asked for a new one".to_owned(),
        Decision::Drop => "a person dropped it".to_owned(),
    }
}

fn decided(app: &App, mut link: Link, decision: &Decision) -> Result<Link> {
    let event = if *decision == Decision::Drop {
        Event::Dropped
    } else {
        Event::Asked
    };
    let status = match (link.status, next(link.status, event)) {
        (Status::Synced, _) => None,
        // On its way: only dropping it is a decision.
        (open, Some(_)) if open.is_open() && event == Event::Asked => None,
        (_, status) => status,
    };
    let Some(status) = status else {
        bail!(
            "{}: is {} in {}, nothing waits for a decision",
            link.record,
            link.status.as_str(),
            link.system
        );
    };
    match decision {
        Decision::Drop => drop_out(app, &mut link, status),
        Decision::As(id) if link.remote_id.as_ref() == Some(id) && link.gone.is_none() => {
            link.chosen = None;
            retry::open(app, &mut link, status);
        }
        Decision::As(id) => begin_again(app, &mut link, Chosen::As(id.clone()), status),
        Decision::New => begin_again(app, &mut link, Chosen::New, status),
    }
    Ok(link)
}

fn drop_out(app: &App, link: &mut Link, status: Status) {
    link.chosen = Some(Chosen::Drop);
    link.status = status;
    link.due_at = None;
    link.last_error = Some(LastError {
        outcome: "skipped".into(),
        why: "dropped by a person".into(),
        at: app.clock.now(),
    });
}

/// What is known of another object says nothing of the one to come.
fn begin_again(app: &App, link: &mut Link, chosen: Chosen, status: Status) {
    link.chosen = Some(chosen);
    link.remote_id = None;
    link.receipt = Receipt::default();
    link.gone = None;
    link.held_fields.clear();
    retry::open(app, link, status);
}
