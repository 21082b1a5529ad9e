//! Flow 2: what the app says comes to be in Zoho Billing, whatever comes first.

use super::{PATIENCE, until};
use crate::door::Door;
use crate::outside::Outside;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use twins::billing::Kind;

/// The payment comes first, then its invoice; the customer by the webhook of a table, last.
///
/// # Errors
/// Says what does not hold.
pub(super) async fn paid(door: &Door, outside: &Outside, key: &str) -> Result<()> {
    let payment = json!({
        "id": "pay_1", "customer_id": "user_1", "invoice_id": "inv_1", "amount": "1499.90", "date": "2026-11-21",
        "method": "eft",
    });
    let invoice = json!({
        "id": "inv_1", "number": "A-1001", "customer_id": "user_1", "type": "installation", "date": "2026-11-21",
        "amount": "1499.90",
    });
    let plan = json!({"id": "fibre-100", "product_id": "fibre", "name": "Fibre 100", "price": "599.00"});
    for (path, body) in [
        ("/payments", payment),
        ("/invoices", invoice),
        ("/products", json!({"id": "fibre", "name": "Fibre"})),
        ("/plans", plan),
        (
            "/services",
            json!({"id": "svc_1", "customer_id": "user_1", "plan_id": "fibre-100", "status": "pending"}),
        ),
        ("/services/svc_1/activate", json!({})),
    ] {
        let (status, answer) = door.call("POST", path, key, Some(&body)).await?;
        ensure!(status == 202, "POST {path} answers {status}: {answer}");
    }
    let row = json!({"id": "user_1", "email": "nandi@example.com", "name": "Nandi Zulu", "city": "Cape Town"});
    let inserted = outside.app.insert_row("customers", row);
    inserted.map_err(|it| anyhow::anyhow!("the app refuses the row: {it}"))?;
    until(PATIENCE, "the invoice is paid and the subscription runs", async || {
        let paid = |it: &Value| it["number"] == "A-1001" && it["status"] == "paid";
        let runs = |it: &Value| it["reference_id"] == "svc_1" && it["status"] == "live";
        let invoices = outside.billing.rows(Kind::Invoice);
        Ok(invoices.iter().any(paid) && outside.billing.rows(Kind::Subscription).iter().any(runs))
    })
    .await?;
    until(PATIENCE, "the payment is shown as synced", async || {
        let (_, shown) = door.call("GET", "/sync/payment?id=pay_1", key, None).await?;
        Ok(shown["systems"]["zoho_billing"]["status"] == "synced")
    })
    .await?;
    let payments = outside.billing.rows(Kind::Payment);
    ensure!(payments.len() == 1, "{} payments: {payments:?}", payments.len());
    let violations = outside.billing.violations();
    ensure!(violations.is_empty(), "{violations:?}");
    Ok(())
}
