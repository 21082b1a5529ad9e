//! How a record stands in a system, as callers see it.

use crate::app::App;
use crate::model::{Link, RecordKey};
use anyhow::Result;
use serde_json::{Map, Value as Json, json as object};

/// How a record stands in its systems, as far as these links tell.
pub(super) async fn systems(app: &App, key: &RecordKey, of: impl Fn(&Link) -> bool) -> Result<Map<String, Json>> {
    let links = app.store.list::<Link>(&key.to_string(), "link#", 100).await?;
    let links = links.iter().map(|it| &it.1.body).filter(|it| of(it));
    Ok(links.map(|it| (it.system.to_string(), standing(it))).collect())
}

fn standing(link: &Link) -> Json {
    object!({
        "status": link.status, "remote_id": link.remote_id, "synced_version": link.synced_version,
        "last_error": link.last_error.as_ref().map(|it| &it.why), "next_attempt": link.due_at.filter(|_| link.status.is_open()),
        "synced_at": link.synced_at, "gone": link.gone,
        "held_fields": link.held_fields.iter().map(|(name, held)| (name.clone(), held.why.clone())).collect::<std::collections::BTreeMap<_, _>>(),
    })
}
