//! A child waits for its parent: parked with a note at the parent, released when the parent lands.

use super::commit;
use super::send::Step;
use crate::app::App;
use crate::job::{Message, sync_queue};
use crate::model::{Event, Link, Outcome, RecordKey, Status, System, next};
use crate::planted::{Bug, planted};
use crate::store::{Places, Put, keys};
use crate::sync::accept::link_places;
use crate::sync::target::{Job, Target};
use anyhow::Result;

/// Whether a job waits for its parent.
pub(super) enum Parked {
    /// It may go, with the parent's id, if it has a parent.
    MayGo(Box<Job>),
    /// It waits.
    Waits(Step),
}

/// Parks the job if its parent has no remote id in this system.
pub(super) async fn parked<T: Target>(app: &App, target: &T, mut job: Box<Job>) -> Result<Parked> {
    let spec = app.kind(&job.record.key.kind)?;
    let Some((kind, named_by)) = spec.route(&target.system()).and_then(|it| it.parent.clone()) else {
        return Ok(Parked::MayGo(job));
    };
    let Some(id) = job.record.keys.get(named_by) else {
        return Ok(Parked::MayGo(job));
    };
    let parent = RecordKey::new(kind, id.clone());
    job.parent_id = landed(app, &parent, &target.system()).await?;
    if planted(Bug::ParentNotAwaited) || job.parent_id.is_some() {
        return Ok(Parked::MayGo(job));
    }
    let note = keys::waits(&parent, &target.system(), &job.record.key);
    app.store.put(&note, &job.record.key, None, &Places::default()).await?;
    let step = commit::settle(app, target, (*job).clone(), Outcome::Parked { on: parent.clone() }).await?;
    raise(app, &parent, &job).await?;
    let queue = sync_queue(&parent.kind, &target.system());
    if let Err(error) = app
        .queues
        .send(&queue, &[Message::Sync(parent.clone(), target.system())])
        .await
    {
        tracing::warn!(record = %parent, error = format!("{error:#}"), "parent not enqueued; the sweep will");
    }
    // It may have landed between the first look and the note.
    if landed(app, &parent, &target.system()).await?.is_some() {
        release_children(app, &parent, &target.system()).await?;
    }
    Ok(Parked::Waits(step))
}

/// The parent's id in the system, once it is there.
async fn landed(app: &App, parent: &RecordKey, system: &System) -> Result<Option<String>> {
    let link = app.store.get::<Link>(&keys::link(parent, system)).await?;
    Ok(link.and_then(|it| it.body.remote_id))
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
