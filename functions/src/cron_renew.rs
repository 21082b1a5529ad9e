//! Daily: Zoho's notification channel and key field, and the recount.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::sync::recount;
use shared::sync::renew::renew;

/// Activations carry no input; several at once are one.
///
/// # Errors
/// When the work could not be begun: the activation comes again.
pub async fn handle(app: App, _activations: Vec<Incoming>) -> Result<Vec<String>> {
    // A count that goes on needs no other upkeep.
    let kept = if recount::is_under_way(&app).await? {
        Ok(())
    } else {
        renew(&app).await
    };
    recount::recount(&app).await?;
    kept.map(|()| Vec::new())
}
