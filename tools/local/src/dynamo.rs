//! DynamoDB, embedded: dynoxide behind the wire format that the AWS SDK speaks.
//!
//! Beyond what dynoxide answers, mind what it does not do: it reports no transaction conflicts and serves no stale
//! reads (the fault hook does), and it remembers a `ClientRequestToken` in memory and by the machine's time, so that
//! after a restart a repeated transaction runs again, and on a virtual clock the ten minutes never pass.

use crate::Now;
use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The prefix of `X-Amz-Target` for this service.
pub const TARGET: &str = "DynamoDB_20120810.";

/// An embedded DynamoDB. Clones share the data.
#[derive(Clone)]
pub struct Dynamo(Database);

impl Dynamo {
    /// A database that lives as long as its handles.
    ///
    /// # Errors
    /// `SQLite` could not be opened.
    pub fn memory() -> anyhow::Result<Self> {
        Ok(Self(Database::memory()?))
    }

    /// A database in memory whose expiry (TTL) follows `now`.
    ///
    /// # Errors
    /// `SQLite` could not be opened.
    pub fn memory_with_clock(now: Now) -> anyhow::Result<Self> {
        Ok(Self(Database::memory_with_clock(Arc::new(Virtual(now)))?))
    }

    /// A database in a file, made if missing.
    ///
    /// A write is on disk before it is answered: dynoxide commits in `SQLite`'s WAL mode and leaves `synchronous` at the
    /// bundled build's default, FULL, which syncs the log at each commit. So an answered write survives `kill -9` and a
    /// power cut; an unanswered one is there whole or not at all. (Only dynoxide's bulk loading, which is not used
    /// here, lowers it.) The journal is a second file, `<path>-wal`: copy both or neither.
    ///
    /// # Errors
    /// The file can't be opened, or a newer dynoxide wrote it.
    pub fn file(path: &Path) -> anyhow::Result<Self> {
        let path = path
            .to_str()
            .ok_or_else(|| anyhow::anyhow!("the database's path is not UTF-8: {}", path.display()))?;
        Ok(Self(Database::new(path)?))
    }

    /// Deletes what has expired, as DynamoDB does some time after the expiry; answers how many.
    ///
    /// # Errors
    /// `SQLite` failed.
    pub fn sweep_expired(&self) -> anyhow::Result<usize> {
        Ok(self.0.sweep_ttl()?)
    }

    /// Answers one request: the whole `X-Amz-Target` and the JSON body; gives the HTTP status and the JSON body.
    #[must_use]
    pub fn answer(&self, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let operation = target.strip_prefix(TARGET).unwrap_or(target);
        match self.dispatch(operation, body) {
            Ok(json) => (200, json),
            Err(error) => {
                let error = enveloped(operation, error);
                (error.status_code(), error.to_json().into_bytes())
            }
        }
    }

    /// Makes the table that a template's `AWS::DynamoDB::Table` properties describe; one that exists is left as it is.
    ///
    /// # Errors
    /// `DynamoDB`'s own refusal of the properties.
    pub fn create_table(&self, name: &str, properties: &Value) -> anyhow::Result<()> {
        let mut request = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST" });
        for part in [
            "KeySchema",
            "AttributeDefinitions",
            "GlobalSecondaryIndexes",
            "LocalSecondaryIndexes",
        ] {
            if let Some(value) = properties.get(part) {
                request[part] = value.clone();
            }
        }
        match self.ask("CreateTable", &request) {
            Err(refusal) if !refusal.contains("ResourceInUseException") => anyhow::bail!("table {name}: {refusal}"),
            _ => self.expire_by(name, properties),
        }
    }

    fn expire_by(&self, name: &str, properties: &Value) -> anyhow::Result<()> {
        let Some(specification) = properties.get("TimeToLiveSpecification") else {
            return Ok(());
        };
        let described = self.ask("DescribeTimeToLive", &json!({ "TableName": name }));
        if described.is_ok_and(|answer| answer.contains("\"ENABLED\"")) {
            return Ok(());
        }
        let request = json!({ "TableName": name, "TimeToLiveSpecification": specification });
        match self.ask("UpdateTimeToLive", &request) {
            Ok(_) => Ok(()),
            Err(refusal) => anyhow::bail!("table {name}: {refusal}"),
        }
    }

    fn ask(&self, operation: &str, request: &Value) -> Result<String, String> {
        let (status, body) = self.answer(operation, request.to_string().as_bytes());
        let body = String::from_utf8_lossy(&body).into_owned();
        if status == 200 { Ok(body) } else { Err(body) }
    }

    fn dispatch(&self, operation: &str, body: &[u8]) -> dynoxide::Result<Vec<u8>> {
        let db = &self.0;
        match operation {
            "CreateTable" => run(body, |request| db.create_table(request)),
            "DescribeTable" => run(body, |request| db.describe_table(request)),
            "ListTables" => run(body, |request| db.list_tables(request)),
            "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
            "DescribeTimeToLive" => run(body, |request| db.describe_time_to_live(request)),
            "GetItem" => run(body, |request| db.get_item(request)),
            "PutItem" => run(body, |request| db.put_item(request)),
            "UpdateItem" => run(body, |request| db.update_item(request)),
            "DeleteItem" => run(body, |request| db.delete_item(request)),
            "Query" => run(body, |request| db.query(request)),
            "Scan" => run(body, |request| db.scan(request)),
            "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| db.batch_write_item(request)),
            "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
            "TransactGetItems" => run(body, |request| db.transact_get_items(request)),
            _ => Err(DynoxideError::UnsupportedCapability(operation.to_owned())),
        }
    }
}

impl fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dynamo")
    }
}

fn run<Request: DeserializeOwned, Answer: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Request) -> dynoxide::Result<Answer>,
) -> dynoxide::Result<Vec<u8>> {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
    let answer = operation(request)?;
    serde_json::to_vec(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Dynoxide marks its refusals inside serde's message; its own server, which reads the marks, is not built in here.
fn unreadable(message: &str) -> DynoxideError {
    let text = message.split(" at line ").next().unwrap_or(message);
    if let Some(text) = text.strip_prefix("VALIDATION_REQUEST:") {
        return DynoxideError::EnvelopedValidation(text.to_owned());
    }
    for mark in ["VALIDATION:", "VALIDATION_AS_READ:"] {
        if let Some(text) = text.strip_prefix(mark) {
            return DynoxideError::ValidationException(text.to_owned());
        }
    }
    for mark in ["SERIALIZATION:", "SERIALIZATION_AS_READ:"] {
        if let Some(text) = text.strip_prefix(mark) {
            return DynoxideError::SerializationException(text.to_owned());
        }
    }
    if [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ]
    .iter()
    .any(|part| text.contains(part))
    {
        return DynoxideError::ValidationException(text.to_owned());
    }
    DynoxideError::SerializationException(text.to_owned())
}

/// DynamoDB words one family of refusals differently on the three single writes; dynoxide leaves that to its caller.
fn enveloped(operation: &str, error: DynoxideError) -> DynoxideError {
    match (operation, error) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(text)) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {text}"))
        }
        (_, other) => other,
    }
}

struct Virtual(Now);

impl Clock for Virtual {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from((self.0)().as_second()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        (self.0)().as_duration().as_secs_f64()
    }
}

#[cfg(test)]
#[path = "dynamo_tests.rs"]
mod tests;
