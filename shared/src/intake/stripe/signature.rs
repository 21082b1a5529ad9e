//! The header `Stripe-Signature` (docs/vendors.md §7.1).

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use ring::hmac::{Context, HMAC_SHA256, Key};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// How far the signed time may lie from now, in seconds, before or after: what Stripe's own libraries allow.
const TOLERANCE: u64 = 300;

/// Why a webhook does not count as Stripe's. None of them shows anything of header, body or secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No secret is configured: nothing can be verified.
    #[error("no secret is configured")]
    NotConfigured,
    /// There is no such header.
    #[error("the header Stripe-Signature is missing")]
    Missing,
    /// The header has not exactly one time, or no signature of the scheme `v1`.
    #[error("the header Stripe-Signature can't be read")]
    Unreadable,
    /// Signed with none of our secrets, or the body is not the one that was signed.
    #[error("no signature of the webhook is one of ours")]
    Mismatch,
    /// Signed by Stripe, and more than five minutes away from now: a replay, or a clock that is wrong.
    #[error("the webhook was signed more than 300 s from now")]
    Stale,
}

/// Whether Stripe signed these very bytes within five minutes of `now`. `secrets` is one signing secret (`whsec_…`) or
/// several with commas between them, so that one can be rolled; white space around them is no part of them.
///
/// # Errors
/// See [`SignatureError`]; fails closed.
pub fn check(
    body: &[u8],
    header: Option<&str>,
    secrets: Option<&SecretString>,
    now: Timestamp,
) -> Result<(), SignatureError> {
    let keys = keys(secrets.ok_or(SignatureError::NotConfigured)?);
    if keys.is_empty() {
        return Err(SignatureError::NotConfigured);
    }
    let header = header.ok_or(SignatureError::Missing)?;
    let signed = Signed::read(header).ok_or(SignatureError::Unreadable)?;
    if !keys.iter().any(|key| signed.is_by(key, body)) {
        return Err(SignatureError::Mismatch);
    }
    match now.as_second().abs_diff(signed.at) <= TOLERANCE {
        true => Ok(()),
        false => Err(SignatureError::Stale),
    }
}

/// The secret's text as it stands is the key: its prefix belongs to it, and nothing of it is base64.
fn keys(secrets: &SecretString) -> Vec<Key> {
    let texts = secrets.expose_secret().split(',').map(str::trim);
    let given = texts.filter(|text| !text.is_empty());
    given.map(|text| Key::new(HMAC_SHA256, text.as_bytes())).collect()
}

/// What the header says: `t=<unix time>,v1=<hex>[,v1=<hex>][,v0=…]`.
struct Signed<'a> {
    at: i64,
    /// The time's own digits, which are part of what was signed.
    digits: &'a str,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Signed<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let [digits] = values(header, "t").collect::<Vec<_>>()[..] else {
            return None;
        };
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let at = digits.parse().ok().filter(|_| is_number)?;
        let hex = values(header, "v1").filter_map(|text| HEXLOWER.decode(text.as_bytes()).ok());
        let signatures: Vec<_> = hex.collect();
        (!signatures.is_empty()).then_some(Self { at, digits, signatures })
    }

    /// Whether any of the signatures is this key's: while a secret is rolled Stripe signs with the old and the new one.
    fn is_by(&self, key: &Key, body: &[u8]) -> bool {
        let mut context = Context::with_key(key);
        context.update(self.digits.as_bytes());
        context.update(b".");
        context.update(body);
        let ours = context.sign();
        let mut shown = self.signatures.iter();
        shown.any(|theirs| ours.as_ref().ct_eq(theirs).into())
    }
}

