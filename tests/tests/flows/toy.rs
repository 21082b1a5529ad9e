//! Two toy kinds, a parent and its child, since leads have none; and a system that makes whatever it is asked for.

use local::queues::Settings;
use local::world::World;
use shared::app::{App, Parts};
use shared::aws::Access;
use shared::job::sync_queue;
use shared::model::{Arrival, Class, Kind, Patch, RecordKey, System, Value};
use shared::random::Random;
use shared::sync::accept::{Accepted, accept};
use shared::sync::budget::Limits;
use shared::sync::fields::{FieldSpec, KindSpec, Origin, Owner, Parent, Route, Shape};
use shared::sync::target::{Job, Results, Target, WriteClass};
use shared::systems::{Action, CallError, Seen, Written};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

pub const PARENT: Kind = Kind::of("customer");
pub const CHILD: Kind = Kind::of("invoice");

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

fn kind(kind: Kind, parents: Vec<Parent>) -> KindSpec {
    let route = |system, written, parents| Route {
        system,
        written,
        source: !written,
        parents,
    };
    let both = [System::PORTAL, System::BACKOFFICE];
    KindSpec {
        kind,
        fields: vec![field("name", Origin::Field, &both), field("customer", Origin::Key, &[])],
        routes: vec![
            route(System::PORTAL, false, Vec::new()),
            route(System::BACKOFFICE, true, parents),
        ],
        class: Class::LIVE,
        calls: 1,
    }
}

/// A system that makes whatever it is asked for, and notes the order.
#[derive(Clone, Default)]
pub struct Toy {
    pub made: Arc<Mutex<Vec<String>>>,
    pub refuses: Arc<Mutex<Option<CallError>>>,
}

impl Target for Toy {
    /// Only the worker asks: tests push both kinds past it.
    fn kind(&self) -> Kind {
        CHILD
    }
    fn system(&self) -> System {
        System::BACKOFFICE
    }
    fn limits(&self) -> Limits {
        Limits {
            windows: Vec::new(),
            concurrency: 0,
        }
    }
    fn alone(&self, _job: &Job) -> bool {
        false
    }
    fn batch(&self) -> usize {
        10
    }
    fn create_class(&self) -> WriteClass {
        WriteClass::Keyed
    }
    fn units(&self, _count: usize, _writes: bool) -> u64 {
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
                held: None,
            })
        };
        Ok(jobs.iter().map(made).collect())
    }
    async fn update(&self, jobs: &[Job]) -> Results {
        self.create(jobs).await
    }
}

/// The world's app, but with the toy kinds and their queues.
pub async fn app(world: &World) -> App {
    let mut config = world.app().config.clone();
    for kind in [PARENT, CHILD] {
        let queue = sync_queue(&kind, &System::BACKOFFICE);
        world.aws.queues.create(&queue, Settings::default());
        config.queues.insert(queue.clone(), world.aws.queues.url(&queue));
    }
    let aws = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:4599".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
        _ => None,
    };
    App::new(Parts {
        config,
        clock: world.clock.clone(),
        random: Random::seeded(7),
        aws: Access::from_environment(&aws, world.aws.http_client()),
        transport: Arc::new(world.systems.clone()),
        kinds: vec![
            kind(PARENT, Vec::new()),
            kind(CHILD, vec![Parent::of(PARENT, "customer")]),
        ],
        also: BTreeSet::new(),
    })
    .unwrap()
}

pub async fn say(app: &App, kind: Kind, id: &str, customer: Option<&str>, class: Class) -> RecordKey {
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
        asked: None,
        confirmed: true,
        new_id: Some(id.to_owned()),
    };
    match accept(app, &arrival, class).await.unwrap() {
        Accepted::Changed { key, .. } => key,
        other => panic!("{other:?}"),
    }
}
