//! The second flow through the real engine.

mod batch;
mod flow;
mod outside;
mod twin;

use super::{CALLER, DESK, Desk, NOTE, TICKET, Way, arrival, kinds, work};
use jiff::Timestamp;
use local::arn;
use local::queues::Settings;
use local::world::{AWS_URL, Options, World};
use shared::app::{App, Parts};
use shared::aws::Access;
use shared::job::{Incoming, Message, sync_queue};
use shared::model::{Class, Kind, Link, RecordKey, Status};
use shared::random::Random;
use shared::store::keys;
use shared::sync::accept::{Accepted, accept};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

fn start() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// An app that knows the desk's kinds, on a local world's table and queues, and the way to the desk.
struct Office {
    app: App,
    way: Way,
}

impl Office {
    fn new() -> Self {
        let world = World::new(Options::test(start())).unwrap();
        let clock = world.clock.clone();
        let way = Way::new(Desk::new(Arc::new(move || clock.now())));
        let mut config = world.app().config.clone();
        for kind in [CALLER, TICKET, NOTE] {
            let queue = sync_queue(&kind, &DESK);
            world.aws.queues.create(&queue, Settings::default());
            config.queues.insert(queue.clone(), world.aws.queues.url(&queue));
        }
        let aws = |name: &str| match name {
            "AWS_REGION" => Some(arn::REGION.to_owned()),
            "AWS_ENDPOINT_URL" => Some(AWS_URL.to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
            _ => None,
        };
        let app = App::new(Parts {
            config,
            clock: world.clock.clone(),
            random: Random::seeded(7),
            aws: Access::from_environment(&aws, world.aws.http_client()),
            transport: Arc::new(way.clone()),
            kinds: kinds(),
            also: BTreeSet::from([DESK]),
        });
        Self { app: app.unwrap(), way }
    }

    async fn says(&self, kind: &Kind, id: &str, parent: Option<&str>) -> RecordKey {
        self.says_name(kind, id, parent, id).await
    }

    async fn says_name(&self, kind: &Kind, id: &str, parent: Option<&str>, name: &str) -> RecordKey {
        let arrival = arrival(kind, id, parent, &[("name", name)], None);
        match accept(&self.app, &arrival, Class::LIVE).await.unwrap() {
            Accepted::Changed { key, .. } => key,
            other => panic!("{other:?}"),
        }
    }

    async fn link(&self, key: &RecordKey) -> Link {
        let link = self.app.store.get::<Link>(&keys::link(key, &DESK)).await;
        link.unwrap().unwrap().body
    }

    /// One invocation about some records of a kind.
    async fn work(&self, kind: &Kind, records: &[RecordKey]) {
        let message = |it: &RecordKey| Incoming {
            id: it.to_string(),
            body: Message::Sync(it.clone(), DESK).write(),
            queue: sync_queue(kind, &DESK),
            sent_ms: self.app.clock.now_ms(),
        };
        let batch = records.iter().map(message).collect();
        let app = self.app.until(self.app.clock.now() + Duration::from_secs(30));
        let back = work(app, kind.clone(), batch).await.unwrap();
        assert_eq!(back, Vec::<String>::new());
    }

    /// What messages and the sweep do for one kind, until nothing of it is open or the time is over.
    async fn drive(&self, kind: Kind, records: &[RecordKey], batch: usize, until: Timestamp) {
        while self.app.clock.now() < until {
            let mut due = Vec::new();
            let mut open = 0;
            for key in records {
                let link = self.link(key).await;
                open += usize::from(link.status.is_open());
                let waits = link.status == Status::Parked || link.is_under_way(self.app.clock.now());
                let later = link.status == Status::Retrying && link.due_at.is_some_and(|it| it > self.app.clock.now());
                if link.status.is_open() && !waits && !later && due.len() < batch {
                    due.push(key.clone());
                }
            }
            if open == 0 {
                return;
            }
            self.work(&kind, &due).await;
            self.app.clock.sleep(Duration::from_secs(1)).await;
        }
    }
}
