//! What a function that syncs one kind to the desk does.

use super::DeskTarget;
use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::model::Kind;
use shared::systems::http::Http;
use shared::worker;

/// Most messages of one invocation. The engine looks all of a batch up before it makes the first, and eight look-ups
/// use up the desk's ten seconds; what then waits for a slot has too little left of a function's 30 s for a write.
pub const BATCH: usize = 1;

/// Brings the desk up to the records of a batch; returns the messages that must come again.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn work(app: App, http: Http, kind: Kind, batch: Vec<Incoming>) -> Result<Vec<String>> {
    let target = DeskTarget::new(&app, http, kind)?;
    worker::work(&app, Some(&target), batch).await
}
