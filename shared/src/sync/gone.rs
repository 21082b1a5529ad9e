//! Remote objects that are gone (deleted, converted): marked, never propagated, never made again.

use crate::app::App;
use crate::model::{Kind, Link, RecordKey, System};
use crate::store::keys;
use crate::sync::find::alias_owner;
use crate::sync::tell;
use anyhow::Result;

/// Marks the link of a remote object. One that we don't know is none of ours.
///
/// # Errors
/// When the table does not answer.
pub async fn mark(app: &App, kind: &Kind, source: &str, id: &str, how: &str) -> Result<()> {
    let system = System::read(source);
    let Some(owner) = alias_owner(app, kind, source, id).await? else {
        return Ok(());
    };
    let key = RecordKey::new(kind.clone(), owner);
    loop {
        let at = keys::link(&key, &system);
        let Some(stored) = app.store.get::<Link>(&at).await? else {
            return Ok(());
        };
        if stored.body.gone.is_some() || stored.body.remote_id.as_deref() != Some(id) {
            return Ok(());
        }
        let link = Link {
            gone: Some(how.to_owned()),
            ..stored.body.clone()
        };
        if tell::put(app, &stored, &link, None).await? {
            tracing::info!(record = %key, %system, how, "marked as gone");
            return Ok(());
        }
    }
}
