//! A link's new state, and the links of other systems that show it: one transaction, so that none is ever forgotten.

use crate::app::App;
use crate::model::{Link, Status, System};
use crate::planted::{Bug, planted};
use crate::store::{Change, Item, Put, keys};
use crate::sync::accept::{link_places, open_link, read_record};
use crate::sync::fields::{KindSpec, Route, Told, told_of};
use anyhow::{Context as _, Result};

/// Stores a link, `with` it one more change, and opens what shows the news of it. Whether nobody else was first.
///
/// # Errors
/// When the table does not answer, or the record can't be read.
pub(crate) async fn put(app: &App, stored: &Item<Link>, link: &Link, with: Option<Change>) -> Result<bool> {
    let at = keys::link(&link.record, &link.system);
    let spec = app.kind(&link.record.kind)?;
    let telling: Vec<&Route> = spec
        .routes
        .iter()
        .filter(|it| is_told(spec, it, stored, link))
        .collect();
    let mut changes: Vec<Change> = with.into_iter().collect();
    let woken = open_others(app, link, &telling, &mut changes).await?;
    if changes.is_empty() {
        let put = app.store.put(&at, link, Some(&stored.rev), &link_places(link)).await?;
        return Ok(matches!(put, Put::Done(_)));
    }
    changes.push(Change::put(&at, link, Some(&stored.rev), &link_places(link))?);
    let done = app.store.transact(changes).await?;
    if done {
        app.queues.wake(&link.record, &woken).await;
    }
    Ok(done)
}

/// Whether a system shows what is new in a link: its first remote id, where it has come to rest, or what it still waits
/// for. The others know nothing new: opened again, they would be written twice over and their batches filled twice.
fn is_told(spec: &KindSpec, route: &Route, stored: &Item<Link>, link: &Link) -> bool {
    let id_is_new = link.remote_id.is_some() && stored.body.remote_id.is_none();
    let shows_id = id_is_new && spec.shows_id(&route.system, &link.system);
    let has_ended = !link.status.is_open() && !planted(Bug::StandingNotTold);
    let shows_end = (has_ended || still_waits(&stored.body, link)) && spec.shows_standing(&route.system, &link.system);
    route.written && route.system != link.system && (shows_id || shows_end)
}

/// Whether it waits for the very parent for which it has waited before: most parents are there at the second look.
fn still_waits(before: &Link, link: &Link) -> bool {
    let why = |it: &Link| it.last_error.as_ref().map(|it| it.why.clone());
    link.status == Status::Parked && why(link).is_some() && why(link) == why(before)
}

async fn open_others(app: &App, link: &Link, telling: &[&Route], changes: &mut Vec<Change>) -> Result<Vec<System>> {
    if telling.is_empty() {
        return Ok(Vec::new());
    }
    let key = &link.record;
    let (record, others) = read_record(app, key).await?;
    let record = record.context("the record is gone")?.body;
    let mut told = told_of(others.values().map(|it| &it.body));
    told.insert(link.system.clone(), Told::from(link));
    let (mut woken, now) = (Vec::new(), app.clock.now());
    for route in telling {
        // A record that is older than the route has no link there yet.
        let other = others.get(&route.system);
        let before = other.map_or_else(|| Link::new(key.clone(), route.system.clone()), |it| it.body.clone());
        let opens = before.opens;
        let opened = open_link(app, &record, &told, before, link.class, now)?;
        // Written in any case: whoever is about to write there has read what this replaces, and must lose the race.
        if opened.opens > opens && opened.status == Status::Pending {
            woken.push(opened.system.clone());
        }
        let at = keys::link(key, &opened.system);
        changes.push(Change::put(
            &at,
            &opened,
            other.map(|it| it.rev.as_str()),
            &link_places(&opened),
        )?);
    }
    Ok(woken)
}
