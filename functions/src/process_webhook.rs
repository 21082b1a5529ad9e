//! Re-reads and applies what the webhooks announced.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::worker;

/// Applies the batch's stored webhooks one by one; returns those that must come again.
///
/// # Errors
/// None of its own: each message fails alone.
pub async fn handle(app: App, batch: Vec<Incoming>) -> Result<Vec<String>> {
    Ok(worker::intakes(&app, batch).await)
}
