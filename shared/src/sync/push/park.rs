//! A child waits for its parent: parked with a note at the parent, released when the parent lands.

use super::commit;
use super::send::Step;
use crate::app::App;
use crate::model::{Event, Kind, Link, Outcome, Record, RecordKey, Status, System, next};
use crate::planted::{Bug, planted};
use crate::store::{Places, Put, keys};
use crate::sync::accept::link_places;
use crate::sync::fields::Parent;
use crate::sync::target::{Job, Target};
use anyhow::Result;

/// Whether a job waits for its parent.
pub(super) enum Parked {
    /// It may go, with the parent's id, if it has a parent.
    MayGo(Box<Job>),
    /// It waits.
    Waits(Step),
}

/// Parks the job if one of its parents is not in this system yet.
pub(super) async fn parked<T: Target>(app: &App, target: &T, mut job: Box<Job>) -> Result<Parked> {
    let spec = app.kind(&job.record.key.kind)?;
    let parents = spec.route(&target.system()).map(|it| it.parents.clone());
    for parent in parents.unwrap_or_default().into_iter().filter(|it| it.awaited) {
        let Some(id) = job.record.keys.get(parent.key) else {
            continue;
        };
        let key = RecordKey::new(parent.kind.clone(), id.clone());
        match stands(app, &parent, key, &target.system()).await? {
            Stands::There(kind, id) => _ = job.parents.insert(kind, id),
            Stands::LeftOut(key, why) if parent.needed => {
                return wait(app, target, job, &parent, key, why).await.map(Parked::Waits);
            }
            Stands::LeftOut(..) => {}
            Stands::NotYet(..) if planted(Bug::ParentNotAwaited) => {}
            Stands::NotYet(key, why) => {
                return wait(app, target, job, &parent, key, why).await.map(Parked::Waits);
            }
        }
    }
    Ok(Parked::MayGo(job))
}

/// Names those parents of a job that are there, and waits for none.
pub(super) async fn name_parents(app: &App, system: &System, job: &mut Job) -> Result<()> {
    let spec = app.kind(&job.record.key.kind)?;
    let parents = spec.route(system).map(|it| it.parents.clone()).unwrap_or_default();
    for parent in parents.into_iter().filter(|it| it.awaited) {
        let Some(id) = job.record.keys.get(parent.key) else {
            continue;
        };
        let key = RecordKey::new(parent.kind.clone(), id.clone());
        if let Stands::There(kind, id) = stands(app, &parent, key, system).await? {
            job.parents.insert(kind, id);
        }
    }
    Ok(())
}

/// Notes the job at the parent that it waits for, and parks it.
async fn wait<T: Target>(
    app: &App,
    target: &T,
    job: Box<Job>,
    role: &Parent,
    parent: RecordKey,
    why: Option<String>,
) -> Result<Step> {
    let system = target.system();
    let note = keys::waits(&parent, &system, &job.record.key);
    app.store.put(&note, &job.record.key, None, &Places::default()).await?;
    let on = parent.clone();
    let why = why.map_or_else(
        || format!("waits for {parent}"),
        |it| format!("waits for {parent}: {it}"),
    );
    let why = Some(why);
    let step = commit::settle(app, target, (*job).clone(), Outcome::Parked { on, why }).await?;
    raise(app, &parent, &job).await?;
    app.queues.wake(&parent, std::slice::from_ref(&system)).await;
    // It may have landed, or been left out, between the first look and the note.
    let link = app.store.get::<Link>(&keys::link(&parent, &system)).await?;
    let lets_go = |it: &Link| it.remote_id.is_some() || (it.status == Status::Skipped && !role.needed);
    if link.is_some_and(|it| lets_go(&it.body)) {
        release_children(app, &parent, &system).await?;
    }
    Ok(step)
}

/// How a parent stands in a system.
enum Stands {
    /// It is there, or what stands for it: its kind, and its id there.
    There(Kind, String),
    /// A rule or a person keeps it out, and nothing stands for it; which rule.
    LeftOut(RecordKey, Option<String>),
    /// This record is waited for, and what keeps it.
    NotYet(RecordKey, Option<String>),
}

async fn stands(app: &App, parent: &Parent, key: RecordKey, system: &System) -> Result<Stands> {
    let found = standing(app, key.clone(), system).await?;
    let (Stands::LeftOut(..), Some((kind, named_by))) = (&found, &parent.instead) else {
        return Ok(found);
    };
    let record = app.store.get::<Record>(&keys::record(&key)).await?;
    match record.and_then(|it| it.body.keys.get(*named_by).cloned()) {
        Some(id) => standing(app, RecordKey::new(kind.clone(), id), system).await,
        None => Ok(found),
    }
}

async fn standing(app: &App, key: RecordKey, system: &System) -> Result<Stands> {
    let link = app.store.get::<Link>(&keys::link(&key, system)).await?;
    let link = link.map(|it| it.body);
    let why = link
        .as_ref()
        .and_then(|it| it.last_error.as_ref())
        .map(|it| it.why.clone());
    Ok(match link {
        Some(Link {
            remote_id: Some(id), ..
        }) => Stands::There(key.kind, id),
        Some(link) if link.status == Status::Skipped => Stands::LeftOut(key, why),
        _ => Stands::NotYet(key, why),
    })
}

/// A parent goes in its child's class.
async fn raise(app: &App, parent: &RecordKey, child: &Job) -> Result<()> {
    let at = keys::link(parent, &child.link.system);
    let Some(link) = app.store.get::<Link>(&at).await? else {
        return Ok(());
    };
    if link.body.class <= child.link.class || !link.body.status.is_open() {
        return Ok(());
    }
    let raised = Link {
        class: child.link.class,
        ..link.body
    };
    // Losing the race costs priority only; whoever won opened the link anew, in its own class.
    app.store
        .put(&at, &raised, Some(&link.rev), &link_places(&raised))
        .await?;
    Ok(())
}

/// Releases what waits for a record in a system.
///
/// # Errors
/// When the table does not answer; the sweep looks at parked links, too.
pub async fn release_children(app: &App, parent: &RecordKey, system: &System) -> Result<()> {
    let prefix = format!("waits#{system}#");
    for (note, child) in app.store.list::<RecordKey>(&parent.to_string(), &prefix, 1_000).await? {
        release(app, &child.body, system).await?;
        app.queues.wake(&child.body, std::slice::from_ref(system)).await;
        app.store.remove(&note, &child.rev).await?;
    }
    Ok(())
}

async fn release(app: &App, child: &RecordKey, system: &System) -> Result<()> {
    let at = keys::link(child, system);
    while let Some(link) = app
        .store
        .get::<Link>(&at)
        .await?
        .filter(|it| it.body.status == Status::Parked)
    {
        let mut freed = link.body;
        freed.status = next(freed.status, Event::Released).unwrap_or(freed.status);
        freed.due_at = Some(app.clock.now());
        if matches!(
            app.store
                .put(&at, &freed, Some(&link.rev), &link_places(&freed))
                .await?,
            Put::Done(_)
        ) {
            break;
        }
    }
    Ok(())
}
