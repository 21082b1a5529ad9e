//! Brings Zoho Billing up to customers.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::model::Kind;
use shared::sync::target::BillingTarget;
use shared::worker;

/// Pushes the batch's records; returns the messages whose outcome could not be written down.
///
/// # Errors
/// When the table does not answer: the whole batch comes again.
pub async fn handle(app: App, batch: Vec<Incoming>) -> Result<Vec<String>> {
    worker::work(&app, BillingTarget::new(&app, Kind::CUSTOMER).as_slice(), batch).await
}
