//! Which remote object is a lead's, by the keys that it shows.

use super::Job;
use std::collections::BTreeSet;

pub(super) const PORTAL_ID: &str = "portal_lead_id";
pub(super) const EMAIL: &str = "email";

/// Whether one of the keys that an object shows has one of these values. By its e-mail alone not everything is found.
pub(super) fn has_one(job: &Job, shown: &[(String, String)], values: impl Fn(&str) -> BTreeSet<String>) -> bool {
    let counts = shown.iter().filter(|it| it.0 != EMAIL || job.by_email());
    counts.into_iter().any(|(key, value)| values(key).contains(value))
}

/// Whether an object that shows these keys is a record's, or may be what a call without an answer made of it: that carried
/// all its keys, so that one with another id is somebody else's.
pub(super) fn may_be(
    job: &Job,
    shown: &[(String, String)],
    present: impl Fn(&str) -> BTreeSet<String>,
    possible: impl Fn(&str) -> BTreeSet<String>,
) -> bool {
    let mut ids = shown.iter().filter(|it| it.0 != EMAIL);
    has_one(job, shown, present)
        || (ids.all(|(key, value)| possible(key).contains(value)) && has_one(job, shown, possible))
}
