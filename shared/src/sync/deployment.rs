//! What the deployment is set to, written down by the sweep for those who work on its table without its secrets.

use crate::app::App;
use crate::model::System;
use crate::store::{Item, Places, Store, keys};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What operators' tools must know of the functions' settings. No secret is among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The systems that have what they need to be called.
    pub configured: BTreeSet<System>,
    /// The settings by which leads are matched and translated.
    pub settings: BTreeMap<String, String>,
    /// The name of Zoho's token in the table.
    pub zoho_account: Option<String>,
}

const NOTE: &str = "deployment";

impl Deployment {
    /// What the functions that share this app's settings are set to.
    #[must_use]
    pub fn of(app: &App) -> Self {
        let systems = app.kinds.iter().flat_map(|it| &it.routes).map(|it| it.system.clone());
        Self {
            configured: systems.filter(|it| app.is_configured(it)).collect(),
            settings: app.config.deciding.clone(),
            zoho_account: app.zoho_crm.as_ref().map(|it| it.1.account().to_owned()),
        }
    }
}

/// What the sweep last wrote down; `None` before its first turn.
///
/// # Errors
/// When the table does not answer.
pub async fn read(store: &Store) -> Result<Option<Deployment>> {
    Ok(store.get(&keys::note(NOTE)).await?.map(|it| it.body))
}

/// Writes it down, if it is not what stands there.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn publish(app: &App) -> Result<()> {
    let (note, now) = (keys::note(NOTE), Deployment::of(app));
    let before: Option<Item<Deployment>> = app.store.get(&note).await?;
    if before.as_ref().is_some_and(|it| it.body == now) {
        return Ok(());
    }
    let rev = before.as_ref().map(|it| it.rev.as_str());
    app.store.put(&note, &now, rev, &Places::default()).await?;
    Ok(())
}
