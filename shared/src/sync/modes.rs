//! Modes, switched at run time by a person.

use crate::app::App;
use crate::model::System;
use crate::sync::budget::{self, Mode};
use anyhow::{Result, bail};
use serde::Serialize;

/// What a switch did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Switched {
    /// The system.
    pub system: System,
    /// Its mode before.
    pub before: Mode,
    /// Its mode now.
    pub now: Mode,
}

/// Sets a system's mode.
///
/// # Errors
/// When Concord writes to no such system, or the table does not answer.
pub async fn switch(app: &App, name: &str, mode: Mode) -> Result<Switched> {
    let system = written(app, name)?;
    let before = budget::read(app, &system)
        .await?
        .map(|it| it.body.mode)
        .unwrap_or_default();
    budget::set_mode(app, &system, mode).await?;
    Ok(Switched {
        system,
        before,
        now: mode,
    })
}

/// The system of that name, if Concord writes to it.
///
/// # Errors
/// When it does not; names those to which it does.
pub fn written(app: &App, name: &str) -> Result<System> {
    let routes = app.kinds.iter().flat_map(|it| &it.routes);
    let mut names: Vec<&str> = routes.filter(|it| it.written).map(|it| it.system.as_str()).collect();
    names.dedup();
    if !names.contains(&name) {
        bail!(
            "{name}: is no system that Concord writes to; there are {}",
            names.join(", ")
        );
    }
    Ok(System::read(name))
}
