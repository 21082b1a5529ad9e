//! Work for the functions of billing: what they push, with its parents in Zoho Billing already; and Stripe's word, signed.

use crate::around::{Around, local};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use twins::stripe_signature;

/// How a function is called, where the API takes its records, and what one of them says.
type Pusher = (&'static str, &'static str, fn(usize) -> Value);

/// The functions that push, those of parents first.
const KINDS: [Pusher; 6] = [
    ("sync_billing_customer", "/customers", customer),
    ("sync_billing_product", "/products", product),
    ("sync_billing_plan", "/plans", plan),
    ("sync_billing_subscription", "/services", service),
    ("sync_billing_invoice", "/invoices", invoice),
    ("sync_billing_payment", "/payments", payment),
];

/// Whether a function pushes to Zoho Billing.
pub(crate) fn pushes(function: &str) -> bool {
    KINDS.iter().any(|it| it.0 == function)
}

/// Records that a function is to push, taken in by the API: their messages wait in its queue. One of each kind before
/// them is pushed here, so that no record waits for a parent.
pub(crate) async fn accept(around: &Around, function: &str, count: usize) -> Result<()> {
    let key = &around.billing_key;
    for (name, path, record) in KINDS {
        around.post(path, key, &record(0)).await?;
        around.world.settle().await;
        let first = format!("{path}/{}", record(0)["id"].as_str().unwrap_or_default());
        let shown = around.world.call("GET", &first, key, None);
        let standing = shown.await?.1["systems"]["zoho_billing"]["status"].clone();
        ensure!(
            standing == "synced",
            "{path} is {standing}, and what follows would wait for it"
        );
        if name == function {
            for number in 1..=count {
                around.post(path, key, &record(number)).await?;
            }
            return Ok(());
        }
    }
    Ok(())
}

/// Customers that the API knows.
pub(crate) async fn customers(around: &Around, count: usize) -> Result<()> {
    for number in 0..count {
        around
            .post("/customers", &around.billing_key, &customer(number))
            .await?;
    }
    Ok(())
}

/// Rows of those customers in the app.
pub(crate) fn rows(around: &Around, count: usize) -> Result<()> {
    for number in 0..count {
        let made = around.world.systems.app.insert_row("customers", customer(number));
        made.map_err(|it| anyhow::anyhow!("the app: {it}"))?;
    }
    Ok(())
}

fn customer(number: usize) -> Value {
    json!({
        "id": format!("user_{number}"), "email": format!("c{number}@example.com"), "name": format!("Customer {number}"),
        "city": "Cape Town", "country": "South Africa", "currency": "ZAR",
    })
}

fn product(number: usize) -> Value {
    json!({ "id": format!("product_{number}"), "name": format!("Fibre {number}") })
}

fn plan(number: usize) -> Value {
    let (id, name) = (format!("plan_{number}"), format!("Fibre {number}"));
    json!({ "id": id, "product_id": "product_0", "name": name, "price": "599.00" })
}

fn service(number: usize) -> Value {
    let id = format!("service_{number}");
    json!({ "id": id, "customer_id": "user_0", "plan_id": "plan_0", "status": "active" })
}

fn invoice(number: usize) -> Value {
    json!({
        "id": format!("invoice_{number}"), "number": format!("A-{number}"), "customer_id": "user_0", "type": "installation",
        "date": "2026-01-05", "amount": "1499.90", "currency": "ZAR",
    })
}

fn payment(number: usize) -> Value {
    json!({
        "id": format!("payment_{number}"), "customer_id": "user_0", "amount": "10.00", "currency": "ZAR", "method": "eft",
        "status": "completed", "date": "2026-01-05",
    })
}

/// Stripe's sample as the event of this number, signed now: a signature holds for five minutes (docs/vendors.md §7).
pub(crate) fn stripe(sample: &str, number: usize, second: i64) -> Result<String> {
    let mut event: Value = serde_json::from_str(sample)?;
    let body = event["body"].as_str().context("the sample has no body")?;
    let body = body.replace("Sample", &number.to_string());
    event["headers"]["stripe-signature"] = stripe_signature(local("STRIPE_WEBHOOK_SECRET"), second, &body).into();
    event["body"] = body.into();
    Ok(event.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_stripes_events_is_another_one_and_signed() {
        let sample = r#"{"headers":{"stripe-signature":"old"},"body":"{\"id\":\"evt_Sample\"}"}"#;
        let [one, two] = [1, 2].map(|it| stripe(sample, it, 100).unwrap());
        assert!(one.contains("evt_1") && one.contains("t=100,v1="), "{one}");
        assert_ne!(one, two);
    }
}
