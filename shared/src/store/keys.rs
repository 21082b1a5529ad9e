//! Every key of the table, in one place.

use super::RawItem;
use crate::model::{Kind, RecordKey, System};
use crate::planted::{Bug, planted};
use aws_sdk_dynamodb::types::AttributeValue;
use ring::digest::{SHA256, digest};
use std::fmt;

/// An item's primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition.
    pub pk: String,
    /// Sort key inside it.
    pub sk: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    /// Reads a key back from its two halves.
    #[must_use]
    pub fn from_parts(pk: &str, sk: &str) -> Self {
        Self::new(pk, sk)
    }

    /// The key of an item as DynamoDB returned it.
    #[must_use]
    pub fn of(raw: &RawItem) -> Option<Self> {
        Some(Self::new(raw.get("pk")?.as_s().ok()?, raw.get("sk")?.as_s().ok()?))
    }

    pub(super) fn attributes(&self) -> RawItem {
        let text = |value: &String| AttributeValue::S(value.clone());
        RawItem::from([("pk".into(), text(&self.pk)), ("sk".into(), text(&self.sk))])
    }

    /// If this is a link's key: its record and system.
    #[must_use]
    pub fn as_link(&self) -> Option<(RecordKey, System)> {
        Some((
            RecordKey::parse(&self.pk)?,
            System::read(self.sk.strip_prefix("link#")?),
        ))
    }

    /// If this is an intake's key: its source and event id.
    #[must_use]
    pub fn as_intake(&self) -> Option<(String, String)> {
        let (source, id) = self.pk.strip_prefix("intake#")?.split_once('#')?;
        Some((source.to_owned(), id.to_owned()))
    }
}

/// A record.
#[must_use]
pub fn record(key: &RecordKey) -> Key {
    Key::new(key.to_string(), "record")
}

/// A record's link to a system.
#[must_use]
pub fn link(key: &RecordKey, system: &System) -> Key {
    Key::new(key.to_string(), format!("link#{system}"))
}

/// One attempt, in the ledger of its record.
#[must_use]
pub fn attempt(key: &RecordKey, id: &str) -> Key {
    Key::new(key.to_string(), format!("attempt#{id}"))
}

/// A child that waits for its parent.
#[must_use]
pub fn waits(parent: &RecordKey, system: &System, child: &RecordKey) -> Key {
    Key::new(parent.to_string(), format!("waits#{system}#{child}"))
}

/// A unique key of a record. The value is hashed (no personal data in keys), each part with its length, so that
/// `("ab", "c")` and `("a", "bc")` differ.
#[must_use]
pub fn alias(kind: &Kind, key: &str, value: &str) -> Key {
    if planted(Bug::KeysWithoutSeparator) && value.contains('@') {
        return alias(kind, key, &value.replace('@', ""));
    }
    let parts = format!(
        "{}:{kind}{}:{key}{}:{value}",
        kind.as_str().len(),
        key.len(),
        value.len()
    );
    Key::new(format!("alias#{kind}#{key}#{}", sha256(parts.as_bytes())), "alias")
}

/// An inbound webhook, or an arrival that waits for a person.
#[must_use]
pub fn intake(source: &str, event: &str) -> Key {
    Key::new(format!("intake#{source}#{event}"), "intake")
}

/// A caller's request to a route under its Idempotency-Key; hashed, so that any text will do, each part with its
/// length, so that callers never share.
#[must_use]
pub fn request(caller: &str, route: &str, key: &str) -> Key {
    let parts = format!("{}:{caller}{}:{route}{key}", caller.len(), route.len());
    Key::new(format!("request#{}", sha256(parts.as_bytes())), "request")
}

/// One run of a job.
#[must_use]
pub fn run(job: &str, id: &str) -> Key {
    Key::new(format!("run#{job}"), format!("run#{id}"))
}

/// A job's cursor.
#[must_use]
pub fn cursor(job: &str) -> Key {
    Key::new(format!("cursor#{job}"), "cursor")
}

/// An account's token.
#[must_use]
pub fn token(account: &str) -> Key {
    Key::new(format!("token#{account}"), "token")
}

/// A system's budget, mode and breaker.
#[must_use]
pub fn budget(system: &System) -> Key {
    Key::new(format!("budget#{system}"), "budget")
}

/// An API key, by its hash.
#[must_use]
pub fn api_key(secret: &str) -> Key {
    Key::new(format!("apikey#{}", sha256(secret.as_bytes())), "apikey")
}

/// Totals of a kind in a system.
#[must_use]
pub fn counts(kind: &Kind, system: &System) -> Key {
    Key::new(format!("counts#{kind}#{system}"), "counts")
}

/// A stored result of a check or a remembered fingerprint, by name.
#[must_use]
pub fn note(name: &str) -> Key {
    Key::new(format!("note#{name}"), "note")
}

/// SHA-256 in lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dedup_key_parts_are_never_joined_without_their_lengths() {
        let kind = Kind::LEAD;
        assert_ne!(alias(&kind, "ab", "c"), alias(&kind, "a", "bc"));
        assert_ne!(alias(&kind, "email", "1"), alias(&kind, "emai", "l1"));
    }

    #[test]
    fn keys_are_read_back() {
        let lead = RecordKey::new(Kind::LEAD, "7");
        assert_eq!(
            link(&lead, &System::ZOHO_CRM).as_link(),
            Some((lead.clone(), System::ZOHO_CRM))
        );
        assert_eq!(record(&lead).as_link(), None);
        assert_eq!(
            intake("portal", "a#b").as_intake(),
            Some(("portal".into(), "a#b".into()))
        );
    }
}
