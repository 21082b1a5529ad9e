//! DynamoDB: one table, keys in one file. Every read that a decision rests on is consistent, every write is conditional.
//!
//! Each item carries `rev`, the name of the write that made it. A write states the `rev` it read (or that nothing is
//! there) and brings its own, so that a race is lost cleanly and a lost answer of our own write is recognised: the old
//! item that DynamoDB returns with a failed condition then shows our own `rev`.

mod due;
mod item;
pub mod keys;
mod list;
mod retry;
mod totals;
mod transact;

pub use due::{Candidate, DueIndex};
pub use item::{Item, decode};
pub use keys::Key;
pub use totals::Counted;
pub use transact::Change;

use crate::clock::Clock;
use crate::planted::{Bug, planted};
use crate::random::Random;
use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure};
use item::encode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// DynamoDB's own form of an item.
pub type RawItem = HashMap<String, AttributeValue>;

/// What became of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It stands, under this `rev`.
    Done(String),
    /// Somebody else wrote first: read again and decide again.
    Conflict,
}

/// Where an item stands in the sparse indexes, and when DynamoDB may drop it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The *due* index.
    pub due: Option<DueIndex>,
    /// The *activity* index: day and system.
    pub activity: Option<(String, String)>,
    /// Seconds of the Unix epoch; set only on what is done.
    pub ttl: Option<i64>,
}

/// The table. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    clock: Clock,
    random: Random,
}

/// Tries of one operation against throttling, conflicts and lost answers.
const TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(25);
/// DynamoDB's own bound on one batch read.
const BATCH_GET: usize = 100;

impl Store {
    /// The table `table` behind `client`.
    #[must_use]
    pub fn new(client: Client, table: String, clock: Clock, random: Random) -> Self {
        Self {
            client,
            table,
            clock,
            random,
        }
    }

    /// Reads one item, consistently.
    ///
    /// # Errors
    /// When the table does not answer or the item can't be understood.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Item<T>>> {
        let read = || async {
            let request = self
                .client
                .get_item()
                .table_name(&self.table)
                .set_key(Some(key.attributes()));
            request.consistent_read(true).send().await
        };
        let answer = self.retrying(read).await.with_context(|| format!("read {key}"))?;
        answer.item.map(|raw| decode(key, raw)).transpose()
    }

    /// Reads many items, consistently; those that don't exist are left out.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub async fn get_many(&self, keys: &[Key]) -> Result<BTreeMap<Key, RawItem>> {
        let mut found = BTreeMap::new();
        let mut distinct = keys.to_vec();
        distinct.sort();
        distinct.dedup();
        for chunk in distinct.chunks(BATCH_GET) {
            let mut wanted: Vec<RawItem> = chunk.iter().map(Key::attributes).collect();
            while !wanted.is_empty() {
                let (items, rest) = self.batch_get(wanted).await?;
                found.extend(items.into_iter().filter_map(|raw| Some((Key::of(&raw)?, raw))));
                wanted = rest;
            }
        }
        Ok(found)
    }

    async fn batch_get(&self, wanted: Vec<RawItem>) -> Result<(Vec<RawItem>, Vec<RawItem>)> {
        let asked = KeysAndAttributes::builder()
            .consistent_read(!planted(Bug::InconsistentRead))
            .set_keys(Some(wanted))
            .build()?;
        let read = || {
            self.client
                .batch_get_item()
                .request_items(&self.table, asked.clone())
                .send()
        };
        let mut answer = self.retrying(read).await.context("read a batch")?;
        let items = answer
            .responses
            .as_mut()
            .and_then(|it| it.remove(&self.table))
            .unwrap_or_default();
        let rest = answer
            .unprocessed_keys
            .as_mut()
            .and_then(|it| it.remove(&self.table))
            .map(|it| it.keys);
        Ok((items, rest.unwrap_or_default()))
    }

    /// Writes one item if it is still as it was read (`rev`), or if nothing is there (`None`).
    ///
    /// # Errors
    /// When the table does not take the write; it then may or may not stand.
    pub async fn put<T: Serialize>(&self, key: &Key, body: &T, rev: Option<&str>, places: &Places) -> Result<Put> {
        let mine = match rev {
            Some(rev) if planted(Bug::NoWriteId) => rev.to_owned(),
            _ => self.random.ulid(&self.clock),
        };
        let item = encode(key, body, &mine, places)?;
        let write = || {
            let request = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()));
            let request = request.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            match rev {
                None => request.condition_expression("attribute_not_exists(pk)"),
                Some(rev) => request
                    .condition_expression("rev = :rev")
                    .expression_attribute_values(":rev", AttributeValue::S(rev.to_owned())),
            }
            .send()
        };
        let failed = match self.retrying(write).await {
            Ok(_) => return Ok(Put::Done(mine)),
            Err(error) => error,
        };
        match failed.as_service_error() {
            Some(aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(clash)) => {
                Ok(judge_clash(clash.item(), mine))
            }
            _ => Err(failed).with_context(|| format!("write {key}")),
        }
    }

    /// Removes one item if it is still as it was read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn remove(&self, key: &Key, rev: &str) -> Result<()> {
        let write = || {
            let request = self
                .client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(key.attributes()));
            let request = request.condition_expression("rev = :rev OR attribute_not_exists(pk)");
            request
                .expression_attribute_values(":rev", AttributeValue::S(rev.to_owned()))
                .send()
        };
        match self.retrying(write).await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|it| it.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(error).with_context(|| format!("remove {key}")),
        }
    }
}

fn judge_clash(old: Option<&RawItem>, mine: String) -> Put {
    match old.and_then(|item| item.get("rev")) {
        Some(AttributeValue::S(rev)) if *rev == mine => Put::Done(mine),
        _ => Put::Conflict,
    }
}
