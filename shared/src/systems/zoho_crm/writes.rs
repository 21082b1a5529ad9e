//! Writing records (docs/vendors.md §1.3, §1.4). Zoho has no idempotency keys (§1.9), so each write names its class.

use super::limits::RECORDS_PER_CALL;
use super::{Access, ZohoCrm, answer, times};
use crate::systems::{CallError, Write, Written};
use http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

impl ZohoCrm {
    /// Updates the records in which one of `duplicate_check_fields` (in this order) has the same value, makes the
    /// others; at most 100, of which no two share such a value (§1.9). `trigger`: which of Zoho's automations run;
    /// `None` all, `[]` none (§1.3).
    ///
    /// Write class: **keyed** on the first of those fields, where that is a unique field that only we fill ("Upsert
    /// Records" page): it may be sent again. On a field that is not marked unique Zoho silently inserts (§1.9):
    /// [`ZohoCrm::fields`] tells.
    ///
    /// The results are in the order of `writes`; one success says nothing of the others.
    ///
    /// # Errors
    /// The error stands for every record: `Unknown` also where the number of results is not that of the records;
    /// `Rejected`, unsent, beyond 100 records or without fields to check.
    pub async fn upsert(
        &self,
        access: &Access,
        module: &str,
        writes: &[Write],
        duplicate_check_fields: &[&str],
        trigger: Option<&[String]>,
    ) -> Result<Vec<Result<Written, CallError>>, CallError> {
        if duplicate_check_fields.is_empty() {
            // Zoho would choose fields of its own (§1.3).
            return Err(CallError::Rejected("an upsert without fields to check".to_owned()));
        }
        let mut body = envelope(writes.iter().map(record).collect(), trigger);
        body["duplicate_check_fields"] = json!(duplicate_check_fields);
        self.put(Method::POST, access, &[module, "upsert"], writes, &body).await
    }

    /// Sets fields of known records; at most 100, each with its id. `trigger` as in [`ZohoCrm::upsert`].
    ///
    /// Write class: **keyed** on Zoho's own id ("Update Records" page): it may be sent again.
    ///
    /// # Errors
    /// As [`ZohoCrm::upsert`]; `Rejected`, unsent, where an id is missing. A record that is not there any more has the
    /// result `Gone`.
    pub async fn update(
        &self,
        access: &Access,
        module: &str,
        writes: &[Write],
        trigger: Option<&[String]>,
    ) -> Result<Vec<Result<Written, CallError>>, CallError> {
        if writes.iter().any(|write| write.id.is_none()) {
            return Err(CallError::Rejected("an update without an id".to_owned()));
        }
        let body = envelope(writes.iter().map(record).collect(), trigger);
        self.put(Method::PUT, access, &[module], writes, &body).await
    }

    /// Sets fields of one known record, if nobody changed it since `unmodified_since` (its modified time as last read;
    /// whole seconds, so a change within that second is not noticed).
    ///
    /// Write class: **keyed** on Zoho's own id; with `unmodified_since`, sending again after a lost answer may get
    /// `Modified` from our own first write: read and compare.
    ///
    /// # Errors
    /// `Modified` where somebody did; else as [`ZohoCrm::update`].
    pub async fn update_one(
        &self,
        access: &Access,
        module: &str,
        write: &Write,
        unmodified_since: Option<Timestamp>,
        trigger: Option<&[String]>,
    ) -> Result<Written, CallError> {
        let Some(id) = write.id.as_deref() else {
            return Err(CallError::Rejected("an update without an id".to_owned()));
        };
        let body = envelope(vec![Json::Object(write.fields.clone())], trigger);
        let mut request = self.change(Method::PUT, access, &[module, id]).json(&body);
        if let Some(time) = unmodified_since {
            request = request.header("if-unmodified-since", &times::write(time));
        }
        let response = self.send(request).await?;
        let results = answer::of_write(&response, "data", 1)?;
        answer::written(response.status().as_u16(), &results[0], Some(id))
    }

    async fn put(
        &self,
        method: Method,
        access: &Access,
        path: &[&str],
        writes: &[Write],
        body: &Json,
    ) -> Result<Vec<Result<Written, CallError>>, CallError> {
        if writes.len() > RECORDS_PER_CALL {
            return Err(CallError::Rejected(format!("{} records in one call", writes.len())));
        }
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let response = self.send(self.change(method, access, path).json(body)).await?;
        let results = answer::of_write(&response, "data", writes.len())?;
        let status = response.status().as_u16();
        let pairs = results.iter().zip(writes);
        Ok(pairs
            .map(|(result, write)| answer::written(status, result, write.id.as_deref()))
            .collect())
    }
}

fn envelope(records: Vec<Json>, trigger: Option<&[String]>) -> Json {
    let mut body = Map::new();
    body.insert("data".to_owned(), Json::Array(records));
    if let Some(trigger) = trigger {
        body.insert("trigger".to_owned(), json!(trigger));
    }
    Json::Object(body)
}

fn record(write: &Write) -> Json {
    let mut fields = write.fields.clone();
    if let Some(id) = &write.id {
        fields.insert("id".to_owned(), json!(id));
    }
    Json::Object(fields)
}
