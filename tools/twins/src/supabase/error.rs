//! PostgREST's errors: `{code, message, details, hint}`. Texts are those of PostgREST and of Postgres.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::schema::Table;
use crate::answer;

/// The content type of every JSON answer.
pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// An error.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    body: Value,
}

impl Failure {
    pub(crate) fn new(status: u16, code: &str, message: &str) -> Self {
        let body = json!({ "code": code, "message": message, "details": null, "hint": null });
        Self { status, body }
    }

    pub(crate) fn details(mut self, details: &str) -> Self {
        self.body["details"] = json!(details);
        self
    }

    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.body["hint"] = json!(hint);
        self
    }

    /// An error of the gateway in front of PostgREST.
    pub(crate) fn gateway(status: u16, message: &str, hint: &str) -> Self {
        let body = if hint.is_empty() {
            json!({ "message": message })
        } else {
            json!({ "message": message, "hint": hint })
        };
        Self { status, body }
    }

    /// A part of the query that can't be read (PGRST100).
    pub(crate) fn parse(what: &str, text: &str, column: usize, details: &str) -> Self {
        let message = format!("\"failed to parse {what} ({text})\" (line 1, column {column})");
        Self::new(400, "PGRST100", &message).details(details)
    }

    pub(crate) fn no_table(name: &str) -> Self {
        let message = format!("Could not find the table 'public.{name}' in the schema cache");
        Self::new(404, "PGRST205", &message)
    }

    /// A column that the schema cache does not have, in a body or in `columns`.
    pub(crate) fn stale_column(table: &Table, name: &str) -> Self {
        let message = format!(
            "Could not find the '{name}' column of '{}' in the schema cache",
            table.name
        );
        Self::new(400, "PGRST204", &message)
    }

    /// A column that Postgres does not have, in a filter, an order or a select.
    pub(crate) fn no_column(table: &Table, name: &str) -> Self {
        Self::new(400, "42703", &format!("column {}.{name} does not exist", table.name))
    }

    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    pub(crate) fn response(&self) -> Response<Bytes> {
        let mut response = answer::json(self.status, JSON, self.body.to_string().into_bytes());
        if let Some(code) = self.body.get("code").and_then(Value::as_str) {
            answer::set(&mut response, "proxy-status", &format!("PostgREST; error={code}"));
        }
        response
    }
}

/// The refusal that a fault asks for.
pub(crate) fn refusal(status: u16, code: Option<&str>) -> Response<Bytes> {
    let (code, message) = match (code, status) {
        (Some(code), _) => (code, message(code)),
        (None, 401) => ("PGRST301", message("PGRST301")),
        (None, 403) => ("42501", message("42501")),
        (None, 500) => ("40001", message("40001")),
        (None, 503) => ("PGRST001", message("PGRST001")),
        (None, 504) => ("PGRST003", message("PGRST003")),
        // Rate limits and bad gateways come from in front of PostgREST.
        (None, _) => return answer::gateway(status),
    };
    Failure::new(status, code, message).response()
}

fn message(code: &str) -> &'static str {
    match code {
        "PGRST000" => "Could not connect with the database due to an incorrect db-uri or no running database.",
        "PGRST001" => "Database client error. Retrying the connection.",
        "PGRST002" => "Could not query the database for the schema cache. Retrying.",
        "PGRST003" => "Timed out acquiring connection from connection pool.",
        "PGRST301" => "No suitable key or wrong key type",
        "PGRST303" => "JWT expired",
        "40001" => "could not serialize access due to concurrent update",
        "40P01" => "deadlock detected",
        "42501" => "permission denied for table leads",
        "53300" => "sorry, too many clients already",
        "57014" => "canceling statement due to statement timeout",
        _ => "error",
    }
}
