//! The functions that sync to the desk.

use super::{CALLER, DeskTarget, NOTE, TICKET};
use anyhow::Result;
use futures_util::future::BoxFuture;
use shared::app::App;
use shared::job::Incoming;
use shared::lambda::Failed;
use shared::model::Kind;
use shared::worker;

/// Most messages of one invocation: as many look-ups as use up the desk's ten seconds.
pub const BATCH: usize = 8;

/// Brings the desk up to the records of a batch; returns the messages that must come again.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn work(app: App, kind: Kind, batch: Vec<Incoming>) -> Result<Failed> {
    let target = DeskTarget::new(&app, kind)?;
    worker::work(&app, &[target], batch).await
}

/// Syncs callers.
pub(super) fn callers(app: App, batch: Vec<Incoming>) -> BoxFuture<'static, Result<Failed>> {
    Box::pin(work(app, CALLER, batch))
}

/// Syncs tickets.
pub(super) fn tickets(app: App, batch: Vec<Incoming>) -> BoxFuture<'static, Result<Failed>> {
    Box::pin(work(app, TICKET, batch))
}

/// Syncs notes.
pub(super) fn notes(app: App, batch: Vec<Incoming>) -> BoxFuture<'static, Result<Failed>> {
    Box::pin(work(app, NOTE, batch))
}
