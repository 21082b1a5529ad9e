//! Runs as people see them.

use super::Run;
use crate::app::App;
use crate::store::keys;
use anyhow::Result;

/// Longest id that is looked for, in bytes.
const LONGEST_ID: usize = 200;

/// A run by its id.
///
/// # Errors
/// When the table does not answer.
pub async fn find(app: &App, id: &str) -> Result<Option<Run>> {
    let Some((job, _)) = id.split_once('.').filter(|_| id.len() <= LONGEST_ID) else {
        return Ok(None);
    };
    Ok(app.store.get::<Run>(&keys::run(job, id)).await?.map(|it| it.body))
}

/// The runs of a job, newest first.
///
/// # Errors
/// When the table does not answer.
pub async fn list(app: &App, job: &str, limit: usize) -> Result<Vec<Run>> {
    let found = app.store.newest::<Run>(&format!("run#{job}"), "run#", limit).await?;
    Ok(found.into_iter().map(|it| it.1.body).collect())
}
