//! Zoho Billing: what time does to subscriptions, and the events of it (docs/vendors.md §2.4, §2.5).

use crate::billing::Org;
use serde_json::{Value, json};
use std::time::Duration;
use twins::ZohoBilling;
use twins::billing::Kind;

#[tokio::test]
async fn terms_pass_with_their_invoices() {
    let org = Org::new().await;
    org.fibre();
    let id = org.subscribe(&org.customer());
    org.clock.pass(Duration::from_secs(65 * 24 * 3600));
    let days = |twin: &ZohoBilling| {
        let all = twin.rows(Kind::Invoice);
        all.iter()
            .map(|it| it["invoice_date"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(days(&org.twin), ["2026-01-02", "2026-02-02", "2026-03-02"]);
    let shown = org.twin.row(Kind::Subscription, &id).unwrap();
    assert_eq!(
        (&shown["next_billing_at"], &shown["status"]),
        (&json!("2026-04-02"), &json!("live"))
    );
    assert_eq!(org.twin.rows(Kind::Invoice)[0]["status"], "overdue");
    let org = Org::of(org.twin.clone(), org.clock.clone()).await;
    let cancel = format!("/subscriptions/{id}/cancel?cancel_at_end=true");
    let answer = org.send("POST", &cancel, &Value::Null).await.json();
    assert_eq!(answer["subscription"]["status"], "non_renewing");
    org.clock.pass(Duration::from_secs(60 * 24 * 3600));
    assert_eq!(org.twin.row(Kind::Subscription, &id).unwrap()["status"], "cancelled");
    assert_eq!(days(&org.twin).len(), 3, "the term that was not renewed is not billed");
}

#[tokio::test]
async fn an_event_carries_its_payload_in_a_text() {
    let org = Org::new().await;
    org.fibre();
    org.subscribe(&org.customer());
    let kinds: Vec<String> = org.twin.happened();
    assert_eq!(
        kinds,
        ["subscription_created", "invoice_created", "subscription_activation"]
    );
    let list = org.get("/events").await.json();
    let row = &list["events"][0];
    assert_eq!(row["event_type"], "subscription_activation");
    let event = org
        .get(&format!("/events/{}", row["event_id"].as_str().unwrap()))
        .await
        .json();
    let payload: Value = serde_json::from_str(event["event"]["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["data"]["subscription"]["status"], "live");
    assert_eq!(org.get("/events/1").await.status, 404);
}
