//! How a record stands in a system, as callers see it.

use crate::model::Link;
use serde_json::{Value as Json, json as object};

pub(super) fn standing(link: &Link) -> Json {
    object!({
        "status": link.status, "remote_id": link.remote_id, "synced_version": link.synced_version,
        "last_error": link.last_error.as_ref().map(|it| &it.why), "next_attempt": link.due_at.filter(|_| link.status.is_open()),
        "synced_at": link.synced_at, "gone": link.gone,
        "held_fields": link.held_fields.iter().map(|(name, held)| (name.clone(), held.why.clone())).collect::<std::collections::BTreeMap<_, _>>(),
    })
}
