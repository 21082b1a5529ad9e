//! What the queues are called.

use std::collections::BTreeMap;

/// The queues, by name; each one's name in the account is `QUEUE_<NAME>`, set by the template.
const QUEUES: &[&str] = &[
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

/// The queues' URLs, by name.
pub(super) fn read(get: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let at = get("QUEUES_AT").unwrap_or_default();
    let named = |name: &&str| {
        let queue = get(&format!("QUEUE_{}", name.to_uppercase()))?;
        Some(((*name).to_owned(), url(&at, &queue)))
    };
    QUEUES.iter().filter_map(named).collect()
}

/// A queue's URL: its name behind what the account's queues have in common, or a whole URL as it is.
fn url(at: &str, queue: &str) -> String {
    if queue.contains("://") {
        return queue.to_owned();
    }
    format!("{at}{queue}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_named_or_given_whole() {
        let at = "https://sqs.eu-south-1.amazonaws.com/123456789012/";
        let whole = "http://127.0.0.1:4566/000000000000/concord-intake";
        assert_eq!(url(at, "concord-intake"), format!("{at}concord-intake"));
        assert_eq!(url(at, whole), whole);
    }
}
