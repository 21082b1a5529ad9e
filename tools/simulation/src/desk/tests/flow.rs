//! Parents, lost answers and limits, through the one write path.

use super::super::{BATCH, CALLER, NOTE, TICKET};
use super::Office;
use futures_util::future::join_all;
use local::fault::{CallInfo, Failure, Verdict};
use serde_json::json;
use shared::model::{RecordKey, Status};
use shared::sync::target::NO_WAY_TO_LOOK;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn none() -> Vec<String> {
    Vec::new()
}

/// Beyond a lease and the time in which a call settles.
const SETTLED: Duration = Duration::from_secs(50);

impl Office {
    /// The first call of this operation meets `verdict`.
    fn once(&self, operation: &'static str, verdict: Verdict) {
        let first = AtomicBool::new(true);
        self.way.faults.set(move |call: &CallInfo<'_>| {
            match call.operation == operation && first.swap(false, Ordering::Relaxed) {
                true => verdict,
                false => Verdict::Pass,
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_comes_before_its_caller_is_made_after_it() {
    let office = Office::new();
    let ticket = office.says(&TICKET, "t1", Some("c1")).await;
    office.work(&TICKET, std::slice::from_ref(&ticket)).await;
    assert_eq!(office.link(&ticket).await.status, Status::Parked);
    let caller = office.says(&CALLER, "c1", None).await;
    office.work(&CALLER, &[caller]).await;
    assert_eq!(office.link(&ticket).await.status, Status::Pending, "released at once");
    office.work(&TICKET, std::slice::from_ref(&ticket)).await;
    assert_eq!(office.link(&ticket).await.status, Status::Synced);
    let made = office.way.desk.objects();
    assert_eq!(made["caller/caller-1"], json!({"ref": "c1", "name": "c1"}));
    let expected = json!({"ref": "t1", "name": "t1", "caller_id": "caller-1"});
    assert_eq!((made.len(), &made["ticket/ticket-1"]), (2, &expected));
    assert_eq!(office.way.desk.violations(), none());
}

/// The office says whose ticket it is, and corrects itself before the ticket is made.
#[tokio::test(start_paused = true)]
async fn a_child_never_waits_for_a_parent_that_it_has_left() {
    let office = Office::new();
    let ticket = office.says(&TICKET, "t1", Some("c1")).await;
    office.work(&TICKET, std::slice::from_ref(&ticket)).await;
    assert_eq!(office.link(&ticket).await.status, Status::Parked);
    office.says(&TICKET, "t1", Some("c2")).await;
    let caller = office.says(&CALLER, "c2", None).await;
    office.work(&CALLER, &[caller]).await;
    office.work(&TICKET, std::slice::from_ref(&ticket)).await;
    assert_eq!(office.link(&ticket).await.status, Status::Synced);
    assert_eq!(office.way.desk.objects()["ticket/ticket-1"]["caller_id"], "caller-1");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_sent_by_id_and_a_cleared_text_is_cleared() {
    let office = Office::new();
    let caller = office.says(&CALLER, "c1", None).await;
    office.work(&CALLER, std::slice::from_ref(&caller)).await;
    for (name, expected) in [
        ("Maria", json!({"ref": "c1", "name": "Maria"})),
        ("", json!({"ref": "c1"})),
    ] {
        office.says_name(&CALLER, "c1", None, name).await;
        office.work(&CALLER, std::slice::from_ref(&caller)).await;
        assert_eq!(office.way.desk.objects()["caller/caller-1"], expected);
    }
    assert_eq!(office.way.desk.objects().len(), 1);
    assert_eq!(office.way.desk.violations(), none());
}

/// The caller and the ticket of a note, at the desk.
async fn ticket(office: &Office) -> RecordKey {
    let caller = office.says(&CALLER, "c1", None).await;
    office.work(&CALLER, &[caller]).await;
    let ticket = office.says(&TICKET, "t1", Some("c1")).await;
    office.work(&TICKET, std::slice::from_ref(&ticket)).await;
    ticket
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_on_a_notes_create_ends_held() {
    for lost in [
        Verdict::LoseAnswer,
        Verdict::Fail(Failure::NoAnswer),
        Verdict::HangAfter,
    ] {
        let office = Office::new();
        ticket(&office).await;
        let note = office.says(&NOTE, "n1", Some("t1")).await;
        office.once("POST /api/notes", lost);
        office.work(&NOTE, std::slice::from_ref(&note)).await;
        assert_eq!(office.link(&note).await.status, Status::Syncing, "{lost:?}");
        office.app.clock.sleep(SETTLED).await;
        for _ in 0..2 {
            office.work(&NOTE, std::slice::from_ref(&note)).await;
        }
        let link = office.link(&note).await;
        assert_eq!(
            (link.status, link.last_error.unwrap().why.as_str()),
            (Status::Held, NO_WAY_TO_LOOK)
        );
        assert_eq!(
            office.way.faults.count("desk", "POST /api/notes"),
            1,
            "never made again"
        );
        assert_eq!(office.way.desk.violations(), none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_on_a_tickets_create_is_found_and_not_doubled() {
    for (lost, calls) in [
        (Verdict::LoseAnswer, 1),
        (Verdict::Fail(Failure::NoAnswer), 2),
        (Verdict::HangAfter, 1),
    ] {
        let office = Office::new();
        let caller = office.says(&CALLER, "c1", None).await;
        office.work(&CALLER, &[caller]).await;
        let ticket = office.says(&TICKET, "t1", Some("c1")).await;
        office.once("POST /api/tickets", lost);
        office.work(&TICKET, std::slice::from_ref(&ticket)).await;
        assert_eq!(office.link(&ticket).await.status, Status::Syncing, "{lost:?}");
        office.app.clock.sleep(SETTLED).await;
        office.work(&TICKET, std::slice::from_ref(&ticket)).await;
        let link = office.link(&ticket).await;
        assert_eq!(
            (link.status, link.remote_id.as_deref()),
            (Status::Synced, Some("ticket-1")),
            "{lost:?}"
        );
        assert_eq!(office.way.faults.count("desk", "POST /api/tickets"), calls, "{lost:?}");
        assert_eq!(office.way.desk.objects().len(), 2, "{lost:?}");
        assert_eq!(office.way.desk.violations(), none());
    }
}

/// What was surely not acted upon is sent again, also where it can't be looked up.
#[tokio::test(start_paused = true)]
async fn a_note_that_was_surely_not_made_is_made() {
    for refused in [Failure::NotSent, Failure::ServerError] {
        let office = Office::new();
        ticket(&office).await;
        let note = office.says(&NOTE, "n1", Some("t1")).await;
        office.once("POST /api/notes", Verdict::Fail(refused));
        office.work(&NOTE, std::slice::from_ref(&note)).await;
        assert_eq!(office.link(&note).await.status, Status::Synced, "{refused:?}");
        assert_eq!(office.way.desk.objects()["note/note-1"]["ticket_id"], "ticket-1");
        assert_eq!(office.way.desk.violations(), none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_of_an_hour_is_waited_for() {
    let office = Office::new();
    let caller = office.says(&CALLER, "c1", None).await;
    office.way.desk.block(Duration::from_secs(3_600));
    let end = office.app.clock.now() + Duration::from_secs(3_600);
    for _ in 0..120 {
        office.work(&CALLER, std::slice::from_ref(&caller)).await;
        office.app.clock.sleep(Duration::from_secs(20)).await;
    }
    let link = office.link(&caller).await;
    // `Retry-After` has whole seconds, rounded up: never before the block's end.
    let due = link.due_at.unwrap();
    assert_eq!(link.status, Status::Retrying);
    assert!(due >= end && due <= end + Duration::from_secs(1), "{due}");
    office.app.clock.sleep(Duration::from_secs(1_210)).await;
    office.work(&CALLER, &[caller]).await;
    assert_eq!(office.way.desk.objects().len(), 1);
    assert_eq!(office.way.desk.violations(), none());
}

/// Thirty records of three kinds, two functions for each at once, fast and slow: no limit is passed, all is made once.
#[tokio::test(start_paused = true)]
async fn thirty_records_never_pass_a_limit() {
    for millis in [0, 1_000, 4_000] {
        let office = Office::new();
        office.way.desk.takes(Duration::from_millis(millis));
        let (mut callers, mut tickets, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..10 {
            let (caller, ticket) = (format!("c{n}"), format!("t{n}"));
            // Children first: they park.
            notes.push(office.says(&NOTE, &format!("n{n}"), Some(&ticket)).await);
            tickets.push(office.says(&TICKET, &ticket, Some(&caller)).await);
            callers.push(office.says(&CALLER, &caller, None).await);
        }
        let until = office.app.clock.now() + Duration::from_secs(3_600);
        let begun = office.app.clock.now();
        let kinds = [(CALLER, &callers), (TICKET, &tickets), (NOTE, &notes)];
        let halves = kinds
            .iter()
            .flat_map(|(kind, all)| all.chunks(5).map(|it| (kind.clone(), it)));
        // Boxed: six such futures side by side are too large for a stack.
        let functions = halves.map(|(kind, half)| Box::pin(office.drive(kind, half, BATCH, until)));
        join_all(functions).await;
        let took = office.app.clock.now().duration_since(begun);
        assert_eq!(office.way.desk.violations(), none());
        for key in [callers, tickets, notes].concat() {
            assert_eq!(office.link(&key).await.status, Status::Synced, "{key} after {took:#}");
        }
        let made = office.way.desk.objects();
        let refs: std::collections::BTreeSet<String> = made.values().map(|it| it["ref"].to_string()).collect();
        assert_eq!((made.len(), refs.len()), (30, 30));
    }
}
