//! Status words that had no place in the table: looked at again when the table changes.

use crate::app::App;
use crate::model::{Event, Held, Link, Patch, Patches, Status, System, next};
use crate::store::{Candidate, Item, Places, Put, decode, keys};
use crate::sync::accept::{self, Accepted, link_places};
use crate::sync::fields::{KindSpec, Shape};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

const PAGE: usize = 100;
/// What is left of a turn for the sweep's other work.
const REST: Duration = Duration::from_secs(25);

/// How far the links of a new table were looked at, over several turns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Reached {
    /// The table's hash.
    hash: String,
    /// The last place in the index, by system.
    places: BTreeMap<String, String>,
    /// Whether a link was passed over that could not be written then: all are looked at once more.
    missed: bool,
    /// Whether this is the second time. One that takes several turns is made twice: a worker that knew the old table may
    /// have put a link behind the place that was reached.
    #[serde(default)]
    again: bool,
}

impl Reached {
    fn of(hash: &str) -> Self {
        Self {
            hash: hash.to_owned(),
            ..Self::default()
        }
    }
}

/// When the status table has changed, the links that wait for a word are looked at again; the table's hash is noted
/// only after all of them, so that a turn that ends early is made good by the next, which goes on where it stood.
pub(super) async fn reopen(app: &App) -> Result<()> {
    let note = keys::note("lead_status_map");
    let stored = app.store.get::<String>(&note).await?;
    let hash = app.config.statuses.hash();
    if stored.as_ref().is_some_and(|it| it.body == hash) {
        return Ok(());
    }
    let at = keys::note("lead_status_map.reached");
    let before = app.store.get::<Reached>(&at).await?;
    let begun = before.as_ref().map(|it| it.body.clone()).filter(|it| it.hash == hash);
    let mut reached = begun.unwrap_or_else(|| Reached::of(&hash));
    let (in_turns, again) = (!reached.places.is_empty(), reached.again);
    let ended = look_at_all(app, &mut reached).await?;
    let all = ended && !reached.missed && (again || !in_turns);
    if ended {
        reached = Reached {
            again: in_turns && !all,
            ..Reached::of(&hash)
        };
    }
    if before.as_ref().map_or_else(|| !all, |it| it.body != reached) {
        let rev = before.as_ref().map(|it| it.rev.as_str());
        app.store.put(&at, &reached, rev, &Places::default()).await?;
    }
    if !all {
        return Ok(());
    }
    let rev = stored.as_ref().map(|it| it.rev.as_str());
    app.store.put(&note, &hash, rev, &Places::default()).await.map(|_| ())
}

/// Whether the last link was reached before time was short.
async fn look_at_all(app: &App, reached: &mut Reached) -> Result<bool> {
    for (system, written) in places(app) {
        loop {
            let after = reached.places.get(system.as_str()).map(String::as_str);
            let page = app.store.all_after(system.as_str(), "attention", after, PAGE).await?;
            let Some(last) = page.last() else { break };
            let Some(all) = look_at(app, &page, written).await? else {
                return Ok(false);
            };
            reached.missed |= !all;
            reached.places.insert(system.to_string(), last.place.clone());
            if page.len() < PAGE {
                break;
            }
        }
    }
    Ok(true)
}

/// Where links stand whose records have a status, and whether those systems are written to.
fn places(app: &App) -> BTreeMap<System, bool> {
    let has_words = |it: &&KindSpec| it.fields.iter().any(|it| it.shape == Shape::Status);
    let routes = app.kinds.iter().filter(has_words).flat_map(|it| &it.routes);
    routes.map(|it| (it.system.clone(), it.written)).collect()
}

/// Whether all links of a page wait no longer, or can't be read; `None`: time is short.
async fn look_at(app: &App, page: &[Candidate], written: bool) -> Result<Option<bool>> {
    let wanted: Vec<_> = page.iter().map(|it| it.key.clone()).collect();
    let mut items = app.store.get_many(&wanted).await?;
    let mut all = true;
    for candidate in page {
        if app.time_left() < REST {
            return Ok(None);
        }
        let Some(raw) = items.remove(&candidate.key) else {
            continue;
        };
        match decode::<Link>(&candidate.key, raw) {
            Err(error) => passed_over(candidate, &error),
            Ok(link) => match free(app, candidate, link, written).await {
                Ok(freed) => all &= freed,
                Err(error) => {
                    passed_over(candidate, &error);
                    all = false;
                }
            },
        }
    }
    Ok(Some(all))
}

fn passed_over(candidate: &Candidate, error: &anyhow::Error) {
    tracing::error!(item = %candidate.key, error = format!("{error:#}"), "passed over when the status table changed");
}

fn waits_for_a_word(held: &Held) -> bool {
    held.why != "conflict"
}

/// Whether the link waits no longer.
async fn free(app: &App, candidate: &Candidate, stored: Item<Link>, written: bool) -> Result<bool> {
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
