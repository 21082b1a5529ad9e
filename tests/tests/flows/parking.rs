//! A child waits for its parent: two toy kinds, since leads have none, through the real engine.

use super::door::world;
use super::state::items;
use jiff::Timestamp;
use local::world::World;
use serde_json::Value as Json;
use shared::app::{App, Parts};
use shared::aws::Access;
use shared::model::{Arrival, Class, Kind, Link, Patch, Record, RecordKey, Status, System, Value};
use shared::random::Random;
use shared::store::keys;
use shared::sync::accept::{Accepted, accept};
use shared::sync::budget::Limits;
use shared::sync::fields::{FieldSpec, KindSpec, Origin, Owner, Route, Shape};
use shared::sync::push::{Done, push};
use shared::sync::target::{Job, Results, Standing, Target, WriteClass};
use shared::systems::{Action, CallError, Seen, Written};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PARENT: Kind = Kind::of("customer");
const CHILD: Kind = Kind::of("invoice");

fn field(name: &'static str, origin: Origin, systems: &[System]) -> FieldSpec {
    FieldSpec {
        name,
        shape: Shape::Text,
        owner: Owner::Is(System::PORTAL),
        clears: true,
        origin,
        columns: systems.iter().map(|it| (it.clone(), name.to_owned())).collect(),
    }
}

fn kind(kind: Kind, parent: Option<(Kind, &'static str)>) -> KindSpec {
    let route = |system, written, parent| Route {
        system,
        written,
        source: !written,
        parent,
    };
    let both = [System::PORTAL, System::BACKOFFICE];
    KindSpec {
        kind,
        fields: vec![field("name", Origin::Field, &both), field("customer", Origin::Key, &[])],
        routes: vec![
            route(System::PORTAL, false, None),
            route(System::BACKOFFICE, true, parent),
        ],
    }
}

/// A system that makes whatever it is asked for, and notes the order.
#[derive(Clone, Default)]
struct Toy {
    made: Arc<Mutex<Vec<String>>>,
    refuses: Arc<Mutex<Option<CallError>>>,
}

impl Target for Toy {
    fn system(&self) -> System {
        System::BACKOFFICE
    }
    fn limits(&self) -> Limits {
        Limits {
            windows: Vec::new(),
            concurrency: 0,
        }
    }
    fn batch(&self) -> usize {
        10
    }
    fn create_class(&self) -> WriteClass {
        WriteClass::Keyed
    }
    fn units(&self, _records: usize, _writes: bool) -> u64 {
        0
    }
    async fn find(&self, jobs: &[Job]) -> Result<Vec<Vec<Seen>>, CallError> {
        Ok(vec![Vec::new(); jobs.len()])
    }
    async fn read(&self, _id: &str) -> Result<Option<Seen>, CallError> {
        Ok(None)
    }
    async fn create(&self, jobs: &[Job]) -> Results {
        if let Some(refusal) = self.refuses.lock().unwrap().clone() {
            return Err(refusal);
        }
        let made = |job: &Job| {
            let id = job.record.key.to_string();
            self.made.lock().unwrap().push(id.clone());
            Ok(Written {
                id,
                modified: None,
                action: Action::Inserted,
                seen: None,
            })
        };
        Ok(jobs.iter().map(made).collect())
    }
    async fn update(&self, jobs: &[Job]) -> Results {
        self.create(jobs).await
    }
    fn alone(&self, _job: &Job) -> bool {
        false
    }
    async fn standing(&self) -> anyhow::Result<Standing> {
        Ok(Standing::Fine)
    }

    async fn check(&self) -> anyhow::Result<Result<(), CallError>> {
        Ok(Ok(()))
    }
}

async fn app(world: &World) -> App {
    let aws = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:4599".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
        _ => None,
    };
    App::new(Parts {
        config: world.app().config.clone(),
        clock: world.clock.clone(),
        random: Random::seeded(7),
        aws: Access::from_environment(&aws, world.aws.http_client()),
        transport: Arc::new(world.systems.clone()),
        kinds: vec![kind(PARENT, None), kind(CHILD, Some((PARENT, "customer")))],
        also: std::collections::BTreeSet::new(),
    })
    .unwrap()
}

async fn say(app: &App, kind: Kind, id: &str, customer: Option<&str>, class: Class) -> RecordKey {
    let mut keys = vec![("portal_id".to_owned(), id.to_owned())];
    keys.extend(customer.map(|it| ("customer".to_owned(), it.to_owned())));
    let arrival = Arrival {
        source: System::PORTAL,
        kind,
        source_id: Some(id.to_owned()),
        keys,
        fields: [("name".to_owned(), Patch::from(Value::text(id)))].into(),
        modified: None,
        made: None,
        confirmed: true,
        new_id: Some(id.to_owned()),
    };
    match accept(app, &arrival, class).await.unwrap() {
        Accepted::Changed { key, .. } => key,
        other => panic!("{other:?}"),
    }
}

async fn status(app: &App, key: &RecordKey) -> (Status, Class) {
    let link = app
        .store
        .get::<Link>(&keys::link(key, &System::BACKOFFICE))
        .await
        .unwrap()
        .unwrap()
        .body;
    (link.status, link.class)
}

