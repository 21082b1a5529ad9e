//! What lies outside the stated assumption (a system acts on a call before its lease and the settle delay have ended), and
//! what keeps within it.

use crate::desk::flow::DeskFlow;
use crate::desk::kinds::{CALLER, DESK, arrival};
use crate::desk::work::callers;
use crate::life::{Doom, Life};
use crate::sim::{Aimed, Manner, Point, Sim};
use crate::weather::Weather;
use shared::job::{Incoming, Message, sync_queue};
use shared::model::{Class, RecordKey};
use shared::sync::accept::accept;
use std::time::Duration;

const FUNCTION: &str = "sync_desk_caller";

/// A world in which one caller is to be made at the desk.
async fn world(aimed: Option<Aimed>) -> Sim {
    let manner = Manner {
        keep_log: true,
        aimed,
        ..Manner::default()
    };
    let start = "2026-11-21T10:00:00Z".parse().unwrap();
    let sim = Sim::new(1, start, Weather::fine(), vec![Box::new(DeskFlow::default())], manner).unwrap();
    let said = arrival(&CALLER, "c1", None, &[("name", "Maria")], None);
    accept(&sim.operator().unwrap(), &said, Class::LIVE).await.unwrap();
    sim
}

/// One invocation about the caller, with this time limit.
async fn work(sim: &Sim, id: u64, doom: Doom, limit: Duration) {
    let app = sim.instance(FUNCTION, id).unwrap();
    let message = Incoming {
        id: id.to_string(),
        body: Message::Sync(RecordKey::new(CALLER, "c1"), DESK).write(),
        queue: sync_queue(&CALLER, &DESK),
        sent_ms: sim.now_ms(),
    };
    let app = app.until(app.clock.now() + limit);
    let life = Life::new(id, FUNCTION, doom);
    life.live(limit, callers(app, vec![message])).await;
}

/// The number of the call that makes the caller.
async fn call_that_makes() -> u64 {
    let sim = world(None).await;
    work(&sim, 1, Doom::Lives, Duration::from_secs(30)).await;
    let history = sim.history();
    let calls = history
        .log
        .lines()
        .iter()
        .filter(|it| it.contains(&format!("1 {FUNCTION}")));
    calls.take_while(|it| !it.contains("POST")).count() as u64
}

/// How many callers there are when this becomes of the first worker and of its call, and a second one comes later.
async fn made(doom: impl Fn(u64) -> Doom, point: Point, limit: Duration) -> usize {
    let call = call_that_makes().await;
    let sim = world(Some(Aimed { call, point })).await;
    let first = work(&sim, 1, doom(call), limit);
    let second = async {
        tokio::time::sleep(Duration::from_secs(50)).await;
        work(&sim, 2, Doom::Lives, Duration::from_secs(30)).await;
    };
    tokio::join!(first, second);
    // What is still on its way arrives.
    tokio::time::sleep(Duration::from_secs(100)).await;
    let desk = sim.outside.iter().find(|it| it.name() == "desk").unwrap();
    desk.objects().len()
}

/// The desk refuses the first call; its worker stands still before it sends once more. In time it makes the caller;
/// later its slot is too old to send with, even in a function that had all the time in the world.
#[tokio::test(start_paused = true)]
async fn a_worker_that_comes_back_late_doubles_nothing() {
    for limit in [30, 300].map(Duration::from_secs) {
        for seconds in [1, 5, 14, 20, 29, 60] {
            let stands_still = Duration::from_secs(seconds);
            let made = made(|call| Doom::FreezesAt(call + 2, stands_still), Point::Refused, limit).await;
            assert!(made <= 1, "stood still for {seconds} s of {limit:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_acts_within_the_settle_delay_doubles_nothing() {
    for seconds in [1, 8, 20, 40] {
        let late = Point::ActsAfter(Duration::from_secs(seconds));
        let made = made(|_| Doom::Lives, late, Duration::from_secs(30)).await;
        assert_eq!(made, 1, "acted after {seconds} s");
    }
}

/// No fence of ours guards the desk, which takes no key: that a system acts before our lease and the settle delay have
/// ended is what keeps its objects single.
#[tokio::test(start_paused = true)]
async fn a_call_that_acts_after_another_worker_has_looked_doubles() {
    let late = Point::ActsAfter(Duration::from_secs(60));
    assert_eq!(made(|_| Doom::Lives, late, Duration::from_secs(30)).await, 2);
}
