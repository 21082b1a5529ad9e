//! The sparse index *due*: what waits, by system and bucket, in the order in which it is to be looked at.

use super::{Key, Store};
use crate::model::{Class, Link};
use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use jiff::Timestamp;

/// A place in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueIndex {
    /// A system, or `intake`, or `run`.
    pub system: String,
    /// `open`, `attention` or `skipped`; of keys `listed`.
    pub bucket: &'static str,
    /// Priority.
    pub class: Class,
    /// When it is to be looked at.
    pub at: Timestamp,
}

impl DueIndex {
    pub(super) fn pk(&self) -> String {
        format!("{}#{}", self.system, self.bucket)
    }

    pub(super) fn sk(&self, key: &Key) -> String {
        format!(
            "{}#{:014}#{}#{}",
            self.class.0,
            self.at.as_millisecond().max(0),
            key.pk,
            key.sk
        )
    }

    /// Where a link stands.
    #[must_use]
    pub fn of(link: &Link) -> Option<Self> {
        let bucket = link.bucket()?;
        let at = link.due_at.or(link.opened_at).unwrap_or(Timestamp::UNIX_EPOCH);
        Some(Self {
            system: link.system.to_string(),
            bucket,
            class: link.class,
            at,
        })
    }
}

/// Something that the index shows as due; only the item decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The item.
    pub key: Key,
    /// When the index says that it is due.
    pub at_ms: i64,
    /// Its place in the index, by which pages are told apart.
    pub place: String,
}

/// Places begin with their class, a digit: from the first of all to beyond the last.
const FIRST: &str = "0";
const BEYOND: &str = ":";

impl Store {
    /// What stands in a bucket of a system, of one class, due at or before `until`, oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn due(
        &self,
        system: &str,
        bucket: &str,
        class: Class,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let from = format!("{}#", class.0);
        self.between(system, bucket, from, due_by(class, until), limit).await
    }

    /// A page of what is due by `until` in a bucket of a system, of one class, beyond the place `after`, oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn due_after(
        &self,
        system: &str,
        bucket: &str,
        class: Class,
        after: Option<&str>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let from = after.map_or_else(|| format!("{}#", class.0), beyond);
        self.between(system, bucket, from, due_by(class, until), limit).await
    }

    /// A page of all that stands in a bucket of a system, beyond the place `after`: class by class, oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn all_after(
        &self,
        system: &str,
        bucket: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let from = after.map_or_else(|| FIRST.to_owned(), beyond);
        self.between(system, bucket, from, BEYOND.to_owned(), limit).await
    }

    /// Whether anything stands in a bucket of a system.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn any(&self, system: &str, bucket: &str) -> Result<bool> {
        Ok(!self.all_after(system, bucket, None, 1).await?.is_empty())
    }

    /// Whether anything of a class that goes before `class` stands in a bucket of a system.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn any_before(&self, system: &str, bucket: &str, class: Class) -> Result<bool> {
        let (from, to) = (format!("{}#", Class::LIVE.0), format!("{}#", class.0));
        Ok(!self.between(system, bucket, from, to, 1).await?.is_empty())
    }

    async fn between(
        &self,
        system: &str,
        bucket: &str,
        from: String,
        to: String,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let mut found = Vec::new();
        let mut start = None;
        while found.len() < limit {
            let query = || {
                let request = self.client.query().table_name(&self.table).index_name("due");
                let request = request.key_condition_expression("due_pk = :pk AND due_sk BETWEEN :from AND :to");
                let request =
                    request.expression_attribute_values(":pk", AttributeValue::S(format!("{system}#{bucket}")));
                let request = request.expression_attribute_values(":from", AttributeValue::S(from.clone()));
                let request = request.expression_attribute_values(":to", AttributeValue::S(to.clone()));
                let page = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
                request.limit(page).set_exclusive_start_key(start.clone()).send()
            };
            let answer = self.retrying(query).await.context("read what is due")?;
            found.extend(answer.items.unwrap_or_default().iter().filter_map(candidate));
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// How many stand in a bucket of a system, counted up to `cap`.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn count_due(&self, system: &str, bucket: &str, cap: usize) -> Result<usize> {
        let mut count = 0;
        let mut start = None;
        loop {
            let query = || {
                let request = self
                    .client
                    .query()
                    .table_name(&self.table)
                    .index_name("due")
                    .select(Select::Count);
                let request = request.key_condition_expression("due_pk = :pk");
                let request =
                    request.expression_attribute_values(":pk", AttributeValue::S(format!("{system}#{bucket}")));
                request.set_exclusive_start_key(start.clone()).send()
            };
            let answer = self.retrying(query).await.context("count what is due")?;
            count += usize::try_from(answer.count).unwrap_or(0);
            start = answer.last_evaluated_key;
            if start.is_none() || count >= cap {
                return Ok(count.min(cap));
            }
        }
    }
}

/// The next place after one: none has this character, so that nothing lies between the two.
fn beyond(place: &str) -> String {
    format!("{place}\u{1}")
}

/// Beyond the last place of a class that is due at or before `until`.
fn due_by(class: Class, until: Timestamp) -> String {
    format!("{}#{:014}#\u{10ffff}", class.0, until.as_millisecond().max(0))
}

fn candidate(raw: &super::RawItem) -> Option<Candidate> {
    let place = raw.get("due_sk")?.as_s().ok()?;
    Some(Candidate {
        key: Key::of(raw)?,
        at_ms: place.split('#').nth(1)?.parse().ok()?,
        place: place.clone(),
    })
}
