//! Status words that had no place in the table: looked at again when the table changes.

use super::CLASSES;
use crate::app::App;
use crate::model::{Event, Held, Link, Patch, Patches, Status, next};
use crate::store::{Candidate, Places, Put, keys};
use crate::sync::accept::{self, Accepted, link_places};
use anyhow::Result;
use jiff::Timestamp;

/// Links that are looked at in one turn.
const MOST: usize = 10_000;

/// When the status table has changed, the links that wait for a word are looked at again; the table's hash is noted
/// only after all of them, so that a turn that ends early is made good by the next.
pub(super) async fn reopen(app: &App) -> Result<()> {
    let note = keys::note("lead_status_map");
    let stored = app.store.get::<String>(&note).await?;
    let hash = app.config.statuses.hash();
    if stored.as_ref().is_some_and(|it| it.body == hash) || !all_freed(app).await? {
        return Ok(());
    }
    let rev = stored.as_ref().map(|it| it.rev.as_str());
    app.store.put(&note, &hash, rev, &Places::default()).await.map(|_| ())
}

async fn all_freed(app: &App) -> Result<bool> {
    let mut all = true;
    for route in app.kinds.iter().flat_map(|it| &it.routes) {
        for class in CLASSES {
            let system = route.system.as_str();
            let due = app.store.due(system, "attention", class, Timestamp::MAX, MOST).await?;
            for candidate in due {
                all &= free(app, &candidate, route.written).await?;
            }
        }
    }
    Ok(all)
}

fn waits_for_a_word(held: &Held) -> bool {
    held.why != "conflict"
}

/// Whether the link waits no longer.
async fn free(app: &App, candidate: &Candidate, written: bool) -> Result<bool> {
    let Some(stored) = app.store.get::<Link>(&candidate.key).await? else {
        return Ok(true);
    };
    let mut link = stored.body;
    if !link.held_fields.values().any(waits_for_a_word) {
        return Ok(true);
    }
    let theirs = news(&mut link);
    if written && link.status != Status::Held {
        link.status = next(link.status, Event::Accepted).unwrap_or(link.status);
        link.opens += 1;
        link.opened_at.get_or_insert(app.clock.now());
        link.due_at = Some(app.clock.now());
    }
    if app
        .store
        .put(&candidate.key, &link, Some(&stored.rev), &link_places(&link))
        .await?
        == Put::Conflict
    {
        return Ok(false);
    }
    // What the source showed stays held until this takes it, or a turn that dies here would forget it.
    let accepted = accept::again(app, &link, theirs).await?;
    Ok(!matches!(accepted, Some(Accepted::Later { .. })))
}

/// What the source showed is to be read as news once more; our own words are looked up again by the push.
fn news(link: &mut Link) -> Patches {
    let shown = link.held_fields.iter().filter(|it| it.1.why == "word");
    let theirs: Patches = shown
        .map(|(field, held)| (field.clone(), Patch::from(held.theirs.clone())))
        .collect();
    for field in theirs.keys() {
        link.receipt.seen.remove(field);
    }
    link.held_fields.retain(|_, held| held.why != "no word");
    theirs
}
