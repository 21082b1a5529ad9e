//! What is written for an arrival that changes something: the next record, its links, its aliases. Pure.

use super::decide::{Known, Writing, unclaimed};
use crate::app::App;
use crate::lead::contact::email;
use crate::model::{Arrival, Chosen, Class, Event, Fields, Held, Link, Record, Status, System, Value, next};
use crate::planted::{Bug, planted};
use crate::sync::fields::{Origin, Told, ToldOf, project};
use crate::sync::merge::Merged;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Accepted work is looked at by the sweep after this, if its message was lost: beyond a lease, so that taking the
/// lease touches no index.
const DUE_AFTER: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn plan(
    app: &App,
    arrival: &Arrival,
    known: &Known,
    source: Link,
    merged: Merged,
    class: Class,
) -> Result<Option<Writing>> {
    let now = app.clock.now();
    let (record, changed) = next_record(app, arrival, known, &merged, now)?;
    let before = source.clone();
    let is_written = app.kind(&arrival.kind)?.writes_to(&arrival.source);
    let is_told = !is_written && arrival.modified.is_none() && arrival.asked.is_none();
    let mut source = with_receipt(source, arrival, merged, now);
    if is_told && (changed || source != before) {
        source.receipt.told = Some(now);
    }
    let mut told = known.told();
    told.insert(source.system.clone(), Told::from(&source));
    let id_is_new = source.remote_id != before.remote_id;
    let is_news = changed || id_is_new || source != before;
    // Whether a second is over matters where our own writes may still be on their way in it.
    if is_written {
        source.receipt.was_shown(arrival.modified, arrival.asked);
    }
    let (mut links, mut wake) = (Vec::new(), Vec::new());
    for route in &app.kind(&arrival.kind)?.routes {
        let is_source = route.system == arrival.source;
        let stored = if is_source {
            source.clone()
        } else {
            known.link(&route.system)
        };
        let (opens, untold) = (stored.opens, is_untold(&stored));
        let link = match route.written && !planted(Bug::AcceptWithoutOpening) {
            // A row that is read once more is no reason to try again what was refused or left out.
            true if !is_news && !untold && matches!(stored.status, Status::Failed | Status::Skipped) => stored,
            true if is_source && planted(Bug::PullClosesLink) => closed(stored, record.version, now),
            true => open(app, &record, &told, stored, class, now)?,
            false => settled(stored, record.version, now),
        };
        // What has just been opened is told when it has ended.
        if !link.status.is_open() {
            told.insert(route.system.clone(), Told::from(&link));
        }
        if link.opens > opens && link.status == Status::Pending && !is_fed(app, &link) {
            wake.push(route.system.clone());
        }
        if known.links.get(&route.system).is_none_or(|it| it.body != link)
            && (is_source || changed || id_is_new || untold)
        {
            links.push(link);
        }
    }
    let new_aliases: Vec<_> = unclaimed(known).collect();
    if !changed && links.is_empty() && new_aliases.is_empty() {
        return Ok(None);
    }
    let dropped_alias = known
        .old_email
        .clone()
        .filter(|_| planted(Bug::AliasReleased) || email_replaced(known, &record, &new_aliases));
    Ok(Some(Writing {
        record,
        changed,
        links,
        new_aliases,
        dropped_alias,
        wake,
        ledger: None,
    }))
}

/// Whether the app has not been told of its row yet: the row was not there, or is older than the wish to be told.
fn is_untold(link: &Link) -> bool {
    link.system == System::APP_STATUS && link.remote_id.is_none() && !link.status.is_open()
}

/// An old e-mail is released in the transaction that claims the new one.
fn email_replaced(known: &Known, record: &Record, new_aliases: &[(String, String)]) -> bool {
    let old = known.record.as_ref().and_then(|it| it.body.keys.get("email"));
    let new = record.keys.get("email");
    old != new
        && new_aliases
            .iter()
            .any(|(name, value)| name == "email" && Some(value) == new)
}

fn next_record(app: &App, arrival: &Arrival, known: &Known, merged: &Merged, now: Timestamp) -> Result<(Record, bool)> {
    let spec = app.kind(&arrival.kind)?;
    let before = known.record.as_ref().map(|it| &it.body);
    let mut keys = before.map(|it| it.keys.clone()).unwrap_or_default();
    let own: BTreeSet<&str> = spec
        .fields
        .iter()
        .filter(|it| it.origin == Origin::Key)
        .map(|it| it.name)
        .collect();
    // A key of another system's (a portal id that Zoho shows) is taken up where none is known.
    let replaces = |name: &str| {
        let route = spec.route(&arrival.source).filter(|it| it.source);
        route.is_some_and(|it| !it.written || spec.names_a_parent(name))
    };
    for (name, value) in arrival.keys.iter().filter(|it| own.contains(it.0.as_str())) {
        if !known.is_anothers(name, value) && (replaces(name) || !keys.contains_key(name)) {
            keys.insert(name.clone(), value.clone());
        }
    }
    let unchanged = before.is_some_and(|it| it.fields.get("email") == merged.fields.get("email"));
    match merged.fields.get("email").and_then(Value::as_text).and_then(email) {
        // Another record's e-mail is data of this one, but no key of it.
        Some(email) if known.is_anothers("email", &email) => keys.remove("email"),
        Some(email) if unchanged && known.owner("email", &email).is_none() => None,
        Some(email) => keys.insert("email".into(), email),
        None => keys.remove("email"),
    };
    let changed = before.is_none_or(|it| it.fields != merged.fields || it.keys != keys);
    let from_portal = arrival.source == System::PORTAL;
    let record = Record {
        key: known.key.clone(),
        version: before.map_or(0, |it| it.version) + u64::from(changed),
        fields: merged.fields.clone(),
        keys,
        changed_at: if changed {
            now
        } else {
            before.map_or(now, |it| it.changed_at)
        },
        made_at: before.map_or(now, |it| it.made_at),
        origin: if changed {
            arrival.source.clone()
        } else {
            before.map_or(arrival.source.clone(), |it| it.origin.clone())
        },
        row_made: arrival
            .made
            .filter(|_| from_portal)
            .or(before.and_then(|it| it.row_made)),
        unconfirmed: !arrival.confirmed && before.is_none_or(|it| it.unconfirmed || changed),
    };
    let row_changed = before.is_some_and(|it| it.row_made != record.row_made || it.unconfirmed != record.unconfirmed);
    Ok((record, changed || row_changed))
}

