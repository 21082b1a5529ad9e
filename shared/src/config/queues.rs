//! What the queues are called.

/// The queues, by name; each one's URL is `QUEUE_<NAME>`, set by the template.
pub(super) const QUEUES: &[&str] = &[
    "cron_billing_pull",
    "cron_portal_pull",
    "cron_renew",
    "cron_sweep",
    "cron_zoho_crm_pull",
    "intake",
    "sync_app_status",
    "sync_backoffice_lead",
    "sync_billing_customer",
    "sync_billing_invoice",
    "sync_billing_payment",
    "sync_billing_plan",
    "sync_billing_product",
    "sync_billing_subscription",
    "sync_zoho_crm_lead",
];
