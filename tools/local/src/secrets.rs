//! Secrets Manager, as far as a function reads from it: `GetSecretValue`.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The prefix of `X-Amz-Target` for this service.
pub const TARGET: &str = "secretsmanager.";

/// Entries by name. Clones share them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeMap<String, String>>>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Fills an entry.
    pub fn put(&self, name: &str, text: String) {
        self.entries().insert(name.to_owned(), text);
    }

    /// Answers one request: HTTP status and JSON body.
    #[must_use]
    pub fn answer(&self, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let name = request["SecretId"].as_str().unwrap_or_default();
        let (status, answer) = match (target.strip_prefix(TARGET), self.entries().get(name)) {
            (Some("GetSecretValue"), Some(text)) => (200, json!({ "Name": name, "SecretString": text })),
            (Some("GetSecretValue"), None) => (400, json!({ "__type": "ResourceNotFoundException" })),
            _ => (400, json!({ "__type": "UnknownOperationException" })),
        };
        (status, answer.to_string().into_bytes())
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(secrets: &Secrets, target: &str, name: &str) -> u16 {
        let body = json!({ "SecretId": name }).to_string();
        secrets.answer(target, body.as_bytes()).0
    }

    #[test]
    fn what_was_put_is_answered_and_nothing_else() {
        let secrets = Secrets::default();
        secrets.put("one", "{}".into());
        assert_eq!(status(&secrets, "secretsmanager.GetSecretValue", "one"), 200);
        assert_eq!(status(&secrets, "secretsmanager.GetSecretValue", "other"), 400);
        assert_eq!(status(&secrets, "secretsmanager.ListSecrets", "one"), 400);
    }
}