fn with_receipt(mut source: Link, arrival: &Arrival, merged: Merged, now: Timestamp) -> Link {
    // What a system shows anew in place of what was sent is not there any more: only a row with the time of our own
    // write may tell what became of that.
    let own_write = source.receipt.is_of(arrival.modified);
    let receipt = &mut source.receipt;
    for (name, shown) in merged.seen.iter().filter(|it| receipt.seen.get(it.0) != Some(it.1)) {
        let is_it = |sent: &Value| sent == shown || (own_write && shown.is_form_of(sent));
        if receipt.sent.get(name).is_some_and(|it| !is_it(it)) {
            receipt.sent.remove(name);
        }
    }
    for (name, shown) in &merged.seen {
        source.receipt.shown(name, shown, arrival.modified);
    }
    source.receipt.seen.extend(merged.seen);
    source.receipt.learn(source.receipt.modified.max(arrival.modified), now);
    if arrival.source_id.is_some() {
        source.remote_id.clone_from(&arrival.source_id);
        source.chosen = source.chosen.filter(|it| *it == Chosen::Drop);
    }
    for field in &merged.freed {
        source.held_fields.remove(field);
    }
    source.held_fields.extend(merged.held);
    source
}

/// The link, opened if its system does not agree with the record.
pub(crate) fn open(
    app: &App,
    record: &Record,
    told: &ToldOf,
    mut link: Link,
    class: Class,
    now: Timestamp,
) -> Result<Link> {
    if link.is_dropped() {
        link.wanted_version = record.version;
        return Ok(link);
    }
    let spec = app.kind(&record.key.kind)?;
    let class = class.max(spec.class);
    let (wanted, unmapped) = project(spec, &link.system, record, told, &app.config.statuses);
    hold_words(&mut link, record, &unmapped);
    if agrees(&link, record, &wanted) {
        return Ok(settled(link, record.version, now));
    }
    let Some(status) = accepted(link.status) else {
        return Ok(link);
    };
    link.class = if link.status.is_open() {
        link.class.min(class)
    } else {
        class
    };
    link.wanted_version = record.version;
    link.opens += 1;
    if status == Status::Pending && link.status != Status::Pending {
        link.opened_at = Some(now);
        let due = if is_fed(app, &link) { now } else { now + DUE_AFTER };
        link.due_at = (!planted(Bug::DueNotSet)).then_some(due);
        link.attempts = 0;
        link.trouble_since = None;
    }
    link.status = status;
    Ok(link)
}

/// Whether a link is left to the sweep, which feeds it at its system's pace: a backfill's messages would only come back.
fn is_fed(app: &App, link: &Link) -> bool {
    link.class == Class::BACKFILL && app.pace(&link.system).is_some()
}

/// Agreement is about values, field by field.
fn agrees(link: &Link, record: &Record, wanted: &Fields) -> bool {
    if planted(Bug::AgreementByVersion) {
        return link.synced_version == record.version;
    }
    link.differences(wanted).is_empty()
}

/// What becomes of a link whose system does not agree. Held stays held.
fn accepted(status: Status) -> Option<Status> {
    if status == Status::Held && planted(Bug::HeldReopened) {
        return Some(Status::Pending);
    }
    next(status, Event::Accepted)
}

/// A status for which a system has no word is held; the other fields go on.
pub(crate) fn hold_words(link: &mut Link, record: &Record, unmapped: &[String]) {
    for field in unmapped {
        let ours = record.fields.get(field).cloned().unwrap_or(Value::Empty);
        let held = Held {
            theirs: Value::Empty,
            ours,
            why: "no word".into(),
        };
        link.held_fields.entry(field.clone()).or_insert(held);
    }
    link.held_fields
        .retain(|field, held| held.why != "no word" || unmapped.contains(field));
}

/// A link whose system agrees: its versions follow the record's, and it has not failed any more.
fn settled(mut link: Link, version: u64, now: Timestamp) -> Link {
    link.wanted_version = version;
    // What was never made there agrees with nothing.
    let has_failed = link.status == Status::Failed && link.remote_id.is_some();
    if let Some(status) = next(link.status, Event::Agreed).filter(|_| has_failed) {
        link.status = status;
        link.agreed(now);
    }
    if !link.status.is_open() && link.status != Status::Held {
        link.synced_version = version;
    }
    link
}

/// A link closed by what its system shows, whatever it is still owed: a mistake that can be planted.
fn closed(link: Link, version: u64, now: Timestamp) -> Link {
    let status = Status::Synced;
    settled(Link { status, ..link }, version, now)
}