/// The values of one scheme.
fn values<'a>(header: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = header.split(',').filter_map(|item| item.split_once('='));
    pairs.filter(move |(own, _)| *own == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::SignatureError::{Mismatch, Missing, NotConfigured, Stale, Unreadable};
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "whsec_demoStripeSecret0123456789";
    const AT: i64 = 1_767_225_600;
    const BODY: &str = r#"{"type":"ContactUpdate","locationId":"loc_demo","id":"c_1","email":"ada@example.test"}"#;
    const V1: &str = "43835ba71d01ece0678068715abd009b00cc71ffabc9369729d6ac7ed9fcbc6e";

    fn checked(body: &str, header: &str, secrets: &str, at: i64) -> Result<(), SignatureError> {
        let now = Timestamp::from_second(at).unwrap();
        check(body.as_bytes(), Some(header), Some(&secrets.into()), now)
    }

    fn v1(secret: &str, digits: &str, body: &[u8]) -> String {
        let key = Key::new(HMAC_SHA256, secret.as_bytes());
        let text = [digits.as_bytes(), b".", body].concat();
        HEXLOWER.encode(ring::hmac::sign(&key, &text).as_ref())
    }

    #[test]
    fn a_known_signature_is_good_and_its_neighbours_are_not() {
        let good = format!("t={AT},v1={V1}");
        assert_eq!(v1(SECRET, &AT.to_string(), BODY.as_bytes()), V1);
        let zeros = "0".repeat(64);
        for (body, header, secrets, expected) in [
            (BODY, good.clone(), SECRET, Ok(())),
            (&BODY.replace(":\"c_1", ": \"c_1"), good.clone(), SECRET, Err(Mismatch)),
            (BODY, good.clone(), "whsec_other", Err(Mismatch)),
            (BODY, good.clone(), "demoStripeSecret0123456789", Err(Mismatch)),
            (
                BODY,
                good.replace("t=1767225600", "t=1767225601"),
                SECRET,
                Err(Mismatch),
            ),
            (BODY, good.replace("v1=4", "v1=5"), SECRET, Err(Mismatch)),
            (BODY, format!("t={AT},v1={}", &V1[..62]), SECRET, Err(Mismatch)),
            // Several: any may match. Other schemes never do.
            (BODY, format!("t={AT},v1={zeros},v1={V1}"), SECRET, Ok(())),
            (BODY, format!("v1={V1},v0={zeros},t={AT}"), SECRET, Ok(())),
            (BODY, format!("t={AT},v1={zeros},v0={V1}"), SECRET, Err(Mismatch)),
            (BODY, format!("t={AT},v0={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t={AT},v2={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t={AT},v1="), SECRET, Err(Mismatch)),
            (
                BODY,
                format!("t={AT},v1={}", V1.to_uppercase()),
                SECRET,
                Err(Unreadable),
            ),
            (BODY, format!("t={AT},v1=not hex"), SECRET, Err(Unreadable)),
            (BODY, format!("v1={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t=,v1={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t=+{AT},v1={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t=-{AT},v1={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t=99999999999999999999,v1={V1}"), SECRET, Err(Unreadable)),
            (BODY, format!("t={AT},t={AT},v1={V1}"), SECRET, Err(Unreadable)),
            (BODY, String::new(), SECRET, Err(Unreadable)),
            (BODY, "whatever".to_owned(), SECRET, Err(Unreadable)),
        ] {
            assert_eq!(checked(body, &header, secrets, AT), expected, "{header} {secrets}");
        }
    }

    #[test]
    fn one_of_several_secrets_is_enough_and_white_space_is_none() {
        let header = format!("t={AT},v1={V1}");
        for (secrets, expected) in [
            (format!("whsec_new,{SECRET}"), Ok(())),
            (format!("{SECRET},whsec_old"), Ok(())),
            (format!(" whsec_new , {SECRET}\n"), Ok(())),
            (format!("{SECRET},"), Ok(())),
            ("whsec_new,whsec_old".to_owned(), Err(Mismatch)),
            (String::new(), Err(NotConfigured)),
            (" , ".to_owned(), Err(NotConfigured)),
        ] {
            assert_eq!(checked(BODY, &header, &secrets, AT), expected, "{secrets:?}");
        }
        // An empty secret must never be the key.
        let forged = format!("t={AT},v1={}", v1("", &AT.to_string(), BODY.as_bytes()));
        assert_eq!(checked(BODY, &forged, &format!("{SECRET},"), AT), Err(Mismatch));
    }

    #[test]
    fn five_minutes_either_way_and_no_second_more() {
        let header = format!("t={AT},v1={V1}");
        for (apart, expected) in [
            (0, Ok(())),
            (299, Ok(())),
            (300, Ok(())),
            (301, Err(Stale)),
            (-300, Ok(())),
            (-301, Err(Stale)),
            (3600, Err(Stale)),
        ] {
            assert_eq!(checked(BODY, &header, SECRET, AT + apart), expected, "{apart}");
        }
        let far = format!(
            "t={},v1={}",
            i64::MAX,
            v1(SECRET, &i64::MAX.to_string(), BODY.as_bytes())
        );
        assert_eq!(checked(BODY, &far, SECRET, AT), Err(Stale));
    }

    #[test]
    fn without_a_secret_or_a_header_nothing_is_verified() {
        let now = Timestamp::from_second(AT).unwrap();
        let header = format!("t={AT},v1={V1}");
        assert_eq!(check(BODY.as_bytes(), Some(&header), None, now), Err(NotConfigured));
        assert_eq!(check(BODY.as_bytes(), None, Some(&SECRET.into()), now), Err(Missing));
    }

    #[test]
    fn only_what_is_signed_is_verified() {
        let (now, secret) = (Timestamp::from_second(AT).unwrap(), SECRET.into());
        let verified = |header: &str| crate::intake::verify_stripe(BODY.as_bytes(), Some(header), Some(&secret), now);
        assert!(verified(&format!("t={AT},v1={V1}")).is_some_and(|it| it.json().is_some()));
        assert!(verified(&format!("t={AT},v1={}", "0".repeat(64))).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_that_were_signed_verify_and_one_byte_more_does_not(body in any::<Vec<u8>>(), at in 0..4_102_444_800_i64) {
            let header = format!("t={at},v1={}", v1(SECRET, &at.to_string(), &body));
            let (now, secret) = (Timestamp::from_second(at).unwrap(), SECRET.into());
            prop_assert_eq!(check(&body, Some(&header), Some(&secret), now), Ok(()));
            let longer = [&body[..], b" "].concat();
            prop_assert_eq!(check(&longer, Some(&header), Some(&secret), now), Err(Mismatch));
        }

        #[test]
        fn no_header_makes_it_panic(header in any::<String>()) {
            prop_assert!(checked(BODY, &header, SECRET, AT).is_err());
        }
    }
}
