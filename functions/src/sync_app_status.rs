//! Shows the app, in its own tables, how its rows stand in Zoho Billing.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::sync::target::AppStatus;
use shared::worker;

/// Writes the batch's rows; returns the messages whose outcome could not be written down.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn handle(app: App, batch: Vec<Incoming>) -> Result<Vec<String>> {
    worker::work(&app, &AppStatus::all(&app), batch).await
}
