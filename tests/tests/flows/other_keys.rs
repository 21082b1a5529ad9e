//! A lead whose keys change while nobody knows whether a call has made it: found by the keys that the call brought.

use super::door::{ID, lead, post, show, world};
use super::state::settled;
use serde_json::{Value, json};
use twins::Effect;

/// Another enquiry of the same person, with the same address at first.
const SECOND: &str = "0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2c3e";

#[tokio::test(start_paused = true)]
async fn a_lead_whose_keys_change_before_the_answer_comes_is_not_made_twice() {
    made_once(&[]).await;
}

/// What was found under the old keys is still to be found under them if the call that gives it the new ones fails.
#[tokio::test(start_paused = true)]
async fn nor_if_the_call_fails_that_brings_the_new_keys() {
    made_once(&[Effect::LoseBefore]).await;
    made_once(&[Effect::Status(503), Effect::LoseBefore]).await;
}

async fn made_once(of_patches: &[Effect]) {
    let world = world().await;
    for effect in of_patches {
        world.systems.backoffice.faults().next("patch", 1, effect.clone());
    }
    world.systems.zoho.faults().next("upsert", 1, Effect::LoseAfter);
    world.systems.backoffice.faults().next("insert", 1, Effect::LoseAfter);
    post(&world, &lead()).await;
    world.settle().await;
    let made = (world.systems.zoho.leads(), world.systems.backoffice.rows("leads"));
    assert_eq!((made.0.len(), made.1.len()), (1, 1), "both are made");
    let known = &show(&world, ID).await["systems"];
    assert_eq!(
        (&known["zoho_crm"]["remote_id"], &known["backoffice"]["remote_id"]),
        (&Value::Null, &Value::Null),
        "and nobody knows"
    );

    let mut second = lead();
    second["id"] = json!(SECOND);
    assert_eq!(post(&world, &second).await.0, 202);
    second["email"] = json!("maria@example.org");
    assert_eq!(post(&world, &second).await.0, 202);
    settled(&world).await;

    let (leads, rows) = (world.systems.zoho.leads(), world.systems.backoffice.rows("leads"));
    assert_eq!((leads.len(), rows.len()), (1, 1), "{leads:#?} {rows:#?}");
    assert_eq!((&leads[0]["id"], &rows[0]["id"]), (&made.0[0]["id"], &made.1[0]["id"]));
    assert_eq!(leads[0]["Email"], "maria@example.org");
    assert_eq!(rows[0]["email"], "maria@example.org");
    let shown = show(&world, ID).await;
    assert_eq!(shown["systems"]["backoffice"]["status"], "synced", "{shown:#}");
}
