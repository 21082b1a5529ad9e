//! Hourly: the app's tables of customers, services, invoices and payments.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;

/// Activations carry no input; several at once are one.
///
/// # Errors
/// When the work could not be begun: the activation comes again.
pub async fn handle(app: App, activations: Vec<Incoming>) -> Result<Vec<String>> {
    shared::sync::pull::pull(&app, "billing_pull", &activations).await?;
    Ok(Vec::new())
}
