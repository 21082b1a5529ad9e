//! What a function that syncs one kind to the desk does.

use super::DeskTarget;
use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::model::Kind;
use shared::systems::http::Http;
use shared::worker;

/// Most messages of one invocation: as many look-ups as use up the desk's ten seconds.
pub const BATCH: usize = 8;

/// Brings the desk up to the records of a batch; returns the messages that must come again.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn work(app: App, http: Http, kind: Kind, batch: Vec<Incoming>) -> Result<Vec<String>> {
    let target = DeskTarget::new(&app, http, kind)?;
    worker::work(&app, Some(&target), batch).await
}
