//! Several items or none. Transactions cost twice and conflict under load: they stand in `accept`, in the first commit of
//! a remote id and where another link shows what one has come to (`sync::tell`), nowhere else, and never hold an item that
//! many records share.

use super::item::encode;
use super::{Key, Places, RawItem, Store};
use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use serde::Serialize;

/// One conditional change of a transaction.
#[derive(Debug)]
pub struct Change {
    key: Key,
    /// `None` removes the item.
    item: Option<RawItem>,
    /// The write it must still be made by; `None`: nothing may be there.
    rev: Option<String>,
}

impl Change {
    /// Writes an item that must still be as it was read, or must not be there.
    ///
    /// # Errors
    /// When the content can't be written down.
    pub fn put<T: Serialize>(key: &Key, body: &T, rev: Option<&str>, places: &Places) -> Result<Self> {
        let item = encode(key, body, "", places)?;
        Ok(Self {
            key: key.clone(),
            item: Some(item),
            rev: rev.map(str::to_owned),
        })
    }

    /// Removes an item that must still be as it was read.
    #[must_use]
    pub fn remove(key: &Key, rev: &str) -> Self {
        Self {
            key: key.clone(),
            item: None,
            rev: Some(rev.to_owned()),
        }
    }
}

impl Store {
    /// Makes all changes or none. `false`: one of them no longer stands on what was read.
    ///
    /// # Errors
    /// When the table does not answer; the changes may or may not stand, and the next reading tells.
    pub async fn transact(&self, changes: Vec<Change>) -> Result<bool> {
        let mine = self.random.ulid(&self.clock);
        let writes = changes
            .iter()
            .map(|it| it.to_write(&self.table, &mine))
            .collect::<Result<Vec<_>>>()?;
        let write = || {
            let request = self
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()));
            request.client_request_token(&mine).send()
        };
        for _ in 0..super::TRIES {
            match self.retrying(write).await {
                Ok(_) => return Ok(true),
                Err(SdkError::ServiceError(failed)) => match failed.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(it) => {
                        match judge(it.cancellation_reasons(), &mine) {
                            Verdict::Ours => return Ok(true),
                            Verdict::Lost => return Ok(false),
                            Verdict::Again => self.clock.sleep(self.random.up_to(super::FIRST_WAIT * 4)).await,
                        }
                    }
                    other => return Err(other).context("write a transaction"),
                },
                Err(other) => return Err(other).context("write a transaction"),
            }
        }
        Ok(false)
    }
}

enum Verdict {
    Ours,
    Lost,
    Again,
}

fn judge(reasons: &[CancellationReason], mine: &str) -> Verdict {
    let ours = |it: &CancellationReason| {
        it.item()
            .and_then(|item| item.get("rev"))
            .is_some_and(|rev| rev.as_s().is_ok_and(|rev| rev == mine))
    };
    if reasons.iter().any(ours) {
        return Verdict::Ours;
    }
    if reasons.iter().any(|it| it.code() == Some("ConditionalCheckFailed")) {
        return Verdict::Lost;
    }
    Verdict::Again
}

impl Change {
    fn to_write(&self, table: &str, mine: &str) -> Result<TransactWriteItem> {
        let condition = if self.rev.is_some() {
            "rev = :rev"
        } else {
            "attribute_not_exists(pk)"
        };
        let values = self
            .rev
            .as_ref()
            .map(|rev| RawItem::from([(":rev".to_owned(), AttributeValue::S(rev.clone()))]));
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let write = TransactWriteItem::builder();
        let Some(item) = &self.item else {
            let delete = Delete::builder().table_name(table).set_key(Some(self.key.attributes()));
            let delete = delete
                .condition_expression(condition)
                .set_expression_attribute_values(values);
            return Ok(write
                .delete(delete.return_values_on_condition_check_failure(old).build()?)
                .build());
        };
        let mut item = item.clone();
        item.insert("rev".into(), AttributeValue::S(mine.to_owned()));
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression(condition);
        let put = put
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(old);
        Ok(write.put(put.build()?).build())
    }
}
