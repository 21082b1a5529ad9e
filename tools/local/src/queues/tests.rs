use super::*;

fn queues(delivery: Delivery) -> Queues {
    let queues = Queues::new("http://127.0.0.1:4566", delivery);
    queues.create("dead", Settings::default());
    let redrive = Some(Redrive {
        dead_letter: "dead".into(),
        max_receive: 2,
    });
    queues.create(
        "jobs",
        Settings {
            redrive,
            ..Settings::default()
        },
    );
    queues
}

fn bodies(received: &[Received]) -> Vec<&str> {
    received.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_received_message_is_hidden_until_its_time_and_gone_once_deleted() {
    let queues = queues(Delivery::in_order());
    queues.send("jobs", Outgoing::new("a"), 0).unwrap();
    let first = queues.receive("jobs", 10, 0).unwrap();
    assert_eq!(bodies(&first), ["a"]);
    assert!(queues.receive("jobs", 10, 29_999).unwrap().is_empty());
    let second = queues.receive("jobs", 10, 30_000).unwrap();
    assert_eq!((second[0].receive_count, second[0].first_received_ms), (2, 0));
    assert_eq!(second[0].id, first[0].id);

    queues.delete("jobs", &first[0].handle).unwrap();
    assert_eq!(queues.depth("jobs", 30_000), 1, "an old handle deletes nothing");
    queues.delete("jobs", &second[0].handle).unwrap();
    queues.delete("jobs", &second[0].handle).unwrap();
    assert_eq!(queues.depth("jobs", 30_000), 0);
}

#[test]
fn the_receive_after_the_last_moves_to_the_dead_letters() {
    let queues = queues(Delivery::in_order());
    let id = queues.send("jobs", Outgoing::new("a"), 5).unwrap();
    assert_eq!(queues.receive("jobs", 1, 5).unwrap().len(), 1);
    assert_eq!(queues.receive("jobs", 1, 40_000).unwrap().len(), 1);
    assert!(queues.receive("jobs", 1, 80_000).unwrap().is_empty());
    assert_eq!((queues.depth("jobs", 80_000), queues.depth("dead", 80_000)), (0, 1));
    let dead = queues.receive("dead", 1, 80_000).unwrap();
    assert_eq!((&dead[0].id, dead[0].sent_ms), (&id, 5));
    assert_eq!(
        dead[0].dead_from.as_deref(),
        Some("arn:aws:sqs:us-east-1:000000000000:jobs")
    );
}

#[test]
fn delays_visibility_and_retention_move_the_counts() {
    let queues = queues(Delivery::in_order());
    let mut late = Outgoing::new("late");
    late.delay = Some(Duration::from_secs(10));
    queues.send("jobs", late, 0).unwrap();
    queues.send("jobs", Outgoing::new("now"), 0).unwrap();
    let now = queues.receive("jobs", 10, 0).unwrap();
    let counts = |at| {
        let counts = queues.attributes("jobs", at).unwrap();
        (counts.visible, counts.in_flight, counts.delayed)
    };
    assert_eq!((bodies(&now), counts(0)), (vec!["now"], (0, 1, 1)));
    assert_eq!(queues.next_visible("jobs", 0), Some(10_000));
    assert_eq!(counts(10_000), (1, 1, 0));
    queues
        .change_visibility("jobs", &now[0].handle, Duration::ZERO, 10_000)
        .unwrap();
    assert_eq!(counts(10_000), (2, 0, 0));
    let again = queues.change_visibility("jobs", &now[0].handle, Duration::ZERO, 10_000);
    assert_eq!(again, Err(QueueError::NotInFlight));
    assert_eq!(counts(4 * 24 * 3600 * 1000 + 1), (0, 0, 0));
}

#[test]
fn what_is_not_there_is_refused() {
    let queues = queues(Delivery::in_order());
    assert_eq!(queues.send("none", Outgoing::new("a"), 0), Err(QueueError::NoSuchQueue));
    assert_eq!(queues.delete("jobs", "nonsense"), Err(QueueError::InvalidHandle));
    for body in ["", "\u{1}", &"x".repeat(message::LIMIT + 1)] {
        assert!(matches!(
            queues.send("jobs", Outgoing::new(body), 0),
            Err(QueueError::InvalidMessage(_))
        ));
    }
    queues
        .send("jobs", Outgoing::new("x".repeat(message::LIMIT)), 0)
        .unwrap();
}

fn history(seed: u64) -> Vec<(i64, String)> {
    let queues = queues(Delivery::seeded(seed));
    for number in 0..200 {
        queues.send("jobs", Outgoing::new(number.to_string()), 0).unwrap();
    }
    let mut seen = Vec::new();
    for at in [0, 60_000, 120_000] {
        for message in queues.receive("jobs", 1000, at).unwrap() {
            queues.delete("jobs", &message.handle).unwrap();
            seen.push((at, message.body));
        }
    }
    assert_eq!(queues.depth("jobs", 120_000), 0);
    seen
}

#[test]
fn a_seed_reorders_repeats_and_delays_and_loses_nothing() {
    let seen = history(7);
    assert_eq!(seen, history(7));
    assert_ne!(seen, history(8));
    let order: Vec<u32> = seen.iter().map(|(_, body)| body.parse().unwrap()).collect();
    let distinct: std::collections::BTreeSet<u32> = order.iter().copied().collect();
    assert_eq!(distinct.len(), 200);
    assert!(order.len() > 200, "some arrive twice, also after the first was deleted");
    assert!(!order.is_sorted());
    assert!(seen.iter().any(|(at, _)| *at > 0));
}
