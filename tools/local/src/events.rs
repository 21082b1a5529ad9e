//! What the events of `events/` take for granted: the key and the secrets that they show, and the records that they name.

use shared::model::{Arrival, Kind, Patch, System, Value};

/// The key that they show, in `POST /leads` and `POST /crons`.
pub const KEY: &str = "demo-key";
/// The secrets that they show, by their variables.
pub const SECRETS: [(&str, &str); 6] = [
    ("APP_WEBHOOK_SECRET", "demo-secret"),
    ("STRIPE_WEBHOOK_SECRET", "demo-secret"),
    ("ZOHO_BILLING_WEBHOOK_SECRET", "demo-secret"),
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

/// What the events of billing name: route and body of each record, parents first.
pub const BILLED: [(&str, &str); 6] = [
    (
        "/customers",
        r#"{"id":"user_123abc","email":"nandi@example.com","name":"Nandi Zulu"}"#,
    ),
    ("/products", r#"{"id":"fibre","name":"Fibre"}"#),
    (
        "/plans",
        r#"{"id":"fibre-100","product_id":"fibre","name":"Fibre 100","price":"599.00"}"#,
    ),
    (
        "/services",
        r#"{"id":"svc_1","customer_id":"user_123abc","plan_id":"fibre-100","status":"active"}"#,
    ),
    (
        "/invoices",
        r#"{"id":"inv_1","customer_id":"user_123abc","type":"installation","date":"2026-01-05","amount":"599.00"}"#,
    ),
    (
        "/payments",
        r#"{"id":"pay_7","customer_id":"user_123abc","invoice_id":"inv_1","amount":"599.00","date":"2026-01-05","method":"card"}"#,
    ),
];
/// When Stripe signed its event: 300 seconds later it is refused.
pub const SIGNED: &str = "2026-01-05T10:00:00Z";

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
