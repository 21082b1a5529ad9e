//! The values of a lead's keys under which Zoho may have it.

use crate::lead::contact;
use crate::sync::target::Job;
use crate::sync::target::lead_keys::EMAIL;
use std::collections::BTreeSet;

/// A value as it stands among a record's keys (Zoho compares e-mails without case, and may trim).
pub(super) fn as_key(key: &str, value: &str) -> Option<String> {
    match key {
        EMAIL => contact::email(value),
        _ => Some(value.to_lowercase()).filter(|it| !it.is_empty()),
    }
}

/// The value of a key that the record has now.
pub(super) fn present(job: &Job, key: &str) -> BTreeSet<String> {
    job.record.keys.get(key).cloned().into_iter().collect()
}

/// The values of a key under which the record may stand there: the present one, and those of calls without an answer.
pub(super) fn possible(job: &Job, key: &str) -> BTreeSet<String> {
    let doubtful = job.doubtful(key).filter_map(|it| as_key(key, it.as_text()?));
    present(job, key).into_iter().chain(doubtful).collect()
}
