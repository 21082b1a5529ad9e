//! A payment as Netcash shows it when it is asked (docs/vendors.md §8.2). Pure.

use crate::systems::CallError;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// The trace that stands in the answer to one that Netcash does not know.
const KNOWN_TO_NOBODY: &str = "0.0";

/// A payment as Netcash itself shows it. What it tells of a card and its holder is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Netcash's unique id of it (`RequestTrace`).
    pub trace: String,
    /// Our id of it, which the payment was begun with (`p2` of the form).
    pub reference: String,
    /// How much, in rand.
    pub amount: Decimal,
    /// Whether the money is ours. Bank EFT and retail say `false` until they settle.
    pub accepted: bool,
    /// Netcash's words for why it is not accepted; may be empty.
    pub reason: String,
    /// The code of the way it was paid, as it was said; may be empty. [`paid_by`](super::paid_by) reads it.
    pub method: String,
    /// What the form had in its three additional fields; empty where there was nothing.
    pub extras: [String; 3],
}

/// Reads the answer to a question for the trace `asked`.
pub(super) fn read(asked: &str, answer: &Json) -> Result<Option<Transaction>, CallError> {
    let trace = text(&answer["RequestTrace"]);
    if trace == KNOWN_TO_NOBODY {
        return Ok(None);
    }
    if trace.is_empty() {
        return Err(CallError::Later("the answer names no transaction".to_owned()));
    }
    if trace != asked {
        return Err(CallError::Later("the answer names another transaction".to_owned()));
    }
    of(trace, answer).map(Some).map_err(unreadable)
}

fn unreadable(field: &str) -> CallError {
    CallError::Rejected(format!("{field} of the transaction can't be read"))
}

/// The error is the field that can't be read.
fn of(trace: String, answer: &Json) -> Result<Transaction, &'static str> {
    let reference = text(&answer["Reference"]);
    if reference.is_empty() {
        return Err("Reference");
    }
    Ok(Transaction {
        trace,
        reference,
        amount: decimal(&answer["Amount"]).ok_or("Amount")?,
        accepted: yes_or_no(&text(&answer["TransactionAccepted"])).ok_or("TransactionAccepted")?,
        reason: text(&answer["Reason"]),
        method: text(&answer["Method"]),
        extras: ["Extra1", "Extra2", "Extra3"].map(|name| text(&answer[name])),
    })
}

/// A value as text: Netcash writes numbers and yes or no as JSON's own or as text.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Bool(yes) => yes.to_string(),
        _ => String::new(),
    }
}

/// `true` or `false`, in letters of any case.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    text.trim().to_ascii_lowercase().parse().ok()
}

/// Exact, never through a float, and no digit is rounded away.
fn decimal(value: &Json) -> Option<Decimal> {
    let text = text(value);
    Decimal::from_str_exact(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TRACE: &str = "114.228862205218";

    fn answer(changes: Json) -> Json {
        let mut answer = json!({"RequestTrace": TRACE, "Amount": 599.10, "TransactionAccepted": "true",
            "Reference": "pay_7", "Extra1": "a", "Extra2": "", "Extra3": null, "Reason": " ok ", "Method": 1,
            "ccHolder": "A PERSON", "ccToken": "t"});
        let fields = answer.as_object_mut().unwrap();
        fields.extend(changes.as_object().unwrap().clone());
        answer
    }

    fn of_changed(changes: Json) -> Transaction {
        read(TRACE, &answer(changes)).unwrap().unwrap()
    }

    #[test]
    fn reads_all_but_what_is_of_the_card() {
        let seen = of_changed(json!({}));
        let expected = Transaction {
            trace: TRACE.to_owned(),
            reference: "pay_7".to_owned(),
            amount: Decimal::new(59910, 2),
            accepted: true,
            reason: "ok".to_owned(),
            method: "1".to_owned(),
            extras: ["a".to_owned(), String::new(), String::new()],
        };
        assert_eq!(seen, expected);
        assert!(!format!("{seen:?}").contains("PERSON"));
    }

    #[test]
    fn yes_and_no_come_in_both_forms() {
        for (said, expected) in [
            (json!(true), Some(true)),
            (json!(false), Some(false)),
            (json!("true"), Some(true)),
            (json!("false"), Some(false)),
            (json!("True"), Some(true)),
            (json!(" FALSE "), Some(false)),
            (json!(1), None),
            (json!("1"), None),
            (json!("yes"), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            let read = read(TRACE, &answer(json!({ "TransactionAccepted": said })));
            let accepted = read.ok().flatten().map(|it| it.accepted);
            assert_eq!(accepted, expected, "{said}");
        }
    }

    #[test]
    fn amounts_come_in_both_forms_and_keep_every_digit() {
        for (said, expected) in [
            (r#"599.10"#, Some("599.10")),
            (r#""1250.50""#, Some("1250.50")),
            (r#"0.1"#, Some("0.1")),
            (r#"12345678901234.56"#, Some("12345678901234.56")),
            (r#"1e2"#, Some("100")),
            (r#""R 10""#, None),
            (r#""1,250.50""#, None),
            (r#""""#, None),
            (r#"null"#, None),
        ] {
            let said: Json = serde_json::from_str(said).unwrap();
            let read = read(TRACE, &answer(json!({ "Amount": said })));
            let expected = expected.map(|it| it.parse::<Decimal>().unwrap());
            assert_eq!(read.ok().flatten().map(|it| it.amount), expected, "{said}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_without_its_value() {
        for (changes, field) in [
            (json!({"Reference": " "}), "Reference"),
            (json!({"Amount": "secret"}), "Amount"),
            (json!({"TransactionAccepted": "secret"}), "TransactionAccepted"),
        ] {
            let error = read(TRACE, &answer(changes)).unwrap_err();
            assert!(matches!(&error, CallError::Rejected(why) if why.starts_with(field) && !why.contains("secret")));
        }
    }

    #[test]
    fn only_an_answer_about_the_same_trace_is_one() {
        for trace in [json!(null), json!(""), json!("114.1"), json!({}), json!(0)] {
            let error = read(TRACE, &answer(json!({ "RequestTrace": trace }))).unwrap_err();
            assert!(matches!(error, CallError::Later(_)), "{trace}: {error}");
        }
        for nothing in [json!(null), json!([]), json!("x"), json!({})] {
            assert!(matches!(read(TRACE, &nothing), Err(CallError::Later(_))), "{nothing}");
        }
        let nobodys = json!({"RequestTrace": "0.0", "TransactionAccepted": false});
        assert_eq!(read(TRACE, &nobodys), Ok(None));
        assert!(matches!(read("", &json!({})), Err(CallError::Later(_))));
    }
}
