//! What one system is told of a record's standing in another.

use crate::model::{Link, Status, System, Value};
use jiff::{Timestamp, Unit};
use std::collections::BTreeMap;

/// What is said of a record's standing in a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// `synced`, `skipped`, `held` or `failed`; `pending` until it is one of them; `deleted` where it is gone.
    Status,
    /// When the system last agreed, to the second.
    SyncedAt,
    /// What last went wrong, in the system's words; nothing once it agrees.
    Error,
}

/// A record's link, as far as other systems are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The system's id of the remote object, once known.
    pub remote_id: Option<String>,
    status: Status,
    synced_at: Option<Timestamp>,
    error: Option<String>,
    gone: Option<String>,
}

/// The links of a record, as far as other systems are told of them.
pub type ToldOf = BTreeMap<System, Told>;

/// What these links have to tell.
pub fn told_of<'a>(links: impl IntoIterator<Item = &'a Link>) -> ToldOf {
    let told = |it: &Link| (it.system.clone(), Told::from(it));
    links.into_iter().map(told).collect()
}

impl From<&Link> for Told {
    fn from(link: &Link) -> Self {
        Self {
            remote_id: link.remote_id.clone(),
            status: link.status,
            synced_at: link.synced_at,
            error: link.last_error.as_ref().map(|it| it.why.clone()),
            gone: link.gone.clone(),
        }
    }
}

impl Says {
    pub(super) fn of(self, told: Option<&Told>) -> Value {
        match self {
            Self::Status => Value::text(told.map_or(Status::Pending.as_str(), Told::settled)),
            Self::SyncedAt => Value::text(&told.and_then(Told::synced_at).unwrap_or_default()),
            Self::Error => Value::text(told.and_then(|it| it.error.as_deref()).unwrap_or_default()),
        }
    }
}

impl Told {
    /// Which of the ways to be under way it is concerns nobody.
    fn settled(&self) -> &str {
        let status = if self.status.is_open() {
            Status::Pending
        } else {
            self.status
        };
        self.gone.as_deref().unwrap_or(status.as_str())
    }

    fn synced_at(&self) -> Option<String> {
        let second = self.synced_at?.round(Unit::Second).ok()?;
        Some(second.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, LastError, RecordKey};

    fn says(status: Status, synced_at: Option<&str>, why: Option<&str>) -> [Value; 3] {
        let mut link = Link::new(RecordKey::new(Kind::INVOICE, "1"), System::ZOHO_BILLING);
        link.status = status;
        link.synced_at = synced_at.map(|it| it.parse().unwrap());
        link.last_error = why.map(|why| LastError {
            outcome: "failed".into(),
            why: why.into(),
            at: Timestamp::UNIX_EPOCH,
        });
        let told = Told::from(&link);
        [Says::Status, Says::SyncedAt, Says::Error].map(|it| it.of(Some(&told)))
    }

    #[test]
    fn a_standing_is_told_when_it_has_settled() {
        let at = Some("2026-11-21T10:00:00.400Z");
        let cases = [
            (Status::Synced, at, None, ["synced", "2026-11-21T10:00:00Z", ""]),
            (
                Status::Failed,
                None,
                Some("no such plan"),
                ["failed", "", "no such plan"],
            ),
            (Status::Held, None, Some("twice there"), ["held", "", "twice there"]),
            (Status::Skipped, at, None, ["skipped", "2026-11-21T10:00:00Z", ""]),
            (Status::Syncing, at, None, ["pending", "2026-11-21T10:00:00Z", ""]),
            (
                Status::Retrying,
                None,
                Some("asked to wait"),
                ["pending", "", "asked to wait"],
            ),
        ];
        for (status, synced_at, why, wanted) in cases {
            assert_eq!(says(status, synced_at, why), wanted.map(Value::text), "{status:?}");
        }
        assert_eq!(Says::Status.of(None), Value::text("pending"));
        assert_eq!(Says::Error.of(None), Value::Empty);
    }
}
