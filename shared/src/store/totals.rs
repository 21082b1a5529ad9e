//! Totals: counted up by whoever makes a record, healed by the nightly recount, which alone reads the whole table.

use super::item::read_body;
use super::{Key, RawItem, Store};
use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;

/// A record that a page of the scan held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its partition, `<kind>#<id>`.
    pub pk: String,
    /// When it was first accepted.
    pub made_at: Timestamp,
}

/// What a count needs of a record.
#[derive(Deserialize)]
struct Made {
    made_at: Timestamp,
}

impl Store {
    /// Adds to a counter that several writers share; a lost answer may count twice and the nightly recount heals it.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn add(&self, key: &Key, counter: &str, by: i64) -> Result<()> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()));
        let request = request
            .update_expression("ADD #counter :by")
            .expression_attribute_names("#counter", counter);
        request
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
            .send()
            .await
            .context("count")?;
        Ok(())
    }

    /// One page of the whole table, of at most `limit` items looked at: its records, and where to go on.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn scan_records(&self, after: Option<&Key>, limit: i32) -> Result<(Vec<Counted>, Option<Key>)> {
        let read = || {
            let request = self.client.scan().table_name(&self.table).limit(limit);
            let request = request
                .filter_expression("sk = :record")
                .expression_attribute_values(":record", AttributeValue::S("record".to_owned()));
            let request = request
                .projection_expression("pk, sk, #body")
                .expression_attribute_names("#body", "body");
            request.set_exclusive_start_key(after.map(Key::attributes)).send()
        };
        let answer = self.retrying(read).await.context("read the whole table")?;
        let records = answer.items.unwrap_or_default();
        let next = answer.last_evaluated_key.as_ref().and_then(Key::of);
        Ok((records.iter().filter_map(counted).collect(), next))
    }

    /// Adds to a counter once for each `once`, however often it is asked to.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn add_once(&self, key: &Key, counter: &str, by: i64, once: &str) -> Result<()> {
        let values = HashMap::from([
            (":by".to_owned(), AttributeValue::N(by.to_string())),
            (":once".to_owned(), AttributeValue::S(once.to_owned())),
        ]);
        let write = || {
            let request = self.client.update_item().table_name(&self.table);
            let request = request.set_key(Some(key.attributes()));
            let request = request
                .update_expression("ADD #counter :by SET healed_by = :once")
                .condition_expression("attribute_not_exists(healed_by) OR healed_by <> :once");
            request
                .expression_attribute_names("#counter", counter)
                .set_expression_attribute_values(Some(values.clone()))
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
            Err(error) => Err(error).context("heal a total"),
        }
    }
}

fn counted(raw: &RawItem) -> Option<Counted> {
    let made: Made = read_body(raw.get("body")?.clone()).ok()?;
    Some(Counted {
        pk: raw.get("pk")?.as_s().ok()?.clone(),
        made_at: made.made_at,
    })
}
