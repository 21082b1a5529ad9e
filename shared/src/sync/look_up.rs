//! What a system has under a record's keys, asked by a person or a program: nothing is written.

use crate::app::App;
use crate::model::{RecordKey, System};
use crate::sync::budget;
use crate::sync::push::as_job;
use crate::sync::target::{BillingTarget, Job, Target};
use anyhow::Result;

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// The ids of the objects that have the record's keys.
    Objects(Vec<String>),
    /// The system was not asked, or did not tell: why.
    Unasked(String),
}

/// Looks a record up in a system.
///
/// # Errors
/// When the table does not answer.
pub async fn look_up(app: &App, key: &RecordKey, system: &System) -> Result<There> {
    let Some(job) = as_job(app, system, key).await? else {
        return Ok(There::Unasked("it has no link to this system".to_owned()));
    };
    match system.as_str() {
        "zoho_billing" => asked(app, BillingTarget::new(app, key.kind.clone()), job).await,
        _ => Ok(There::Unasked("nobody knows how to look there".to_owned())),
    }
}

async fn asked<T: Target>(app: &App, target: Option<T>, job: Job) -> Result<There> {
    let Some(target) = target else {
        return Ok(There::Unasked("the system is not configured".to_owned()));
    };
    // It takes the slots of its calls itself.
    let answer = target.find(std::slice::from_ref(&job)).await;
    if let Err(error) = &answer {
        budget::heed(app, &target.system(), error).await?;
    }
    Ok(match answer {
        Ok(found) => There::Objects(found.into_iter().flatten().map(|it| it.id).collect()),
        Err(error) => There::Unasked(error.to_string()),
    })
}
