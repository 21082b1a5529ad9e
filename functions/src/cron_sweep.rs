//! Every minute: the only timer and feeder.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;

/// Activations carry no input; several at once are one.
///
/// # Errors
/// When the work could not be begun: the activation comes again.
pub async fn handle(app: App, _activations: Vec<Incoming>) -> Result<Vec<String>> {
    let swept = shared::sync::sweep::sweep(&app).await?;
    tracing::info!(links = swept.links, intakes = swept.intakes, runs = swept.runs, "swept");
    Ok(Vec::new())
}
