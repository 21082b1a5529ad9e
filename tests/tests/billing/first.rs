//! From a registered customer to a paid invoice, in any order.

use super::door::*;
use local::world::World;
use serde_json::json;
use twins::billing::Kind;

/// Customer, plan, subscription, invoice and payment are linked, and the invoice is paid.
pub async fn is_paid(world: &World) {
    for (kind, id) in [
        ("customer", "user_123"),
        ("product", "fibre"),
        ("plan", "fibre-100"),
        ("service", "svc_1"),
        ("invoice", "inv_1"),
        ("payment", "pay_1"),
    ] {
        let standing = standing(world, kind, id).await;
        assert_eq!(standing["status"], "synced", "{kind}: {standing:#}");
        assert!(standing["remote_id"].is_string(), "{kind}: {standing:#}");
    }
    let customer = one(world, Kind::Customer);
    assert_eq!(customer["display_name"], "Zulu Traders");
    assert_eq!(customer["custom_fields"][0]["value"], "user_123", "{customer:#}");
    assert_eq!(customer["billing_address"]["city"], "Cape Town");
    let subscription = one(world, Kind::Subscription);
    assert_eq!(subscription["reference_id"], "svc_1");
    assert_eq!(subscription["status"], "live", "{subscription:#}");
    let invoices = rows(world, Kind::Invoice);
    let ours: Vec<_> = invoices
        .iter()
        .filter(|it| it["invoice_number"] == "A-1001" || it["number"] == "A-1001")
        .collect();
    assert_eq!(ours.len(), 1, "{invoices:#?}");
    assert_eq!(ours[0]["status"], "paid", "{:#}", ours[0]);
    let payment = one(world, Kind::Payment);
    assert_eq!(payment["payment_mode"], "banktransfer");
    assert_eq!(
        payment["invoices"][0]["amount_applied"].to_string(),
        "1499.9",
        "{payment:#}"
    );
    no_violations(world);
}

#[tokio::test(start_paused = true)]
async fn a_customer_registers_activates_and_pays() {
    let world = world().await;
    all(&world).await;
    world.settle().await;
    minutes(&world, 3).await;
    is_paid(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_comes_first_ends_the_same_way() {
    let world = world().await;
    for (path, body) in [
        ("/payments", payment()),
        ("/invoices", invoice()),
        (
            "/services",
            json!({"id": "svc_1", "customer_id": "user_123", "plan_id": "fibre-100", "status": "active"}),
        ),
        ("/plans", plan()),
        ("/products", product()),
        ("/customers", customer()),
    ] {
        let (code, answer) = post(&world, path, body).await;
        assert_eq!(code, 202, "{path}: {answer}");
        world.settle().await;
        if path == "/payments" {
            assert_eq!(status(&world, "payment", "pay_1").await, "parked");
        }
    }
    minutes(&world, 3).await;
    is_paid(&world).await;
}
