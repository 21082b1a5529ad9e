//! Alerts to operators: one conditional item per cause and window, then the log line that the alarm watches.
//!
//! They don't go through the engine: they must work when it doesn't.

use crate::app::App;
use crate::store::{Places, Put, keys};
use anyhow::Result;

/// One alert per cause in this many seconds.
const WINDOW: i64 = 3600;

/// Raises an alert, once per cause and window. `true` if this call was the one.
///
/// # Errors
/// When the table does not answer.
pub async fn raise(app: &App, cause: &str, detail: &str) -> Result<bool> {
    let now = app.clock.now();
    let window = now.as_second() / WINDOW;
    let name = format!("alert#{}#{window}", keys::sha256(cause.as_bytes()));
    let places = Places {
        ttl: Some(now.as_second() + 30 * 24 * WINDOW),
        ..Places::default()
    };
    let first = matches!(
        app.store.put(&keys::note(&name), &cause, None, &places).await?,
        Put::Done(_)
    );
    if first {
        tracing::error!(alert = cause, detail, "alert");
    }
    Ok(first)
}
