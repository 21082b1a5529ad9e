//! The items of one partition, from either end.

use super::{Item, Key, Store, decode};
use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

impl Store {
    /// Reads all items of one partition whose sort key begins with `prefix`, consistently, newest last.
    ///
    /// # Errors
    /// When the table does not answer or an item can't be understood.
    pub async fn list<T: DeserializeOwned>(&self, pk: &str, prefix: &str, limit: usize) -> Result<Vec<(Key, Item<T>)>> {
        self.range(pk, prefix, limit, true).await
    }

    /// The same from the other end: the newest first.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub async fn newest<T: DeserializeOwned>(
        &self,
        pk: &str,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(Key, Item<T>)>> {
        self.range(pk, prefix, limit, false).await
    }

    async fn range<T: DeserializeOwned>(
        &self,
        pk: &str,
        prefix: &str,
        limit: usize,
        forward: bool,
    ) -> Result<Vec<(Key, Item<T>)>> {
        let mut found = Vec::new();
        let mut from = None;
        let most = i32::try_from(limit).unwrap_or(i32::MAX).max(1);
        loop {
            let query = || {
                let request = self.client.query().table_name(&self.table).consistent_read(true);
                let request = request.key_condition_expression("pk = :pk AND begins_with(sk, :sk)");
                let request = request.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
                let request = request.expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned()));
                let request = request.scan_index_forward(forward).limit(most);
                request.set_exclusive_start_key(from.clone()).send()
            };
            let answer = self.retrying(query).await.with_context(|| format!("list {pk}"))?;
            for raw in answer.items.unwrap_or_default() {
                let key = Key::of(&raw).context("an item without a key")?;
                found.push((key.clone(), decode(&key, raw)?));
            }
            from = answer.last_evaluated_key;
            if from.is_none() || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
}
