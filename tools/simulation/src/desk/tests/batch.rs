//! Batches under a small window: look-ups never use it up, nor take of it what they don't need.

use super::super::{BATCH, CALLER, DESK, NOTE, TICKET};
use super::Office;
use futures_util::future::join_all;
use shared::model::RecordKey;
use shared::sync::budget;
use std::time::Duration;

async fn callers(office: &Office, count: usize) -> Vec<RecordKey> {
    let mut all = Vec::new();
    for n in 0..count {
        all.push(office.says(&CALLER, &format!("c{n}"), None).await);
    }
    all
}

/// Fifty callers are a hundred calls, eight in ten seconds: some two minutes.
#[tokio::test(start_paused = true)]
async fn look_ups_never_use_up_a_small_window() {
    for (functions, minutes) in [(1, 5), (2, 10)] {
        let office = Office::new();
        let all = callers(&office, 50).await;
        let begun = office.app.clock.now();
        let until = begun + Duration::from_secs(3_600);
        let parts = all.chunks(all.len() / functions);
        join_all(parts.map(|part| Box::pin(office.drive(CALLER, part, BATCH, until)))).await;
        let took = office.app.clock.now().duration_since(begun);
        let told = format!("{functions} at once, {took:#}, {:?}", office.way.faults.counts());
        assert_eq!(office.way.desk.objects().len(), 50, "{told}");
        assert!(took.as_mins() < minutes, "{told}");
        assert_eq!(office.way.desk.violations(), Vec::<String>::new(), "{told}");
    }
}

/// A caller and a ticket are looked up and made; a note can't be looked up.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_up_never_takes_a_slot_for_it() {
    let office = Office::new();
    for (kind, id, parent) in [
        (CALLER, "c1", None),
        (TICKET, "t1", Some("c1")),
        (NOTE, "n1", Some("t1")),
    ] {
        let record = office.says(&kind, id, parent).await;
        office.work(&kind, &[record]).await;
    }
    let budget = budget::read(&office.app, &DESK).await.unwrap().unwrap().body;
    let slots: u64 = budget.sent["ten_seconds"].values().sum();
    assert_eq!((office.way.desk.objects().len(), slots), (3, 5));
}
