//! The same lead by API, webhook, daily pull and from Zoho, in any order and twice: one record, one lead, one row.

use super::door::{ID, KEY, lead, show, world};
use super::state::{records, settled};
use local::world::World;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Api,
    Webhook,
    DailyPull,
    Zoho,
}

const WAYS: [Way; 4] = [Way::Api, Way::Webhook, Way::DailyPull, Way::Zoho];

/// When messages and callbacks are delivered.
#[derive(Clone, Copy, Debug)]
enum Delivery {
    AfterEachStep,
    AtTheEnd,
}

fn orders() -> Vec<Vec<Way>> {
    let mut all = vec![Vec::new()];
    for _ in 0..WAYS.len() {
        let longer = |order: Vec<Way>| {
            let left = WAYS.into_iter().filter(|it| !order.contains(it)).collect::<Vec<_>>();
            left.into_iter().map(move |way| [order.clone(), vec![way]].concat())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// The portal's row of the lead that the API is told of.
fn row() -> Value {
    let mut row = lead();
    let name = row["name"].take();
    row.as_object_mut().unwrap().remove("name");
    row["full_name"] = name;
    row
}

async fn arrive(world: &World, way: Way) {
    match way {
        Way::Api => {
            let (status, answer) = world.call("POST", "/leads", KEY, Some(&lead())).await.unwrap();
            assert_eq!(status, 202, "{answer}");
        }
        Way::Webhook => announce(world).await,
        Way::DailyPull => world.tick("cron_portal_pull").unwrap(),
        Way::Zoho => {
            in_zoho(world);
            world.tick("cron_zoho_crm_pull").unwrap();
        }
    }
}

async fn announce(world: &World) {
    let body = json!({ "type": "UPDATE", "table": "leads", "schema": "public", "record": row(), "old_record": row() });
    let request = http::Request::post("/webhooks/supabase/portal")
        .header("content-type", "application/json")
        .header("x-webhook-secret", "local-portal-secret")
        .body(bytes::Bytes::from(body.to_string()));
    let answer = world.request(request.unwrap(), "203.0.113.7").await;
    assert_eq!(answer.status(), 200);
}

/// Somebody enters the customer in Zoho by hand, or edits the lead that is there.
fn in_zoho(world: &World) {
    let leads = world.systems.zoho.leads();
    match leads.first() {
        None => {
            let typed =
                json!({ "Last_Name": "Borg", "Email": "maria.borg@example.com", "Lead_Status": "Not Contacted" });
            world.systems.zoho.insert_lead(typed).unwrap();
        }
        Some(lead) => {
            let id = lead["id"].as_str().unwrap();
            world
                .systems
                .zoho
                .edit(id, json!({ "Lead_Status": "Contacted" }))
                .unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_lead_in_any_order_and_twice_is_never_doubled() {
    for order in orders() {
        for delivery in [Delivery::AfterEachStep, Delivery::AtTheEnd] {
            let world = world().await;
            world.systems.portal.insert_row("leads", row()).unwrap();
            world.systems.portal.take_webhooks();
            for way in order.iter().chain(&order) {
                arrive(&world, *way).await;
                if matches!(delivery, Delivery::AfterEachStep) {
                    world.settle().await;
                }
                world.clock.sleep(Duration::from_secs(3)).await;
            }
            settled(&world).await;
            is_one(&world, &format!("{order:?} {delivery:?}")).await;
        }
    }
}

async fn is_one(world: &World, order: &str) {
    let (leads, rows) = (world.systems.zoho.leads(), world.systems.backoffice.rows("leads"));
    assert_eq!((leads.len(), rows.len()), (1, 1), "{order}: {leads:#?} {rows:#?}");
    assert_eq!(leads[0]["Portal_Lead_ID"], ID, "{order}");
    assert_eq!(rows[0]["zoho_lead_id"], leads[0]["id"], "{order}");
    assert_eq!(rows[0]["portal_lead_id"], ID, "{order}");
    // Both sides say the same, whoever said it last.
    assert_eq!(leads[0]["First_Name"], "Maria", "{order}");
    assert_eq!(rows[0]["last_name"], "Borg", "{order}");
    let words = [("Not Contacted", "new"), ("Contacted", "contacted")];
    let status = (
        leads[0]["Lead_Status"].as_str().unwrap(),
        rows[0]["status"].as_str().unwrap(),
    );
    assert!(words.contains(&status), "{order}: {status:?}");
    let shown = show(world, ID).await;
    for system in ["zoho_crm", "backoffice"] {
        assert_eq!(shown["systems"][system]["status"], "synced", "{order}: {shown:#}");
    }
    assert_eq!(records(world), 1, "{order}");
    assert_eq!(world.systems.zoho.violations(), Vec::<String>::new(), "{order}");
    assert_eq!(world.systems.backoffice.violations(), Vec::<String>::new(), "{order}");
}
