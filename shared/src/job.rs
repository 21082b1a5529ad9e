//! The queue's wire format: a small versioned enum that carries keys, never data.

use crate::model::{Kind, RecordKey, System};
use serde::{Deserialize, Serialize};

/// The version of the format that this code writes. A reader refuses others, so that a roll-back is seen.
const VERSION: u8 = 1;

/// One message of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// SQS's id of it.
    pub id: String,
    /// What it says.
    pub body: String,
    /// The queue's name, the last part of its ARN.
    pub queue: String,
    /// When it was first put on a queue, in milliseconds.
    pub sent_ms: i64,
}

/// What a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Bring a system up to a record.
    Sync(RecordKey, System),
    /// Apply a stored webhook.
    Intake(String, String),
    /// Wake a cron: it finds its work in the table.
    Activate,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sync: Option<SyncWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intake: Option<IntakeWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    activate: Option<bool>,
}

#[derive(Serialize, Deserialize)]
struct SyncWire {
    kind: Kind,
    id: String,
    system: System,
}

#[derive(Serialize, Deserialize)]
struct IntakeWire {
    source: String,
    id: String,
}

impl Message {
    /// The message as it is put on a queue.
    #[must_use]
    pub fn write(&self) -> String {
        let mut wire = Wire {
            v: VERSION,
            sync: None,
            intake: None,
            activate: None,
        };
        match self {
            Self::Sync(key, system) => {
                wire.sync = Some(SyncWire {
                    kind: key.kind.clone(),
                    id: key.id.clone(),
                    system: system.clone(),
                });
            }
            Self::Intake(source, id) => {
                wire.intake = Some(IntakeWire {
                    source: source.clone(),
                    id: id.clone(),
                })
            }
            Self::Activate => wire.activate = Some(true),
        }
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// Says what can't be read.
    pub fn read(body: &str) -> Result<Self, String> {
        let wire: Wire = serde_json::from_str(body).map_err(|it| format!("not a message of ours: {it}"))?;
        match wire {
            Wire { v, .. } if v != VERSION => Err(format!("message version {v}, known is {VERSION}")),
            Wire {
                sync: Some(it),
                intake: None,
                activate: None,
                ..
            } => Ok(Self::Sync(RecordKey::new(it.kind, it.id), it.system)),
            Wire {
                sync: None,
                intake: Some(it),
                activate: None,
                ..
            } => Ok(Self::Intake(it.source, it.id)),
            Wire {
                sync: None,
                intake: None,
                activate: Some(true),
                ..
            } => Ok(Self::Activate),
            _ => Err("a message that asks for none or several things".to_owned()),
        }
    }
}

/// The queue of the function that syncs `kind` to `system`. What goes to Zoho Billing is named for what it becomes there;
/// one function tells the app of all kinds.
#[must_use]
pub fn sync_queue(kind: &Kind, system: &System) -> String {
    match (system.as_str(), kind.as_str()) {
        ("zoho_billing", "service") => "sync_billing_subscription".to_owned(),
        ("zoho_billing", kind) => format!("sync_billing_{kind}"),
        ("app_status", _) => "sync_app_status".to_owned(),
        (system, kind) => format!("sync_{system}_{kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_back() {
        let lead = RecordKey::new(Kind::LEAD, "7");
        let all = [
            Message::Sync(lead, System::ZOHO_CRM),
            Message::Intake("zoho_crm".into(), "01".into()),
            Message::Activate,
        ];
        for message in all {
            assert_eq!(Message::read(&message.write()), Ok(message));
        }
    }

    #[test]
    fn other_messages_are_refused() {
        for body in [
            "",
            "{}",
            r#"{"v":2,"activate":true}"#,
            r#"{"v":1,"record":{}}"#,
            r#"{"v":1,"activate":false}"#,
        ] {
            assert!(Message::read(body).is_err(), "{body}");
        }
    }
}
