//! The one write path: first try, retry, backfill, repair. Level-triggered: it reads the record as it is now.
//!
//! Per call: slots, then lease and intent in one conditional update, then the send, then the attempt's row, then a
//! commit under the fence. Each record's own result counts.

mod adopted;
mod answers;
mod check;
mod commit;
mod guard;
mod lease;
mod look;
mod park;
mod prepare;
mod read;
mod send;

pub(crate) use look::shown;
pub use park::release_children;
pub(crate) use prepare::{as_job, job_of};

use crate::app::App;
use crate::model::{Outcome, RecordKey};
use crate::sync::target::Target;
use anyhow::Result;
use std::collections::BTreeMap;

/// How a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// An attempt was made, and ended so.
    Ended(Outcome),
    /// Nothing was done, and nothing written: why.
    Left(&'static str),
}

/// A commit that finds newer work goes round once more in the same call.
const ROUNDS: usize = 4;

/// Brings a system up to the records. What can't be written down is an error of that record alone.
///
/// # Errors
/// When the table does not answer at all.
pub async fn push<T: Target>(app: &App, target: &T, keys: &[RecordKey]) -> Result<BTreeMap<RecordKey, Result<Done>>> {
    let (mut done, mut glanced) = (BTreeMap::new(), read::Glanced::new());
    let mut open: Vec<RecordKey> = keys.to_vec();
    open.sort();
    open.dedup();
    for _ in 0..ROUNDS {
        if open.is_empty() {
            break;
        }
        let mut again = Vec::new();
        for (key, ended) in prepare::round(app, target, &open, &mut glanced).await? {
            if matches!(&ended, Ok(send::Step::Again)) {
                again.push(key.clone());
            }
            done.insert(key, ended.map(send::Step::done));
        }
        open = again;
    }
    Ok(done)
}
