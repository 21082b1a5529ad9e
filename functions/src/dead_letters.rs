//! The dead-letter queues: keeps each message and sees to its work.

use anyhow::Result;
use shared::app::App;
use shared::job::Incoming;
use shared::sync::dead;

/// Keeps the batch's letters; one that could not be kept stays in its queue.
///
/// # Errors
/// None of its own: each letter fails alone.
pub async fn handle(app: App, batch: Vec<Incoming>) -> Result<Vec<String>> {
    let mut failed = Vec::new();
    for letter in batch {
        if let Err(error) = dead::bury(&app, &letter.queue, &letter.id, &letter.body, letter.sent_ms).await {
            tracing::error!(
                queue = letter.queue,
                message = letter.id,
                error = format!("{error:#}"),
                "letter not kept"
            );
            failed.push(letter.id);
        }
    }
    Ok(failed)
}
