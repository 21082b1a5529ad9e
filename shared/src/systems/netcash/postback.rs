//! The postback: a form that Netcash, or the browser of whoever paid, sends when a payment moves (docs/vendors.md §8.1).
//! Pure. Anybody can write one, so that nothing in it counts but as a hint of which payment to ask for.

use super::transaction::yes_or_no;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// The longest trace that is taken, in characters. How long one can be is not documented; those seen have 16.
const LONGEST_TRACE: usize = 100;

/// What a postback says. Card and holder, which it may tell, are not read: this, not the form, is what may be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postback {
    /// Netcash's unique id of the payment (`RequestTrace`).
    pub trace: String,
    /// Our id of it (`Reference`).
    pub reference: String,
    /// Whether the payment is said to be accepted (`TransactionAccepted`).
    pub accepted: bool,
    /// Why it is not (`Reason`); may be empty.
    pub reason: String,
}

impl Postback {
    /// Reads a form (`application/x-www-form-urlencoded`): the body of a POST, or the query of a browser's GET.
    ///
    /// # Errors
    /// Which field is missing or can't be read; never its value.
    pub fn parse(form: &[u8]) -> Result<Self, String> {
        let trace = needed(form, "RequestTrace")?;
        if trace.chars().count() > LONGEST_TRACE {
            return Err(format!("RequestTrace has more than {LONGEST_TRACE} characters"));
        }
        let accepted = needed(form, "TransactionAccepted")?;
        Ok(Self {
            trace,
            reference: needed(form, "Reference")?,
            accepted: yes_or_no(&accepted).ok_or("TransactionAccepted is neither true nor false")?,
            reason: field(form, "Reason").unwrap_or_default(),
        })
    }
}

/// The id of what a postback announces, 64 hexadecimal digits: the same for each copy of it, and another one when an EFT
/// that was pending is accepted. Its parts stand with their lengths, so that `("ab", "c")` and `("a", "bc")` differ, and
/// are hashed, so that it fits into a key and shows nobody's words.
#[must_use]
pub fn event_id(postback: &Postback) -> String {
    let accepted = postback.accepted.to_string();
    let parts = [&postback.trace, &accepted, &postback.reason];
    let joined: String = parts.map(|part| format!("{}:{part}", part.len())).concat();
    HEXLOWER.encode(digest(&SHA256, joined.as_bytes()).as_ref())
}

fn needed(form: &[u8], name: &str) -> Result<String, String> {
    let value = field(form, name).filter(|value| !value.is_empty());
    value.ok_or_else(|| format!("{name} is missing"))
}

/// A field's first value, trimmed.
fn field(form: &[u8], name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(form);
    let (_, value) = pairs.find(|(own, _)| own == name)?;
    Some(value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORM: &str = "TransactionAccepted=true&CardHolderIpAddr=192.0.2.7&RequestTrace=114.228862205218&Reference=pay_7\
                        &Extra1=&Extra2=&Extra3=&Amount=599.10&Method=1&Reason=All+is%20well%21&ccToken=tok&ccHolder=A+PERSON\
                        &ccMasked=411111******1111&ccExpiry=122030";

    fn of(trace: &str, accepted: bool, reason: &str) -> Postback {
        Postback {
            trace: trace.to_owned(),
            reference: "pay_7".to_owned(),
            accepted,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn reads_the_form_and_nothing_of_the_card() {
        let read = Postback::parse(FORM.as_bytes()).unwrap();
        assert_eq!(read, of("114.228862205218", true, "All is well!"));
        let kept = serde_json::to_string(&read).unwrap();
        assert!(!kept.contains("PERSON") && !kept.contains("411111") && !kept.contains("192.0.2.7"));
    }

    #[test]
    fn names_the_field_that_is_missing() {
        let long = format!("RequestTrace={}&TransactionAccepted=true&Reference=r", "1".repeat(101));
        for (form, expected) in [
            ("", "RequestTrace is missing"),
            ("TransactionAccepted=true&Reference=r", "RequestTrace is missing"),
            (
                "RequestTrace=+&TransactionAccepted=true&Reference=r",
                "RequestTrace is missing",
            ),
            (
                "requesttrace=1&TransactionAccepted=true&Reference=r",
                "RequestTrace is missing",
            ),
            ("RequestTrace=1&Reference=r", "TransactionAccepted is missing"),
            ("RequestTrace=1&TransactionAccepted=true", "Reference is missing"),
            (
                "RequestTrace=1&TransactionAccepted=maybe&Reference=r",
                "TransactionAccepted is neither true nor false",
            ),
            (&long, "RequestTrace has more than 100 characters"),
        ] {
            assert_eq!(Postback::parse(form.as_bytes()), Err(expected.to_owned()), "{form}");
        }
    }

    #[test]
    fn an_eft_that_settles_is_another_event_and_a_copy_is_not() {
        let pending = of("114.1", false, "Pending");
        let id = event_id(&pending);
        assert_eq!(id.len(), 64);
        assert_eq!(id, event_id(&pending.clone()));
        assert_ne!(id, event_id(&of("114.1", true, "Pending")));
        assert_ne!(id, event_id(&of("114.1", false, "")));
        assert_ne!(event_id(&of("1", false, "")), event_id(&of("", false, "1")));
    }

    proptest! {
        #[test]
        fn two_events_share_an_id_only_where_all_parts_agree(
            a in ("[0-9:.]{0,3}", any::<bool>(), "[0-9a-z:]{0,3}"),
            b in ("[0-9:.]{0,3}", any::<bool>(), "[0-9a-z:]{0,3}"),
        ) {
            let id = |it: &(String, bool, String)| event_id(&of(&it.0, it.1, &it.2));
            prop_assert_eq!(id(&a) == id(&b), a == b);
        }

        #[test]
        fn no_form_makes_it_panic(form in any::<Vec<u8>>()) {
            drop(Postback::parse(&form));
        }
    }
}
