//! E-mail addresses and telephone numbers as leads bring them.

use super::{is_gap, words};
use unicode_normalization::UnicodeNormalization;

/// The longest address that can be mailed to, in bytes (RFC 5321 §4.5.3.1.3, less its brackets).
const LONGEST_EMAIL: usize = 254;

/// The e-mail address as Concord stores and compares it: trimmed, lower case, Unicode NFC.
///
/// `None` unless there is exactly one `@` with something on both sides and no gap inside. That is all that is
/// asked: whether the address exists is for a mail server to say, and refusing more (a domain without a dot,
/// an umlaut) would lose leads. A quoted local part may hold `@` or a space by RFC 5321; no portal's form
/// takes one, and it is refused here. Dots and `+tags` stay: only the mailbox's own server knows their meaning.
#[must_use]
pub fn email(raw: &str) -> Option<String> {
    let trimmed = raw.trim_matches(is_gap);
    if trimmed.contains(is_gap) {
        return None;
    }
    let (local, domain) = trimmed.split_once('@')?;
    if local.is_empty() || domain.is_empty() || domain.contains('@') || trimmed.len() > LONGEST_EMAIL {
        return None;
    }
    Some(trimmed.nfc().collect::<String>().to_lowercase().nfc().collect())
}

/// The telephone number as it is shown and sent on: trimmed, each gap inside made one space, none after a
/// leading `+`. `None` if it holds no digit.
///
/// This is **not** a key to match on: `+356 9912 3456`, `0035699123456` and `99 123 456` are one telephone
/// and stay three texts. Leads are matched on ids and e-mail only (docs/flows/leads.md).
#[must_use]
pub fn phone(raw: &str) -> Option<String> {
    if !raw.contains(char::is_numeric) {
        return None;
    }
    let shown = words(raw).collect::<Vec<_>>().join(" ");
    Some(match shown.strip_prefix("+ ") {
        Some(number) => format!("+{number}"),
        None => shown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn emails() {
        let cases = [
            ("maria@example.com", Some("maria@example.com")),
            ("  Maria.Farrugia@Example.COM \n", Some("maria.farrugia@example.com")),
            ("\u{a0}maria@example.com\u{a0}", Some("maria@example.com")),
            ("\u{feff}maria@example.com\u{200b}", Some("maria@example.com")),
            ("maria+solar@example.com", Some("maria+solar@example.com")),
            ("m.a.r.i.a@example.com", Some("m.a.r.i.a@example.com")),
            ("maria@localhost", Some("maria@localhost")),
            ("ĠORĠ@example.mt", Some("ġorġ@example.mt")),
            ("G\u{307}org\u{307}@example.mt", Some("ġorġ@example.mt")),
            ("", None),
            ("   ", None),
            ("@", None),
            ("maria", None),
            ("maria@", None),
            ("@example.com", None),
            ("maria@@example.com", None),
            ("maria@example.com@example.com", None),
            ("maria @example.com", None),
            ("maria@exam\tple.com", None),
            ("maria@example.com, joe@example.com", None),
            ("Maria <maria@example.com>", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(email(raw).as_deref(), expected, "{raw:?}");
        }
    }

    #[test]
    fn phones() {
        let cases = [
            ("+356 9912 3456", Some("+356 9912 3456")),
            ("  +356  9912\t3456 ", Some("+356 9912 3456")),
            ("+\u{a0}356 9912 3456", Some("+356 9912 3456")),
            ("\u{202a}+356 9912 3456\u{202c}", Some("+356 9912 3456")),
            ("99123456", Some("99123456")),
            ("0035699123456", Some("0035699123456")),
            ("(356) 2155-1234 ext. 5", Some("(356) 2155-1234 ext. 5")),
            ("", None),
            (" \t", None),
            ("+", None),
            ("n/a", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(phone(raw).as_deref(), expected, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn an_email_is_its_own_email(raw in "\\PC{0,12}@\\PC{0,12}") {
            if let Some(once) = email(&raw) {
                prop_assert_eq!(email(&once), Some(once.clone()));
                prop_assert_eq!(once.matches('@').count(), 1);
            }
        }

        #[test]
        fn a_phone_is_its_own_phone(raw in any::<String>()) {
            if let Some(once) = phone(&raw) {
                prop_assert_eq!(phone(&once), Some(once.clone()));
            }
        }
    }
}
