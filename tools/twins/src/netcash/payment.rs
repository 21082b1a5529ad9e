//! A payment, as the service shows it and as a postback tells of it (docs/vendors.md §8.1, §8.2).

use bytes::Bytes;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::settings::{Settings, Unknown};
use crate::number;

/// What stands where a card is told of: a client must not keep it.
const CARD: [(&str, &str); 4] = [
    ("ccToken", "7f7a86f8-twin"),
    ("ccHolder", "A PERSON"),
    ("ccMasked", "411111******1111"),
    ("ccExpiry", "122030"),
];

const BY_CARD: &str = "1";

/// One payment.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) trace: String,
    pub(crate) reference: String,
    pub(crate) amount: Decimal,
    pub(crate) method: String,
    pub(crate) accepted: bool,
    pub(crate) reason: String,
}

impl Payment {
    /// The answer to who asks for it.
    pub(crate) fn shown(&self, settings: &Settings) -> Option<Value> {
        let mut shown = json!({
            "RequestTrace": self.trace,
            "Amount": if settings.amounts_as_text { json!(self.rand()) } else { number::to_json(self.amount) },
            "TransactionAccepted": said(settings, self.accepted),
            "Reference": self.reference,
            "Extra1": "", "Extra2": "", "Extra3": "",
            "Reason": self.reason,
            "Method": self.method,
        });
        for (name, value) in self.card() {
            shown[name] = json!(value);
        }
        Some(shown)
    }

    /// The form that is posted about it.
    pub(crate) fn form(&self) -> Bytes {
        let mut form = Serializer::new(String::new());
        form.append_pair("TransactionAccepted", &self.accepted.to_string())
            .append_pair("CardHolderIpAddr", "192.0.2.7")
            .append_pair("RequestTrace", &self.trace)
            .append_pair("Reference", &self.reference)
            .extend_pairs([("Extra1", ""), ("Extra2", ""), ("Extra3", "")])
            .append_pair("Amount", &self.rand())
            .append_pair("Method", &self.method)
            .append_pair("Reason", &self.reason)
            .extend_pairs(self.card());
        form.finish().into()
    }

    /// Two places.
    fn rand(&self) -> String {
        format!("{:.2}", self.amount)
    }

    fn card(&self) -> &'static [(&'static str, &'static str)] {
        if self.method == BY_CARD { &CARD } else { &[] }
    }
}

/// What is said of a trace that nobody knows; `None` is no body.
pub(crate) fn of_nobody(settings: &Settings) -> Option<Value> {
    let trace = match settings.unknown {
        Unknown::Placeholder => json!("0.0"),
        Unknown::NoTrace => Value::Null,
        Unknown::Another => json!("114.000000000001"),
        Unknown::Empty => return None,
    };
    Some(json!({
        "RequestTrace": trace,
        "Amount": "0.00",
        "TransactionAccepted": said(settings, false),
        "Reference": "another",
        "Reason": "",
    }))
}

fn said(settings: &Settings, yes: bool) -> Value {
    if settings.booleans_as_text {
        json!(yes.to_string())
    } else {
        json!(yes)
    }
}