async fn pushed(app: &App, toy: &Toy, key: &RecordKey) -> Done {
    let app = app.until(app.clock.now() + Duration::from_secs(30));
    let mut done = push(&app, toy, std::slice::from_ref(key)).await.unwrap();
    done.remove(key).unwrap().unwrap()
}

fn notes(world: &World) -> Vec<Json> {
    let is_note = |it: &Json| it["sk"]["S"].as_str().is_some_and(|it| it.starts_with("waits#"));
    items(world).into_iter().filter(is_note).collect()
}

#[tokio::test(start_paused = true)]
async fn a_child_is_never_made_before_its_parent() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let parent = say(&app, PARENT, "c1", None, Class::BACKFILL).await;
    let children = [
        say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await,
        say(&app, CHILD, "i2", Some("c1"), Class::LIVE).await,
    ];
    assert_ne!(children[0], children[1], "two children of one parent are two records");
    for child in &children {
        pushed(&app, &toy, child).await;
        assert_eq!(status(&app, child).await.0, Status::Parked);
    }
    assert_eq!((toy.made.lock().unwrap().len(), notes(&world).len()), (0, 2));
    assert_eq!(
        status(&app, &parent).await.1,
        Class::LIVE,
        "the parent goes in its child's class"
    );
    pushed(&app, &toy, &parent).await;
    for child in &children {
        assert_eq!(status(&app, child).await.0, Status::Pending, "released at once");
        pushed(&app, &toy, child).await;
        assert_eq!(status(&app, child).await.0, Status::Synced);
    }
    assert_eq!(*toy.made.lock().unwrap(), ["customer#c1", "invoice#i1", "invoice#i2"]);
    assert_eq!(notes(&world), Vec::<Json>::new());
}

#[tokio::test(start_paused = true)]
async fn a_child_whose_parent_does_not_exist_yet_is_released_when_it_comes() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let child = say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    pushed(&app, &toy, &child).await;
    assert_eq!(status(&app, &child).await.0, Status::Parked);
    let parent = say(&app, PARENT, "c1", None, Class::LIVE).await;
    pushed(&app, &toy, &parent).await;
    assert_eq!(status(&app, &child).await.0, Status::Pending);
}

/// The parent lands after the child's first look and before its note: the second look finds it.
#[tokio::test(start_paused = true)]
async fn a_parent_that_lands_meanwhile_leaves_no_child_parked() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let parent = say(&app, PARENT, "c1", None, Class::LIVE).await;
    let child = say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    // The note is the child's first write, and it takes a second.
    let first = std::sync::atomic::AtomicBool::new(true);
    world.aws.faults.set(move |call| {
        let is_note = call.operation == "PutItem" && first.swap(false, std::sync::atomic::Ordering::Relaxed);
        if is_note {
            local::fault::Verdict::DelayBefore(Duration::from_secs(1))
        } else {
            local::fault::Verdict::Pass
        }
    });
    let lands = async {
        world.clock.sleep(Duration::from_millis(500)).await;
        pushed(&app, &toy, &parent).await
    };
    let (parked, _) = tokio::join!(pushed(&app, &toy, &child), lands);
    world.aws.faults.clear();
    assert_eq!(status(&app, &parent).await.0, Status::Synced, "{parked:?}");
    assert_eq!(status(&app, &child).await.0, Status::Pending);
    assert_eq!(notes(&world), Vec::<Json>::new());
}

/// A parent that fails keeps its children parked, looked at again by the sweep's due time; it lands, and they go on.
#[tokio::test(start_paused = true)]
async fn a_parent_that_fails_keeps_its_children_parked_until_it_lands() {
    let world = world().await;
    let (app, toy) = (app(&world).await, Toy::default());
    let parent = say(&app, PARENT, "c1", None, Class::LIVE).await;
    let child = say(&app, CHILD, "i1", Some("c1"), Class::LIVE).await;
    *toy.refuses.lock().unwrap() = Some(CallError::Rejected("no such thing".into()));
    pushed(&app, &toy, &child).await;
    pushed(&app, &toy, &parent).await;
    assert_eq!(
        (status(&app, &parent).await.0, status(&app, &child).await.0),
        (Status::Failed, Status::Parked)
    );
    let link = app
        .store
        .get::<Link>(&keys::link(&child, &System::BACKOFFICE))
        .await
        .unwrap()
        .unwrap()
        .body;
    assert!(
        link.due_at
            .is_some_and(|it| it > app.clock.now() && it < Timestamp::MAX)
    );
    *toy.refuses.lock().unwrap() = None;
    // An edit opens the failed parent again.
    let record = app.store.get::<Record>(&keys::record(&parent)).await.unwrap().unwrap();
    assert_eq!(record.body.version, 1);
    let edited = Arrival {
        source: System::PORTAL,
        kind: PARENT,
        source_id: Some("c1".into()),
        keys: vec![("portal_id".into(), "c1".into())],
        fields: [("name".to_owned(), Patch::from(Value::text("better")))].into(),
        modified: None,
        made: None,
        confirmed: true,
        new_id: None,
    };
    accept(&app, &edited, Class::LIVE).await.unwrap();
    pushed(&app, &toy, &parent).await;
    assert_eq!(status(&app, &child).await.0, Status::Pending);
    pushed(&app, &toy, &child).await;
    assert_eq!(*toy.made.lock().unwrap(), ["customer#c1", "invoice#i1"]);
}
