//! Brings the back office up to leads, in batches.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::sync::target::BackofficeLead;
use shared::worker;

/// Pushes the batch's leads; returns the messages whose outcome could not be written down.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn handle(app: App, batch: Vec<Incoming>) -> Result<Vec<String>> {
    worker::work(&app, BackofficeLead::new(&app).as_slice(), batch).await
}
