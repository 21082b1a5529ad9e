//! What the events of `events/` take for granted: the key and the secrets that they show, and the records that they name.

use shared::model::{Arrival, Kind, Patch, System, Value};

/// The key that they show, in `POST /leads` and `POST /crons`.
pub const KEY: &str = "demo-key";
/// The secrets that they show, by their variables.
pub const SECRETS: [(&str, &str); 3] = [
    ("CRON_SECRET", KEY),
    ("PORTAL_WEBHOOK_SECRET", "demo-secret"),
    ("ZOHO_CRM_WEBHOOK_TOKEN", "demo-token"),
];
/// The row that the portal's events name.
pub const ROW: &str = "7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3";
/// The webhook that the event of `process_webhook` names.
pub const WEBHOOK: &str = "01KE6V0JG0T7Q2N8R4X5Y6Z3AB";
/// The lead that the events of the sync functions name.
pub const LEAD: &str = "c2a9e0f4-51d7-4a36-9b8e-0f6d3c7b1e52";

/// What makes that lead, as the portal's row `row`.
#[must_use]
pub fn lead(row: &str) -> Arrival {
    let text = |it: &str| Patch::Set(Value::text(it));
    Arrival {
        source: System::PORTAL,
        kind: Kind::LEAD,
        source_id: Some(row.into()),
        keys: vec![("portal_lead_id".into(), row.into())],
        fields: [("last_name".into(), text("Borg")), ("city".into(), text("Xagħra"))].into(),
        modified: None,
        made: None,
        asked: None,
        confirmed: true,
        new_id: Some(LEAD.into()),
    }
}
