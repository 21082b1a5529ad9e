//! What each side holds in the end is what was last said, whoever said what in between.

use super::door::{CRON, KEY, lead, post, posted, show, world};
use super::state::{records, settled};
use serde_json::{Value, json};
use shared::model::{Class, System};
use shared::sync::accept::{Accepted, accept};
use shared::sync::budget::{Mode, set_mode};
use shared::sync::target::{Target as _, ZohoLead, zoho_arrival};
use shared::systems::Seen;
use std::time::Duration;

/// Zoho showed another value in place of the one that was sent: setting it back is a change for Zoho.
#[tokio::test(start_paused = true)]
async fn a_value_that_zoho_changed_and_the_portal_set_back_is_sent() {
    let world = world().await;
    let id = posted(&world).await;
    world.systems.zoho.edit(&id, json!({ "Quote_Amount": 8000 })).unwrap();
    world.clock.sleep(Duration::from_secs(30)).await;
    world.call("POST", "/crons/zoho_crm_pull", CRON, None).await.unwrap();
    world.settle().await;
    set_mode(world.app(), &System::ZOHO_CRM, Mode::Paused).await.unwrap();
    for price in ["9000", "8450"] {
        let mut edited: Value = lead();
        edited["total_price"] = json!(price);
        post(&world, &edited).await;
        world.settle().await;
    }
    set_mode(world.app(), &System::ZOHO_CRM, Mode::On).await.unwrap();
    settled(&world).await;
    assert_eq!(world.systems.zoho.leads()[0]["Quote_Amount"].as_f64(), Some(8450.0));
    assert_eq!(
        world.systems.backoffice.rows("leads")[0]["total_price"].as_f64(),
        Some(8450.0)
    );
}

/// Two changes of one second, and the answer that shows the first one comes last: it is asked for again.
#[tokio::test(start_paused = true)]
async fn an_answer_that_was_overtaken_undoes_nothing() {
    let world = world().await;
    let id = posted(&world).await;
    let zoho = ZohoLead::new(world.app()).unwrap();
    let changed = async |price: u64| {
        world.systems.zoho.edit(&id, json!({ "Quote_Amount": price })).unwrap();
        zoho.read(&id).await.unwrap().unwrap()
    };
    let (first, second) = (changed(8000).await, changed(9000).await);
    assert_eq!(first.modified, second.modified, "the same second");
    let accepted = async |seen: &Seen| {
        let arrival = zoho_arrival(world.app(), seen).unwrap();
        accept(world.app(), &arrival, Class::LIVE).await.unwrap()
    };
    assert!(matches!(accepted(&second).await, Accepted::Changed { .. }));
    let late = accepted(&first).await;
    assert!(matches!(late, Accepted::Later { .. }), "{late:?}");
    world.clock.sleep(Duration::from_secs(5)).await;
    let again = accepted(&zoho.read(&id).await.unwrap().unwrap()).await;
    assert!(matches!(again, Accepted::Same { .. }), "{again:?}");
    settled(&world).await;
    let rows = world.systems.backoffice.rows("leads");
    assert_eq!(rows[0]["total_price"].as_f64(), Some(9000.0));
}

/// A form posts without the row's id; the row's webhook and its later edits are the same lead.
#[tokio::test(start_paused = true)]
async fn a_lead_posted_without_an_id_follows_its_portal_row() {
    for row_first in [true, false] {
        let world = world().await;
        let row = json!({ "full_name": "Maria Borg", "email": "maria@example.com", "total_price": "100" });
        let body = json!({ "name": "Maria Borg", "email": "maria@example.com", "total_price": "100" });
        let insert = || {
            world.systems.portal.insert_row("leads", row.clone()).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let mut id = String::new();
        for step in [row_first, !row_first] {
            if step {
                id = insert();
            } else {
                let (status, answer) = world.call("POST", "/leads", KEY, Some(&body)).await.unwrap();
                assert_eq!(status, 202, "{answer}");
            }
            world.pass(Duration::from_secs(10)).await.unwrap();
        }
        world
            .systems
            .portal
            .update_row("leads", &id, json!({ "total_price": "777" }))
            .unwrap();
        settled(&world).await;
        let shown = show(&world, &id).await;
        assert_eq!(shown["portal_lead_id"], json!(id), "row first: {row_first}; {shown:#}");
        let leads = world.systems.zoho.leads();
        assert_eq!((leads.len(), records(&world)), (1, 1), "row first: {row_first}");
        assert_eq!(
            leads[0]["Quote_Amount"].as_f64(),
            Some(777.0),
            "row first: {row_first}; {leads:#?}"
        );
        assert_eq!(leads[0]["Portal_Lead_ID"], json!(id), "row first: {row_first}");
    }
}

/// Zoho shows a box that nobody ticked as "no": that is no edit, and no call; a tick and its removal are edits.
#[tokio::test(start_paused = true)]
async fn a_box_that_nobody_ticked_is_no_answer() {
    let world = world().await;
    let body = json!({ "name": "Maria Borg", "email": "maria@example.com" });
    let (_, answer) = world.call("POST", "/leads", KEY, Some(&body)).await.unwrap();
    settled(&world).await;
    let calls = world.systems.zoho.count("update") + world.systems.zoho.count("upsert");
    let id = world.systems.zoho.leads()[0]["id"].as_str().unwrap().to_owned();
    let pulled = async || {
        world.clock.sleep(Duration::from_secs(60)).await;
        world.tick("cron_zoho_crm_pull").unwrap();
        settled(&world).await;
        let shown = show(&world, answer["id"].as_str().unwrap()).await;
        (shown["version"].clone(), shown["fields"]["with_battery"].clone())
    };
    assert_eq!(pulled().await, (json!(1), Value::Null));
    for (version, ticked) in [(2, true), (3, false)] {
        world.systems.zoho.edit(&id, json!({ "With_Battery": ticked })).unwrap();
        assert_eq!(pulled().await, (json!(version), json!(ticked)));
    }
    assert_eq!(
        world.systems.zoho.count("update") + world.systems.zoho.count("upsert"),
        calls
    );
}
