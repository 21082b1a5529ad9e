//! Stripe's word as it sends it: the signature over a webhook's raw body (docs/vendors.md §7).

use data_encoding::HEXLOWER;
use ring::hmac::{HMAC_SHA256, Key, sign};

/// The value of the header `Stripe-Signature` of this body, sent in this second.
#[must_use]
pub fn stripe_signature(secret: &str, second: i64, body: &str) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    let signature = sign(&key, format!("{second}.{body}").as_bytes());
    format!("t={second},v1={}", HEXLOWER.encode(signature.as_ref()))
}
