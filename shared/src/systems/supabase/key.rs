//! The key of a project, and how it is sent (docs/vendors.md §4.1).

use crate::systems::http::Request;
use secrecy::{ExposeSecret as _, SecretString};

/// A project's key. `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Key {
    secret: SecretString,
    is_jwt: bool,
}

impl Key {
    /// A key of either kind, told apart by its form: three parts between points are a legacy JWT (`service_role`),
    /// anything else, such as `sb_secret_…`, is none.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        let text = secret.expose_secret();
        let is_jwt = !text.starts_with("sb_") && text.split('.').filter(|part| !part.is_empty()).count() == 3;
        Self { secret, is_jwt }
    }

    /// A JWT goes in both headers; a new key as a bearer token would be refused (§4.1).
    pub(super) fn sign(&self, request: Request) -> Request {
        let request = request.secret("apikey", "", &self.secret);
        match self.is_jwt {
            true => request.secret("authorization", "Bearer ", &self.secret),
            false => request,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_and_not_shown() {
        for (text, is_jwt) in [
            ("eyJh.eyJp.c2ln", true),
            ("sb_secret_abc", false),
            ("sb_secret_a.b.c", false),
            ("abc", false),
            ("a.b", false),
        ] {
            let key = Key::new(text.into());
            assert_eq!(key.is_jwt, is_jwt, "{text}");
            assert!(!format!("{key:?}").contains(text));
        }
    }
}
