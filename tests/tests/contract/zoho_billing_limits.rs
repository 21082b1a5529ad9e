//! Zoho Billing's limits and the block of an hour: what the caller is told, and that nothing is acted upon meanwhile.

use crate::transport::start;
use crate::zoho_billing::{Org, customer, org, roomy};
use serde_json::json;
use shared::systems::CallError;
use std::time::Duration;
use twins::billing::{Kind, Settings};
use twins::{Effect, When};

fn waits<T: std::fmt::Debug>(result: Result<T, CallError>) -> (Option<u64>, String) {
    match result {
        Err(CallError::Wait { wait, why }) => {
            let code = why.split(':').next().unwrap_or_default().to_owned();
            (wait.map(|it| it.as_secs()), code)
        }
        other => panic!("{other:?}"),
    }
}

fn told(seconds: Option<u64>, code: &str) -> (Option<u64>, String) {
    (seconds, code.to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_minute_is_waited_out_and_then_helps() {
    let Org { twin, billing, access } = org(Settings {
        calls_per_minute: 3,
        ..Settings::default()
    })
    .await;
    for _ in 0..3 {
        assert!(billing.products(&access, 1).await.is_ok());
    }
    assert_eq!(waits(billing.products(&access, 1).await), told(Some(60), "44"));
    assert_eq!(
        waits(billing.create_product(&access, "A", "").await),
        told(Some(60), "44")
    );
    assert_eq!((twin.rows(Kind::Product).len(), twin.violations().len()), (0, 2));
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(billing.create_product(&access, "A", "").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_day_is_asked_for_hourly() {
    let Org { billing, access, .. } = org(Settings {
        calls_per_day: 1,
        ..Settings::default()
    })
    .await;
    assert!(billing.products(&access, 1).await.is_ok());
    assert_eq!(waits(billing.products(&access, 1).await), told(Some(3600), "45"));
}

#[tokio::test(start_paused = true)]
async fn too_many_at_once_states_no_time() {
    let Org { twin, billing, access } = org(Settings {
        concurrency: 1,
        ..Settings::default()
    })
    .await;
    let slow = Effect::Slow(Duration::from_secs(2));
    twin.faults().add("list_products", When::Always, slow);
    let (first, second) = tokio::join!(billing.products(&access, 1), billing.products(&access, 1));
    assert!(first.is_ok());
    assert_eq!(waits(second), told(None, "1070"));
}

#[tokio::test(start_paused = true)]
async fn a_burst_blocks_the_organisation_for_the_stated_hour() {
    let Org { twin, billing, access } = org(Settings {
        calls_per_minute: 1_000,
        block_after: Some(4),
        ..Settings::default()
    })
    .await;
    for _ in 0..4 {
        assert!(billing.products(&access, 1).await.is_ok());
    }
    assert_eq!(waits(billing.products(&access, 1).await), told(Some(3600), "43"));
    tokio::time::advance(Duration::from_secs(600)).await;
    let write = billing.create_customer(&access, &customer("a@example.com")).await;
    assert_eq!(waits(write), told(Some(3000), "43"), "what is left is said");
    assert_eq!(twin.rows(Kind::Customer).len(), 0);
    tokio::time::advance(Duration::from_secs(2999)).await;
    assert_eq!(waits(billing.products(&access, 1).await), told(Some(1), "43"));
    tokio::time::advance(Duration::from_secs(1)).await;
    // An hour is over, and so is the token's life.
    let later = billing.products(&access, 1).await;
    assert!(matches!(later, Err(CallError::Unauthorised(_))), "{later:?}");
}

#[tokio::test(start_paused = true)]
async fn a_block_that_came_from_elsewhere_is_met_the_same_way() {
    let Org { twin, billing, access } = org(roomy()).await;
    twin.block();
    assert_eq!(waits(billing.events(&access, 1).await), told(Some(3600), "43"));
    assert_eq!(waits(billing.open_invoice(&access, "9").await), told(Some(3600), "43"));
}

#[tokio::test(start_paused = true)]
async fn a_page_is_200_rows_and_more_is_refused() {
    let Org { twin, billing, access } = org(roomy()).await;
    for n in 0..200 {
        twin.insert(Kind::Product, &json!({"name": format!("P{n}")})).unwrap();
    }
    let full = billing.products(&access, 1).await.unwrap();
    assert_eq!((full.rows.len(), full.next), (200, None), "a full page can be the last");
    assert!(
        full.rows
            .iter()
            .all(|row| row.as_ref().is_ok_and(|it| it.created == Some(start())))
    );
    twin.insert(Kind::Product, &json!({"name": "P200"})).unwrap();
    let first = billing.products(&access, 1).await.unwrap();
    let second = billing.products(&access, first.next.unwrap()).await.unwrap();
    assert_eq!((first.rows.len(), second.rows.len(), second.next), (200, 1, None));
    let asked = twin.calls().last().unwrap().query.clone();
    assert_eq!(asked, "page=2&per_page=200");
}
