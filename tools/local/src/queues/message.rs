//! A message on its way in and out, and what SQS adds to it.

use super::QueueError;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The most that one message, or one batch, may hold: 1 MiB (SQS "Message quotas").
pub const LIMIT: usize = 1_048_576;

/// A message to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The body.
    pub body: String,
    /// How long it stays invisible; the queue's own delay if none.
    pub delay: Option<Duration>,
    /// Message attributes, by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// A message attribute, in SQS's own form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, with an optional label after a dot.
    pub data_type: String,
    /// The value of a `String` or a `Number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The value of a `Binary`, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

/// A message as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The message's id: the same for each copy and each receive.
    pub id: String,
    /// Names this receive; needed to delete the message.
    pub handle: String,
    /// The body.
    pub body: String,
    /// Message attributes, by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// When it was sent, UTC milliseconds; a move to the dead-letter queue does not change it.
    pub sent_ms: i64,
    /// When it was received first, UTC milliseconds.
    pub first_received_ms: i64,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// The queue that gave it up, if this is a dead letter.
    pub dead_from: Option<String>,
}

impl Outgoing {
    /// A message that is nothing but its body.
    #[must_use]
    pub fn new(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }

    /// What counts against [`LIMIT`]: body, and names, types and values of the attributes.
    #[must_use]
    pub fn size(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, attribute)| {
            let value = attribute.string_value.as_ref().or(attribute.binary_value.as_ref());
            name.len() + attribute.data_type.len() + value.map_or(0, String::len)
        });
        self.body.len() + attributes.sum::<usize>()
    }

    pub(super) fn check(&self) -> Result<(), QueueError> {
        let refuse = |text: &str| Err(QueueError::InvalidMessage(text.to_owned()));
        if self.body.is_empty() {
            return refuse("The request must contain the parameter MessageBody.");
        }
        if self.size() > LIMIT {
            return refuse("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.");
        }
        if self.delay.is_some_and(|delay| delay > Duration::from_secs(900)) {
            return refuse(
                "Value for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
            );
        }
        if !self.body.chars().all(allowed) {
            return refuse("Invalid characters in message body: only #x9 | #xA | #xD | #x20 and above are allowed.");
        }
        Ok(())
    }
}

/// The characters of XML 1.0, as the `SendMessage` reference lists them.
fn allowed(c: char) -> bool {
    matches!(c, '\u{9}' | '\u{A}' | '\u{D}' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// MD5 of a body in lower-case hex; SDKs compare it with what they sent.
#[must_use]
pub fn md5_of_body(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// MD5 of message attributes, or none where there are none ("Calculating the MD5 message digest" in the guide).
#[must_use]
pub fn md5_of_attributes(attributes: &BTreeMap<String, Attribute>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    for (name, attribute) in attributes {
        part(&mut bytes, name.as_bytes());
        part(&mut bytes, attribute.data_type.as_bytes());
        if let Some(text) = &attribute.string_value {
            bytes.push(1);
            part(&mut bytes, text.as_bytes());
        } else {
            let encoded = attribute.binary_value.as_deref().unwrap_or_default();
            bytes.push(2);
            part(&mut bytes, &BASE64.decode(encoded.as_bytes()).unwrap_or_default());
        }
    }
    Some(format!("{:x}", md5::compute(bytes)))
}

fn part(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(value);
}

/// The id of the `number`th message: looks like SQS's and is the same in each run of one history.
pub(super) fn id(number: u64) -> String {
    let hex = format!("{:x}", md5::compute(number.to_be_bytes()));
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}
